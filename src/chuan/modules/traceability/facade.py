"""What the rest of the product may ask of traceability."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError

from chuan.modules.traceability.enums import Scope
from chuan.modules.traceability.models import AccessKey
from chuan.modules.traceability.operations import keys

SCOPES = tuple(Scope.values)


class KeyRefused(ValueError):
    """No key was made or revoked; the message says why."""


def add_key(*, name: str, scopes: Sequence[str], by: str) -> str:
    """Make a key and return its text, which can never be read again.

    :raises KeyRefused: the name is in use, or there is no such scope.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise KeyRefused(f"scopes: {', '.join(SCOPES)}")
    try:
        _key, text = keys.add_key(name=name, scopes=[Scope(scope) for scope in scopes], by=by)
    except ValidationError as error:
        raise KeyRefused("; ".join(error.messages)) from None
    return text


def revoke_key(*, name: str, by: str) -> None:
    """Let nobody in with this key any more.

    :raises KeyRefused: no key of this name is in use.
    """
    try:
        keys.revoke_key(name=name, by=by)
    except AccessKey.DoesNotExist:
        raise KeyRefused(name) from None
