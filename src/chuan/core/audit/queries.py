from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit import rules, titles
from chuan.core.audit.models import Entry, Seal
from chuan.core.ui.search import folded_contains

GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends: how many lines are sealed, and the hash that covers them all."""

    position: int
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the ledger does not agree with its seals."""

    position: int | None
    entry_id: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a look at the whole ledger found."""

    head: Head
    breaks: list[Break]

    @property
    def is_intact(self) -> bool:
        return not self.breaks


def head() -> Head:
    last = Seal.objects.order_by("-position").first()
    return Head(0, GENESIS.hex()) if last is None else Head(last.position, bytes(last.hash).hex())


def verify(*, known: Head | None = None, limit: int = 100) -> Verification:
    """Compare every line with its seal, and every seal with the one before.

    :param known: a head that was written down elsewhere, in a backup or on paper. Cutting lines
        off the end leaves a shorter chain that fits together: only an older head can tell.
    """
    found: list[Break] = []
    for fault in _faults(known):
        found.append(fault)
        if len(found) >= limit:
            break
    return Verification(head(), found)


def breaks(*, known: Head | None = None, limit: int = 100) -> list[Break]:
    """Every place where a line was changed, removed, added or moved after it was sealed.

    The hashes are computed here and not in the database: whoever can change a row can also
    change a database function.
    """
    return verify(known=known, limit=limit).breaks


def readable_actions(person: object) -> frozenset[str] | None:
    """Actions whose lines somebody may read; None for all of them, also those nobody named."""
    return None if rules.read_whole_ledger.allows(person) else titles.administrative_actions()


def entries(
    *,
    among: frozenset[str] | None = None,
    actor: str = "",
    actions: list[str] | None = None,
    subject: str = "",
    first_day: date | None = None,
    last_day: date | None = None,
) -> QuerySet[Entry]:
    """Lines of the ledger, newest first, with their seals.

    :param among: lines of these actions only; None for every line.
    :param actor: part of the name of who acted, as it was written then, any case, tones or none.
    :param subject: part of the name of what was acted on, likewise.
    :param first_day: days of the province, both included.
    """
    found = Entry.objects.select_related("seal")
    if among is not None:
        found = found.filter(action__in=among)
    if actor:
        found = found.filter(folded_contains(actor, "actor_name"))
    if subject:
        found = found.filter(folded_contains(subject, "subject_name"))
    if actions:
        found = found.filter(action__in=actions)
    if first_day:
        found = found.filter(recorded_at__gte=_midnight(first_day))
    if last_day:
        found = found.filter(recorded_at__lt=_midnight(last_day + timedelta(days=1)))
    return found.order_by("-id")


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


# The same text the trigger of migration 0002 hashes.
_ROWS = """
    SELECT s.position, s.entry_id, s.previous_hash, s.hash, e.id,
           jsonb_build_array(e.id, e.action, e.actor_id, e.actor_name, e.subject_model,
               e.subject_id, e.subject_name, e.details,
               (extract(epoch FROM e.recorded_at) * 1000000)::bigint)::text
    FROM audit_seal s FULL JOIN audit_entry e ON e.id = s.entry_id
    ORDER BY s.position NULLS LAST, e.id
"""


def _faults(known: Head | None) -> Iterator[Break]:
    expected_position, previous = 1, GENESIS
    is_known_seen = known is None or known.position == 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DECLARE ledger NO SCROLL CURSOR FOR " + _ROWS)
        while rows := _next(cursor):
            for position, sealed_id, previous_hash, sealed_hash, entry_id, text in rows:
                if position is None:
                    yield Break(None, entry_id, _("dòng không có dấu niêm"))
                    continue
                if position != expected_position:
                    missing = _("thiếu dấu niêm số %(position)s") % {"position": expected_position}
                    yield Break(position, sealed_id, missing)
                if bytes(previous_hash) != previous:
                    yield Break(position, sealed_id, _("không nối với dấu niêm trước"))
                if entry_id is None:
                    yield Break(position, sealed_id, _("dòng đã bị xóa"))
                elif _hash(bytes(previous_hash), text) != bytes(sealed_hash):
                    yield Break(position, sealed_id, _("nội dung dòng đã bị sửa"))
                if known is not None and position == known.position:
                    is_known_seen = True
                    if bytes(sealed_hash).hex() != known.hash:
                        yield Break(position, sealed_id, _("khác với dấu niêm đã ghi lại"))
                expected_position, previous = position + 1, bytes(sealed_hash)
        cursor.execute("CLOSE ledger")
    if known is not None and not is_known_seen:
        reason = _("mất các dòng cuối: dấu niêm đã ghi lại không còn")
        yield Break(known.position, None, reason)


def _next(cursor: CursorWrapper) -> list[tuple[Any, ...]]:
    cursor.execute("FETCH 2000 FROM ledger")
    return list(cursor.fetchall())


def _hash(previous: bytes, text: str) -> bytes:
    return hashlib.sha256(previous + text.encode()).digest()
