"""Taking in what documents tell about places, parties and products."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from chuan.modules.traceability.engine.documents import Document
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.enums import MasterKind
from chuan.modules.traceability.models import AccessKey, MasterRecord
from chuan.modules.traceability.queries.keys import parties_of
from chuan.modules.traceability.queries.numbers import Owned

LONGEST = 500
# What one place may be told to hold: a warehouse has rooms, not a province.
MOST_CHILDREN = 1_000
# The vocabularies of CBV 2.0, section 9, by the end of their names.
_KINDS: Mapping[str, MasterKind] = {
    "BusinessLocation": MasterKind.PLACE,
    "ReadPoint": MasterKind.PLACE,
    "Location": MasterKind.PLACE,
    "EPCClass": MasterKind.PRODUCT,
    "EPCInstance": MasterKind.PRODUCT,
    "SourceDest": MasterKind.PARTY,
    "Party": MasterKind.PARTY,
}


# Most documents tell nothing of the kind: what captures them needs no place to return to.
@transaction.atomic(savepoint=False)
def keep_master_data(*, key: AccessKey, document: Document) -> int:
    """Keep what a document tells beside its events, over what the same key told before; returns how
    many rows that were.

    The key of a party names what is its own: nobody else's places, parties and products. The key of
    an authority names what is within its remit.
    """
    entries = [
        (kind, canonical(str(entry.get("id", ""))), _children(entry), entry)
        for kind, entry in _entries(document.envelope)
    ]
    if not entries:
        return 0
    now, parties = timezone.now(), parties_of(key)
    named = {name for _kind, uri, children, _entry in entries for name in (uri, *children)}
    owned = None if parties is None else Owned(parties, named)
    rows: dict[tuple[str, str], MasterRecord] = {}
    for kind, uri, children, entry in entries:
        if not uri or len(uri) > LONGEST or (owned and not owned.has(uri)):
            continue
        rows[uri, kind] = MasterRecord(
            uri=uri,
            kind=kind,
            attributes=_attributes(entry),
            children=[one for one in children if owned is None or owned.has(one)],
            told_by=key,
            first_told_at=now,
            told_at=now,
        )
    MasterRecord.objects.bulk_create(
        [rows[name] for name in sorted(rows)],
        update_conflicts=True,
        unique_fields=["uri", "kind", "told_by"],
        update_fields=["attributes", "children", "told_at"],
        batch_size=1000,
    )
    return len(rows)


def _entries(envelope: Mapping[str, Any]) -> Iterator[tuple[MasterKind, Mapping[str, Any]]]:
    """Headers are kept as they come, so nothing here is sure to be what it should."""
    for holder in (envelope.get("epcisHeader"), envelope.get("epcisBody")):
        if not isinstance(holder, dict):
            continue
        data = holder.get("epcisMasterData", holder)
        for vocabulary in _objects(data.get("vocabularyList") if isinstance(data, dict) else None):
            kind = _KINDS.get(str(vocabulary.get("type", "")).rpartition(":")[2])
            for entry in _objects(vocabulary.get("vocabularyElementList")):
                if kind is not None:
                    yield kind, entry


def _attributes(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the last part of their names; the first of several values counts."""
    found: dict[str, Any] = {}
    for attribute in _objects(entry.get("attributes")):
        name = str(attribute.get("id", ""))
        for mark in ("#", "/", ":"):
            name = name.rpartition(mark)[2]
        if name:
            found.setdefault(name, attribute.get("attribute"))
    return found


def _children(entry: Mapping[str, Any]) -> list[str]:
    told = entry.get("children")
    links = [canonical(one) for one in _list(told) if isinstance(one, str)]
    return [link for link in links if len(link) <= LONGEST][:MOST_CHILDREN]


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in _list(value) if isinstance(one, dict)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
