"""Which key was shown, and which keys there are."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django.core import signing
from django.db.models import Q, QuerySet

from chuan.modules.traceability.models import AccessKey, Party

TOKENS_LAST = timedelta(minutes=15)
TOKEN = "chuan-token."  # noqa: S105 - how tokens begin
_SALT = "chuan.traceability.token"
_CLIENT = "key-"
# Of a digest, enough to tell that the key was changed.
_MARK = 16
# Seconds for which a process takes a key for what it was when it last looked: a revoked key is refused
# at once by the process that revoked it, and after so long by all others.
KNOWN_FOR = 1.0
_MOST_KNOWN = 10_000
# By digest or number: when it was read, and the key.
_known: dict[bytes | int, tuple[float, AccessKey]] = {}


def forget_known_keys() -> None:
    """Look at every key again before it lets anybody in."""
    _known.clear()


def _shown(name: bytes | int, find: Callable[[], AccessKey | None]) -> AccessKey | None:
    """A key as it was a moment ago, or as it is; nothing is remembered of texts that are no keys."""
    at = time.monotonic()
    read_at, key = _known.get(name, (0.0, None))
    if key is not None and at - read_at < KNOWN_FOR:
        return key
    key = find()
    if key is None:
        _known.pop(name, None)
        return None
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[name] = at, key
    return key


def key_shown(text: str, *, at: datetime) -> AccessKey | None:
    """Whose text this is, a key's or a token's, if it lets anybody in at this instant."""
    if text.startswith(TOKEN):
        return key_of_token(text, at=at)
    digest = digest_of(text)
    key = _shown(digest, lambda: key_of(digest, at=at))
    if key is None or not key.is_good(at=at):
        return None
    return key if key.has_digest(digest, at=at) else None


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


def client_id_of(key: AccessKey) -> str:
    """How a machine names itself where it asks for tokens (RFC 6749, section 2.2)."""
    return f"{_CLIENT}{key.pk}"


def client_of(client_id: str, secret: str, *, at: datetime) -> AccessKey | None:
    """The key of a machine that shows its id and its text."""
    key = key_of(digest_of(secret), at=at)
    return key if key is not None and client_id_of(key) == client_id else None


def token_for(key: AccessKey, scopes: Collection[str]) -> str:
    """A text that opens what these scopes say, for as long as `TOKENS_LAST`, while the key is good
    and has not been changed."""
    told = {"k": key.pk, "d": bytes(key.digest).hex()[:_MARK], "s": sorted(scopes)}
    return TOKEN + signing.dumps(told, salt=_SALT)


def key_of_token(text: str, *, at: datetime) -> AccessKey | None:
    """The key a token was given for, with no more than its scopes."""
    try:
        told = signing.loads(text.removeprefix(TOKEN), salt=_SALT, max_age=TOKENS_LAST)
    except signing.BadSignature:
        return None
    found = AccessKey.objects.filter(pk=told["k"]).select_related("party")
    key = _shown(told["k"], found.first)
    if key is None or not key.is_good(at=at):
        return None
    if bytes(key.digest).hex()[:_MARK] != told["d"]:
        return None
    return key.narrowed(told["s"])


def digest_of(text: str) -> bytes:
    """What is kept of a key. Its text is random and long, so one round of hashing hides it."""
    return hashlib.sha256(text.encode()).digest()
