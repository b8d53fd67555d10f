from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from chuan.core.audit.models import Seal

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


def head() -> Head:
    last = Seal.objects.order_by("-position").first()
    return Head(0, GENESIS.hex()) if last is None else Head(last.position, bytes(last.hash).hex())


def breaks(*, limit: int = 100) -> list[Break]:
    """Every place where a line was changed, removed, added or moved after it was sealed.

    The hashes are computed here and not in the database: whoever can change a row can also
    change a database function.
    """
    found: list[Break] = []
    for fault in _faults():
        found.append(fault)
        if len(found) >= limit:
            break
    return found


# The same text the trigger of migration 0002 hashes: fields joined by the unit separator.
_ROWS = """
    SELECT s.position, s.entry_id, s.previous_hash, s.hash, e.id,
           concat_ws(chr(31), e.id::text, e.action, coalesce(e.actor_id::text, ''), e.actor_name,
                     e.subject_model, e.subject_id, e.subject_name, e.details::text,
                     (extract(epoch from e.recorded_at) * 1000000)::bigint::text)
    FROM audit_seal s FULL JOIN audit_entry e ON e.id = s.entry_id
    ORDER BY s.position NULLS LAST, e.id
"""


def _faults() -> Iterator[Break]:
    expected_position, previous = 1, GENESIS
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DECLARE ledger NO SCROLL CURSOR FOR " + _ROWS)
        while True:
            cursor.execute("FETCH 2000 FROM ledger")
            rows = cursor.fetchall()
            if not rows:
                return
            for position, sealed_id, previous_hash, sealed_hash, entry_id, text in rows:
                if position is None:
                    yield Break(None, entry_id, "dòng không có dấu niêm")
                    continue
                if position != expected_position:
                    yield Break(position, sealed_id, f"thiếu dấu niêm số {expected_position}")
                if bytes(previous_hash) != previous:
                    yield Break(position, sealed_id, "không nối với dấu niêm trước")
                if entry_id is None:
                    yield Break(position, sealed_id, "dòng đã bị xóa")
                elif _hash(bytes(previous_hash), text) != bytes(sealed_hash):
                    yield Break(position, sealed_id, "nội dung dòng đã bị sửa")
                expected_position, previous = position + 1, bytes(sealed_hash)


def _hash(previous: bytes, text: str) -> bytes:
    return hashlib.sha256(previous + text.encode()).digest()
