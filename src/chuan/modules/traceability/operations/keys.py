"""Keys for machines, made and revoked by whoever runs the server."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from chuan.core.audit.operations import record
from chuan.modules.traceability.enums import Scope
from chuan.modules.traceability.models import AccessKey

BEGINNING = "chuan_"


@transaction.atomic
def add_key(*, name: str, scopes: Sequence[Scope], by: str) -> tuple[AccessKey, str]:
    """Make a key; returns it with its text, which can never be read again.

    :param by: who asked, for the ledger.
    :raises ValidationError: a key of this name is in use.
    """
    text = BEGINNING + secrets.token_urlsafe(32)
    key = AccessKey(
        name=name,
        digest=digest_of(text),
        scopes=sorted(scope.value for scope in set(scopes)),
        created_at=timezone.now(),
    )
    key.full_clean()
    key.save()
    record(action="traceability.key_added", actor=None, by=by, subject=key, scopes=key.scopes)
    return key, text


@transaction.atomic
def revoke_key(*, name: str, by: str) -> AccessKey:
    """Let nobody in with this key any more.

    :raises AccessKey.DoesNotExist: no key of this name is in use.
    """
    key = AccessKey.objects.select_for_update().get(name=name, revoked_at=None)
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    record(action="traceability.key_revoked", actor=None, by=by, subject=key)
    return key


def digest_of(text: str) -> bytes:
    """What is kept of a key. Its text is random and long, so one round of hashing hides it."""
    return hashlib.sha256(text.encode()).digest()
