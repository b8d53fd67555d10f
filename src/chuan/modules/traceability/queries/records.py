"""One event as people read it: what it says, what was said of it since, how it came in."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chuan.core.people.models import Person
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.documents import Document
from chuan.modules.traceability.engine.facts import Part, Role, parts_of
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.patterns import Pattern
from chuan.modules.traceability.engine.query import Query
from chuan.modules.traceability.engine.reading_json import write_json
from chuan.modules.traceability.engine.values import instant
from chuan.modules.traceability.engine.vocabulary import Form, Vocabulary
from chuan.modules.traceability.engine.writing_xml import write_xml
from chuan.modules.traceability.models import AccessKey, CaptureJob
from chuan.modules.traceability.queries import master
from chuan.modules.traceability.queries.events import document_of
from chuan.modules.traceability.queries.sight import sight_of_person
from chuan.modules.traceability.store import reading
from chuan.modules.traceability.store.reading import Kept, Row
from chuan.modules.traceability.titles import Said, said

MOST_LISTED = 200
# Ids of correcting events that are looked up; a declaration may name any number.
_MOST_CORRECTIVES = 50


@dataclass(frozen=True, slots=True)
class Declaration:
    """That an event was wrong: since when, why, and which events say it right (None: none of that id
    is seen)."""

    number: int
    at: datetime | None
    reason: Said | None
    correctives: Sequence[tuple[str, int | None]]


@dataclass(frozen=True, slots=True)
class Record:
    """An event with all that stands around it.

    `declared` are the declarations that it was wrong; `declares` is what it says itself of another
    event, whose number is `wrong`. `key` and `job` are who told it and in which document, for whoever
    may know.
    """

    number: int
    uri: str
    row: Row
    fields: Mapping[str, Any]
    parts: Sequence[Part]
    names: Mapping[str, str]
    declared: Sequence[Declaration]
    declares: Declaration | None
    wrong: int | None
    key: AccessKey | None
    job: CaptureJob | None


def record_of(person: Person, number: int) -> Record | None:
    """The event of a number, as somebody sees it; None where it is not there for them.

    :raises Denied: they have nothing to do with any chain.
    """
    sight = sight_of_person(person)
    kept = next(iter(reading.kept([number], sight=sight)), None)
    if kept is None:
        return None
    fields = json.loads(kept.row.body)
    others = [
        (row, json.loads(row.body))
        for row in reading.with_id(kept.uri, sight=sight)
        if row.event_id != number
    ]
    told = [(row, event) for row, event in others if "errorDeclaration" in event]
    declares = "errorDeclaration" in fields
    uris = {
        uri for event in [fields, *(event for _row, event in told)] for uri in _correctives(event)
    }
    numbers = reading.numbers_of(uris, sight=sight) if uris else {}
    parts = parts_of(fields)
    key = _teller(person, kept)
    return Record(
        number=number,
        uri=kept.uri,
        row=kept.row,
        fields=fields,
        parts=parts,
        names=master.names_of(_named(fields, parts)),
        declared=[]
        if declares
        else [_declaration(row.event_id, event, numbers) for row, event in told],
        declares=_declaration(number, fields, numbers) if declares else None,
        wrong=next((row.event_id for row, event in others if "errorDeclaration" not in event), None)
        if declares
        else None,
        key=key,
        job=_document_of(kept) if key else None,
    )


def events_listed(
    person: Person, *, numbers: Collection[int] = (), thing: str = ""
) -> tuple[list[Kept], bool]:
    """Some events, or those that name a thing, the newest first; and whether there are more.

    :raises Denied: they have nothing to do with any chain.
    """
    sight = sight_of_person(person)
    if thing:
        query = Query()
        query.matches.append((tuple(Role), [Pattern(exact=(canonical(thing),))]))
        numbers = []
        for row in reading.find(query, sight=sight, chunk=MOST_LISTED + 1):
            numbers.append(row.event_id)
            if len(numbers) > MOST_LISTED:
                break
    found = reading.kept(sorted(numbers)[: MOST_LISTED + 1], sight=sight)
    return found[:MOST_LISTED], len(found) > MOST_LISTED


def written(record: Record, *, at: datetime, in_xml: bool) -> bytes:
    """The event alone, as a document that another system takes.

    :raises ValueError: it has letters or names that XML has not.
    """
    document: Document = document_of(
        [record.row], at=at, query_name="SimpleEventQuery", translate=lambda event: event
    )
    if in_xml:
        return write_xml(document, form=Form.URN)
    return json.dumps(write_json(document), ensure_ascii=False, indent=2).encode()


def _declaration(number: int, event: Mapping[str, Any], numbers: Mapping[str, int]) -> Declaration:
    told = event["errorDeclaration"]
    return Declaration(
        number,
        instant(str(told.get("declarationTime", ""))),
        said(str(told["reason"]), Vocabulary.ERROR_REASON) if told.get("reason") else None,
        [(uri, numbers.get(uri)) for uri in _correctives(event)],
    )


def _correctives(event: Mapping[str, Any]) -> list[str]:
    told = event.get("errorDeclaration") or {}
    return [str(uri) for uri in told.get("correctiveEventIDs") or ()][:_MOST_CORRECTIVES]


def _teller(person: Person, kept: Kept) -> AccessKey | None:
    """Who told an event, for authorities and for whoever told it."""
    if kept.captured_by is None:
        return None
    key = AccessKey.objects.filter(pk=kept.captured_by).select_related("party").first()
    if key is None or rules.see_chains.allows(person):
        return key
    own = key.party is not None and rules.keep_registry.allows(person, key.party)
    return key if own else None


def _document_of(kept: Kept) -> CaptureJob | None:
    """The document in which an event came; single events come in none."""
    at = kept.row.record_time
    return (
        CaptureJob.objects.filter(
            key_id=kept.captured_by, created_at__lte=at, finished_at__gte=at, event_count__gt=0
        )
        .order_by("-created_at", "pk")
        .first()
    )


def _named(event: Mapping[str, Any], parts: Collection[Part]) -> set[str]:
    """Everything in an event that may be called something: places, parties, a few of its things."""
    names = {part.uri for part in list(parts)[:MOST_LISTED]}
    for field in ("readPoint", "bizLocation"):
        if event.get(field):
            names.add(canonical(event[field]["id"]))
    for field, element in (("sourceList", "source"), ("destinationList", "destination")):
        names |= {canonical(one[element]) for one in event.get(field) or ()}
    return names
