"""Keys for machines, made, renewed and revoked by whoever runs the server."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.modules.traceability.engine.quotas import STANDARD, UNLIMITED, classes
from chuan.modules.traceability.enums import Scope
from chuan.modules.traceability.models import AccessKey, Party
from chuan.modules.traceability.models.access import EVERYTHING
from chuan.modules.traceability.queries.keys import (
    TOKENS_LAST,
    digest_of,
    forget_known_keys,
    token_for,
)

__all__ = ["BEGINNING", "add_key", "digest_of", "give_token", "revoke_key", "rotate_key"]

BEGINNING = "chuan_"


@transaction.atomic
def add_key(
    *,
    name: str,
    scopes: Sequence[Scope],
    by: str,
    party: Party | None = None,
    remit: Sequence[Party] | None = None,
    sees_everything: bool = False,
    expires_at: datetime | None = None,
    quota: str = "",
) -> tuple[AccessKey, str]:
    """Make a key; returns it with its text, which can never be read again.

    :param by: who asked, for the ledger.
    :param party: whose machine it is, or
    :param remit: for an authority: the parties it watches over, or
    :param sees_everything: for an authority that watches over all; none of the three: the key sees
        what is told with it.
    :param quota: a class of `data/quotas.toml`; empty: what is usual for whoever it is.
    :raises ValidationError: a key of this name is in use, several are said to have it, or it would
        end before it begins.
    """
    now = timezone.now()
    if [party is not None, remit is not None, sees_everything].count(True) > 1:
        raise ValidationError(_("Khóa là của một đơn vị, hoặc của một cơ quan quản lý."))
    if expires_at is not None and expires_at <= now:
        raise ValidationError(_("Khóa phải hết hạn sau thời điểm này."))
    quota = quota or (UNLIMITED if sees_everything else STANDARD)
    if quota not in classes():
        raise ValidationError(_("Không có hạn mức này."))
    watched = None if party else sorted(str(one.code) for one in remit or ())
    text = BEGINNING + secrets.token_urlsafe(32)
    key = AccessKey(
        name=name,
        digest=digest_of(text),
        scopes=sorted(scope.value for scope in set(scopes)),
        party=party,
        remit=[EVERYTHING] if sees_everything else watched,
        created_at=now,
        expires_at=expires_at,
        quota=quota,
    )
    key.full_clean()
    key.save()
    record(
        action="traceability.key_added",
        actor=None,
        by=by,
        subject=key,
        scopes=key.scopes,
        party=party.pk if party else None,
        remit=key.remit,
        quota=quota,
        expires_at=expires_at.isoformat() if expires_at else None,
    )
    return key, text


@transaction.atomic
def revoke_key(*, name: str, by: str) -> AccessKey:
    """Let nobody in with this key any more.

    :raises AccessKey.DoesNotExist: no key of this name is in use.
    """
    key = AccessKey.objects.select_for_update().get(name=name, revoked_at=None)
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    forget_known_keys()
    record(action="traceability.key_revoked", actor=None, by=by, subject=key)
    return key


@transaction.atomic
def rotate_key(*, name: str, by: str, grace: timedelta) -> tuple[AccessKey, str]:
    """Give a key a new text; the old one opens for `grace` longer, so that nobody is shut out while
    machines are told.

    :raises AccessKey.DoesNotExist: no key of this name is in use.
    :raises ValidationError: it has ended by itself: who needs it makes a new one.
    """
    now = timezone.now()
    key = AccessKey.objects.select_for_update().get(name=name, revoked_at=None)
    if not key.is_good(at=now):
        raise ValidationError(_("Khóa này đã hết hạn."))
    text = BEGINNING + secrets.token_urlsafe(32)
    key.previous_digest, key.previous_until = bytes(key.digest), now + grace
    key.digest = digest_of(text)
    key.save(update_fields=["digest", "previous_digest", "previous_until"])
    forget_known_keys()
    record(
        action="traceability.key_rotated",
        actor=None,
        by=by,
        subject=key,
        previous_until=key.previous_until.isoformat(),
    )
    return key, text


@transaction.atomic
def give_token(*, key: AccessKey, scopes: Collection[str]) -> str:
    """A short-lived token for a machine that has shown its id and key (RFC 6749, section 4.4).

    :param scopes: some of the key's own.
    """
    text = token_for(key, scopes)
    record(
        action="traceability.token_given",
        actor=None,
        by=key.name,
        subject=key,
        scopes=sorted(scopes),
        seconds=int(TOKENS_LAST.total_seconds()),
    )
    return text
