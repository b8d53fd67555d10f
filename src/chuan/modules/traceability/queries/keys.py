"""Which key was shown, and which keys there are."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from chuan.modules.traceability.models import AccessKey, Party


def key_of(digest: bytes, *, at: datetime) -> AccessKey | None:
    """The key of a text, by its digest, if it lets anybody in at this instant."""
    told = Q(digest=digest) | Q(previous_digest=digest, previous_until__gt=at)
    good = Q(expires_at=None) | Q(expires_at__gt=at)
    return AccessKey.objects.filter(told & good, revoked_at=None).select_related("party").first()


def keys_in_use() -> QuerySet[AccessKey]:
    """Keys that were not revoked, by name; those that ended by themselves are among them."""
    return AccessKey.objects.filter(revoked_at=None).select_related("party").order_by("name", "pk")


def parties_of(key: AccessKey) -> list[Party] | None:
    """The parties a key speaks for: its own, or those in its remit; None: all there are."""
    if key.sees_everything:
        return None
    if key.party is not None:
        return [key.party]
    return list(Party.objects.filter(code__in=key.remit or ()).order_by("pk"))
