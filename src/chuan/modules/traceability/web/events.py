"""A single event: what, when, where, why, how, what was said of it since, and its text to take away."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.table_files import attached
from chuan.core.ui.views import explain
from chuan.lib.language import shown_number
from chuan.lib.whole_numbers import whole_number
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.facts import Part, Role, parts_of
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.scanned import read_text
from chuan.modules.traceability.engine.values import instant
from chuan.modules.traceability.engine.vocabulary import Form, Vocabulary, written
from chuan.modules.traceability.queries import master, records
from chuan.modules.traceability.queries.records import MOST_LISTED, Record
from chuan.modules.traceability.titles import (
    Said,
    action_of,
    attribute,
    kind_of,
    said,
    title_of_step,
    unit,
)

_ROLES: Mapping[Role, Promise] = {
    Role.THING: gettext_lazy("Hàng"),
    Role.THING_CLASS: gettext_lazy("Hàng"),
    Role.PARENT: gettext_lazy("Kiện, vật chứa"),
    Role.CHILD: gettext_lazy("Bên trong"),
    Role.CHILD_CLASS: gettext_lazy("Bên trong"),
    Role.INPUT: gettext_lazy("Đưa vào"),
    Role.INPUT_CLASS: gettext_lazy("Đưa vào"),
    Role.OUTPUT: gettext_lazy("Làm ra"),
    Role.OUTPUT_CLASS: gettext_lazy("Làm ra"),
}
# What the page says elsewhere, or is no field of the event's own.
_SHOWN = frozenset(
    {
        *("@context", "type", "eventID", "eventTime", "eventTimeZoneOffset", "recordTime"),
        *("action", "bizStep", "disposition", "readPoint", "bizLocation", "parentID"),
        *("epcList", "quantityList", "childEPCs", "childQuantityList", "inputEPCList"),
        *("inputQuantityList", "outputEPCList", "outputQuantityList", "sourceList"),
        *("destinationList", "bizTransactionList", "errorDeclaration", "sensorElementList"),
        *("transformationID", "persistentDisposition", "ilmd"),
    }
)
_MOST_NUMBERS = 500


@dataclass(frozen=True, slots=True)
class Thing:
    """One identifier in an event, in one role, with where it leads whoever reads."""

    shown: str
    name: str
    role: Promise
    amount: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """One event of a list."""

    number: int
    title: Promise
    step: Said | None
    kind: Said
    at: Any
    place: str
    things: Sequence[str]
    more: int
    is_declaration: bool


def address_of(numbers: Iterable[int]) -> str:
    """Where these events are read: one by itself, several in a list."""
    wanted = sorted(set(numbers))[:_MOST_NUMBERS]
    if len(wanted) == 1:
        return reverse("chains:event", args=wanted)
    return reverse("chains:events", query={"so": ",".join(map(str, wanted))})


@require_safe
def list_events(request: SignedInRequest) -> HttpResponse:
    """Events by number, or those that name a thing."""
    # A zero byte is no part of any name, and no table takes it.
    thing = request.GET.get("ma", "")[:500].replace("\0", "")
    told = request.GET.get("so", "")[:10_000].split(",")[:_MOST_NUMBERS]
    numbers = [number for one in told if (number := whole_number(one)) is not None]
    found, is_cut = records.events_listed(request.user, numbers=numbers, thing=thing)
    events = [(kept, json.loads(kept.row.body)) for kept in found]
    places = {_spot(event) for _kept, event in events} - {""}
    names = master.names_of(places)
    lines = []
    for kept, event in events:
        parts = parts_of(event)
        place = _spot(event)
        lines.append(
            Line(
                kept.row.event_id,
                title_of_step(_bare(event, "bizStep", Vocabulary.BIZ_STEP)),
                _said(event, "bizStep", Vocabulary.BIZ_STEP),
                kind_of(event["type"]),
                kept.row.event_time,
                names.get(place) or (master.shown(place) if place else ""),
                [master.shown(part.uri) for part in parts[:3]],
                max(0, len(parts) - 3),
                "errorDeclaration" in event,
            )
        )
    context = {
        "lines": lines,
        "is_cut": is_cut,
        "most": MOST_LISTED,
        "thing": master.shown(thing) if thing else "",
        "thing_uri": thing,
        "sees_chains": rules.see_chains.allows(request.user),
    }
    return render(request, "traceability/events.html", context)


@require_safe
def show_event(request: SignedInRequest, event_id: int) -> HttpResponse:
    record = _record(request, event_id)
    event = record.fields
    things = [_thing(request, record, part) for part in record.parts[:MOST_LISTED]]
    context = {
        "record": record,
        "title": title_of_step(_bare(event, "bizStep", Vocabulary.BIZ_STEP)),
        "kind": kind_of(event["type"]),
        "action": action_of(event["action"]) if event.get("action") else None,
        "step": _said(event, "bizStep", Vocabulary.BIZ_STEP),
        "disposition": _said(event, "disposition", Vocabulary.DISPOSITION),
        "lasting": _lasting(event),
        "offset": event.get("eventTimeZoneOffset", ""),
        "declared_on": _declared_on(event),
        "read_point": _place(record, event.get("readPoint")),
        "location": _place(record, event.get("bizLocation")),
        "sources": _parties(record, event, "sourceList", "source"),
        "destinations": _parties(record, event, "destinationList", "destination"),
        "transactions": [
            (
                said(one.get("type", ""), Vocabulary.BIZ_TRANSACTION),
                master.shown(canonical(one["bizTransaction"])),
            )
            for one in event.get("bizTransactionList") or ()
        ],
        "transformation": event.get("transformationID", ""),
        "things": things,
        "more": max(0, len(record.parts) - MOST_LISTED),
        "sensors": _sensors(event),
        "attributes": [
            (attribute(name), _text(value))
            for name, value in (event.get("ilmd") or {}).items()
            if not name.startswith("@")
        ],
        "others": [(name, _text(value)) for name, value in event.items() if name not in _SHOWN],
        "text": json.dumps(dict(event), ensure_ascii=False, indent=2),
        "sees_chains": rules.see_chains.allows(request.user),
    }
    return render(request, "traceability/event.html", context)


@require_safe
def download_event(request: SignedInRequest, event_id: int, syntax: str) -> HttpResponse:
    """The event as a document of EPCIS, JSON or XML."""
    if syntax not in ("json", "xml"):
        raise Http404
    record = _record(request, event_id)
    try:
        text = records.written(record, at=timezone.now(), in_xml=syntax == "xml")
    except ValueError:
        return explain(
            request,
            406,
            _("Sự kiện này không viết được bằng XML"),
            [_("Nó có trường hoặc ký tự mà XML không chứa được. Hãy tải dạng JSON.")],
            retry_url=reverse("chains:event", args=[event_id]),
        )
    kind = "application/xml" if syntax == "xml" else "application/ld+json"
    return attached(HttpResponse(text, content_type=kind), f"su-kien-{event_id}.{syntax}")


def _record(request: SignedInRequest, event_id: int) -> Record:
    record = records.record_of(request.user, event_id) if event_id < 2**63 else None
    if record is None:
        raise Http404
    return record


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _said(event: Mapping[str, Any], name: str, vocabulary: Vocabulary) -> Said | None:
    return said(event[name], vocabulary) if event.get(name) else None


def _lasting(event: Mapping[str, Any]) -> list[tuple[str, list[Said]]]:
    """States that hold until an event ends them, as this one begins or ends them."""
    told = event.get("persistentDisposition") or {}
    titles = (("set", _("Từ đây hàng")), ("unset", _("Từ đây thôi")))
    return [
        (title, [said(word, Vocabulary.DISPOSITION) for word in told[name]])
        for name, title in titles
        if told.get(name)
    ]


def _bare(event: Mapping[str, Any], name: str, vocabulary: Vocabulary) -> str:
    word = event.get(name)
    return written(word, vocabulary, Form.BARE) if word else ""


def _spot(event: Mapping[str, Any]) -> str:
    spot = event.get("bizLocation") or event.get("readPoint")
    return canonical(spot["id"]) if spot else ""


def _place(record: Record, spot: Mapping[str, Any] | None) -> tuple[str, str] | None:
    """What a place is called, and its number."""
    if not spot:
        return None
    uri = canonical(spot["id"])
    return record.names.get(uri, ""), master.shown(uri)


def _parties(
    record: Record, event: Mapping[str, Any], field: str, element: str
) -> list[tuple[Said, str, str]]:
    return [
        (
            said(one.get("type", ""), Vocabulary.SOURCE_DESTINATION),
            record.names.get(canonical(one[element]), ""),
            master.shown(canonical(one[element])),
        )
        for one in event.get(field) or ()
    ]


def _declared_on(event: Mapping[str, Any]) -> Any:
    return instant(str((event.get("errorDeclaration") or {}).get("declarationTime", "")))


def _thing(request: SignedInRequest, record: Record, part: Part) -> Thing:
    amount = ""
    if part.quantity is not None:
        amount = f"{_number(part.quantity)} {unit(part.uom or '')}".strip()
    return Thing(
        master.shown(part.uri),
        record.names.get(part.uri, ""),
        _ROLES[part.role],
        amount,
        _leads_to(request, part.uri),
    )


def _leads_to(request: SignedInRequest, uri: str) -> str:
    """Inspectors to the chain of a thing, others to what everybody who scans it reads."""
    if rules.see_chains.allows(request.user):
        return reverse("chains:chain", query={"ma": uri})
    scanned = read_text(uri)
    return reverse("scan:show", args=[scanned.path]) if scanned else ""


def _sensors(event: Mapping[str, Any]) -> list[tuple[list[Said], str, datetime | None]]:
    """Each reading: what was measured, how much, when."""
    found = []
    for element in event.get("sensorElementList") or ():
        metadata = element.get("sensorMetadata") or {}
        for report in element.get("sensorReport") or ():
            value = next(
                (_reading(report[name]) for name in _READINGS if report.get(name) is not None), ""
            )
            when = report.get("time") or metadata.get("time") or metadata.get("startTime") or ""
            found.append(
                (
                    _measured(report),
                    f"{value} {unit(report.get('uom', ''))}".strip(),
                    instant(str(when)),
                )
            )
    return found


def _measured(report: Mapping[str, Any]) -> list[Said]:
    """The quantity, along which axis, and what was wrong."""
    told = (
        ("type", Vocabulary.MEASUREMENT),
        ("component", Vocabulary.COMPONENT),
        ("exception", Vocabulary.SENSOR_ALERT),
    )
    return [found for name, of in told if (found := _said(report, name, of))]


def _reading(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("có") if value else _("không"))
    return _number(value) if isinstance(value, int | float) else str(value)


def _number(value: float) -> str:
    return shown_number(int(value) if value == int(value) else value)


_READINGS = ("value", "stringValue", "booleanValue", "hexBinaryValue", "uriValue", "meanValue")
