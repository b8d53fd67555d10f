"""Whether events follow the standard: what GS1's schemas ask, and what schemas cannot say.

Everything that is wrong is told at once. JSON is held to the JSON schema with its formats; events
that came as XML are held to what the XML schema leaves to values (`Syntax.XML`), its order of
elements having been checked while reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from chuan.modules.traceability.engine.documents import Document, Fault, Syntax, shown
from chuan.modules.traceability.engine.model import (
    ACTIONS,
    FIELDS,
    SENSOR_METADATA,
    SENSOR_REPORT,
    SENSOR_WORDS,
    TYPED_LISTS,
    WITH_PERSISTENT_IN_JSON,
    WORDS,
    Event,
    Kind,
    Reading,
)
from chuan.modules.traceability.engine.values import instant, is_number, is_offset, is_uri
from chuan.modules.traceability.engine.vocabulary import Vocabulary, names

_UOM = re.compile(r"[A-Z0-9]{2,3}")
_HEX = re.compile(r"[A-Fa-f0-9]+")
_OUTSIDE_CBV = re.compile(r"(?!urn:epcglobal:cbv|https?://ns\.gs1\.org/cbv/)", re.DOTALL)
_OUTSIDE_WEB_VOCABULARY = re.compile(r"(?!https?://(?:www\.)?gs1\.org/voc/)", re.DOTALL)
_VERSION = re.compile(r"\d+(\.\d+)*", re.ASCII)
# TCR-53, step 29.
_ONCE = ("dataProcessingMethod", "deviceID", "deviceMetadata", "rawData", "time")


def faults_of(document: Document) -> list[Fault]:
    """Everything wrong with a document, its envelope first; empty when it may be captured."""
    found = [*document.faults, *_envelope(document)]
    for index, event in enumerate(document.events):
        found += event_faults(event, index=index, syntax=document.syntax)
    return found


def event_faults(
    event: Any, *, index: int | None = None, syntax: Syntax = Syntax.JSON
) -> list[Fault]:
    """Everything wrong with one event."""
    check = _Check(index, syntax)
    check.event(event)
    return check.faults


def _envelope(document: Document) -> list[Fault]:
    envelope = document.envelope
    found: list[Fault] = []

    def must(name: str, holds: Callable[[Any], bool], rule: str, *, needed: bool) -> None:
        if name not in envelope:
            if needed:
                found.append(Fault(None, f"$.{name}", "", "required"))
        elif not holds(envelope[name]):
            found.append(Fault(None, f"$.{name}", shown(envelope[name]), rule))

    if not envelope:
        if document.syntax is Syntax.JSON and document.events:
            event = document.events[0]
            if isinstance(event, dict) and "@context" not in event:
                found.append(Fault(None, "$.@context", "", "required"))
        return found
    whole = document.kind != "EPCISQueryDocument"
    json = document.syntax is Syntax.JSON
    must("@context", _is_context, "a URI, an object or a list of both", needed=json)
    must("id", _is_uri, "an absolute URI", needed=False)
    must("schemaVersion", _is_version, "a version number", needed=whole)
    must("creationDate", _is_time, "a date and time with zone", needed=whole)
    for name in ("sender", "receiver", "instanceIdentifier"):
        must(name, lambda value: isinstance(value, str), "text", needed=False)
    must("epcisHeader", lambda value: isinstance(value, dict), "an object", needed=False)
    for name, value in envelope.items():
        if name not in _AROUND[document.kind] and not is_uri(name):
            found.append(Fault(None, f"$.{name}", shown(value), "an extension prefix:name"))
    if not whole:
        found += _query_results(envelope.get("epcisBody", {}))
    return found


def _query_results(body: dict[str, Any]) -> list[Fault]:
    """What stands around the events of an answer to a query."""
    results = body.get("queryResults", {})
    found = [
        Fault(None, f"$.epcisBody.{name}", shown(value), "an extension prefix:name")
        for name, value in body.items()
        if name != "queryResults" and not is_uri(name)
    ]
    for name in ("queryName", "subscriptionID"):
        if not isinstance(results.get(name, ""), str) or (
            name == "queryName" and name not in results
        ):
            path = f"$.epcisBody.queryResults.{name}"
            found.append(Fault(None, path, shown(results.get(name)), "text"))
    known = ("queryName", "subscriptionID", "resultsBody")
    return found + [
        Fault(None, f"$.epcisBody.queryResults.{name}", shown(value), "an extension prefix:name")
        for name, value in results.items()
        if name not in known and not is_uri(name)
    ]


def _is_context(value: Any) -> bool:
    if isinstance(value, list):
        once = all(one not in value[:at] for at, one in enumerate(value))
        return once and all(isinstance(one, dict) or _is_uri(one) for one in value)
    return isinstance(value, dict) or _is_uri(value)


def _is_uri(value: Any) -> bool:
    return isinstance(value, str) and is_uri(value)


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and instant(value) is not None


def _is_version(value: Any) -> bool:
    return isinstance(value, str) and _VERSION.fullmatch(value) is not None


class _Check:
    """One walk through an event."""

    def __init__(self, index: int | None, syntax: Syntax) -> None:
        self.index = index
        self.json = syntax is Syntax.JSON
        self.unique: frozenset[str] = frozenset()
        self.faults: list[Fault] = []

    def bad(self, path: str, value: Any, rule: str) -> None:
        self.faults.append(Fault(self.index, path, shown(value), rule))

    def event(self, event: Any) -> None:
        if not isinstance(event, dict):
            self.bad("$", event, "an object")
            return
        kind = event.get("type")
        if not isinstance(kind, str):
            self.bad("$.type", kind, "required: the type of the event")
            return
        fields = FIELDS.get(kind)
        if fields is None:
            if not is_uri(kind):
                self.bad("$.type", kind, "one of the five event types, or a URI of one's own")
            fields = {name: what for name, what in FIELDS["ObjectEvent"].items() if name in _SHARED}
            self._fields(event, fields, strangers=False)
            return
        if kind in WITH_PERSISTENT_IN_JSON:
            self.unique = _UNIQUE
        if self.json and kind not in WITH_PERSISTENT_IN_JSON:
            fields = {name: what for name, what in fields.items() if what is not Kind.PERSISTENT}
        self._fields(event, fields)
        _RULES[kind](self, event)

    def _fields(self, event: Event, fields: dict[str, Kind], *, strangers: bool = True) -> None:
        for name in ("eventTime", "eventTimeZoneOffset"):
            if name not in event:
                self.bad(f"$.{name}", "", "required")
        if "action" in fields and "action" not in event:
            self.bad("$.action", "", "required")
        for name, value in event.items():
            kind = fields.get(name)
            if kind is not None:
                _CHECKS[kind](self, f"$.{name}", value, name)
            elif name == "@context":
                if not _is_context(value):
                    self.bad("$.@context", value, "a URI, an object or a list of both")
            elif strangers and name != "type" and not is_uri(name):
                self.bad(
                    f"$.{name}", value, "a field of this event type, or an extension prefix:name"
                )

    # ------------------------------------------------------------ kinds of fields
    def uri(self, path: str, value: Any, _name: str = "") -> None:
        if not _is_uri(value):
            self.bad(path, value, "an absolute URI")

    def time(self, path: str, value: Any, _name: str = "") -> None:
        if not _is_time(value):
            self.bad(path, value, "a date and time with zone (RFC 3339)")

    def offset(self, path: str, value: Any, _name: str) -> None:
        if not (isinstance(value, str) and is_offset(value)):
            self.bad(path, value, "an offset such as +07:00")

    def action(self, path: str, value: Any, _name: str) -> None:
        if value not in ACTIONS:
            self.bad(path, value, "ADD, OBSERVE or DELETE")

    def word(self, path: str, value: Any, name: str) -> None:
        self.of_vocabulary(path, value, WORDS[name])

    def of_vocabulary(self, path: str, value: Any, vocabulary: Vocabulary) -> None:
        if isinstance(value, str):
            if value in names(vocabulary):
                return
            outside = (
                _OUTSIDE_WEB_VOCABULARY
                if vocabulary in (Vocabulary.MEASUREMENT, Vocabulary.SENSOR_ALERT)
                else _OUTSIDE_CBV
            )
            if is_uri(value) and (not self.json or outside.match(value)):
                return
        self.bad(path, value, f"a standard {vocabulary} by its bare name, or a URI of one's own")

    def epcs(self, path: str, value: Any, name: str) -> None:
        if self.items(path, value):
            for at, epc in enumerate(value):
                if not (isinstance(epc, str) and is_uri(epc)):
                    self.bad(f"{path}[{at}]", epc, "an absolute URI")
            if name in self.unique and len({str(epc) for epc in value}) < len(value):
                self.bad(path, value, "every identifier once")

    def items(self, path: str, value: Any) -> bool:
        if not isinstance(value, list):
            self.bad(path, value, "a list")
            return False
        return True

    def object(self, path: str, value: Any, known: tuple[str, ...] | None = None) -> bool:
        if not isinstance(value, dict):
            self.bad(path, value, "an object")
            return False
        for name in value:
            if known is not None and name not in known:
                self.bad(f"{path}.{name}", value[name], "only " + ", ".join(known))
        return True

    def extended(self, path: str, value: dict[str, Any], known: Any) -> None:
        for name in value:
            if name not in known and not is_uri(name):
                self.bad(
                    f"{path}.{name}", value[name], "a known field, or an extension prefix:name"
                )

    def quantities(self, path: str, value: Any, _name: str) -> None:
        if not self.items(path, value):
            return
        for at, one in enumerate(value):
            here = f"{path}[{at}]"
            if not self.object(here, one, ("epcClass", "quantity", "uom")):
                continue
            self.uri(f"{here}.epcClass", one.get("epcClass"))
            if "quantity" in one and not is_number(one["quantity"]):
                self.bad(f"{here}.quantity", one["quantity"], "a number")
            uom = one.get("uom")
            if "uom" in one and not (
                isinstance(uom, str) and (_UOM.fullmatch(uom) or not self.json)
            ):
                self.bad(f"{here}.uom", uom, "a unit code of two or three capitals and digits")

    def point(self, path: str, value: Any, _name: str) -> None:
        if self.object(path, value):
            self.uri(f"{path}.id", value.get("id"))

    def typed(self, path: str, value: Any, name: str) -> None:
        element, vocabulary = TYPED_LISTS[name]
        if not self.items(path, value):
            return
        for at, one in enumerate(value):
            here = f"{path}[{at}]"
            if not self.object(here, one, ("type", element)):
                continue
            self.uri(f"{here}.{element}", one.get(element))
            if "type" in one:
                self.of_vocabulary(f"{here}.type", one["type"], vocabulary)
            elif name != "bizTransactionList":
                self.bad(f"{here}.type", "", "required")

    def persistent(self, path: str, value: Any, _name: str) -> None:
        if not self.object(path, value, ("set", "unset")):
            return
        if not value:
            self.bad(path, value, "something set or unset")
        for name, words in value.items():
            if self.items(f"{path}.{name}", words):
                if not words or len({str(word) for word in words}) < len(words):
                    self.bad(f"{path}.{name}", words, "one disposition or more, each once")
                for word in words:
                    self.of_vocabulary(f"{path}.{name}", word, Vocabulary.DISPOSITION)

    def ilmd(self, path: str, value: Any, _name: str) -> None:
        if self.object(path, value):
            self.extended(path, value, ())

    def certificates(self, path: str, value: Any, _name: str) -> None:
        for one in value if isinstance(value, list) else [value]:
            self.uri(path, one)

    def error(self, path: str, value: Any, _name: str) -> None:
        if not self.object(path, value):
            return
        self.time(f"{path}.declarationTime", value.get("declarationTime"))
        if "reason" in value:
            self.of_vocabulary(f"{path}.reason", value["reason"], Vocabulary.ERROR_REASON)
        if "correctiveEventIDs" in value:
            self.epcs(f"{path}.correctiveEventIDs", value["correctiveEventIDs"], "")
        self.extended(path, value, ("declarationTime", "reason", "correctiveEventIDs"))

    # ------------------------------------------------------------ sensors
    def sensors(self, path: str, value: Any, _name: str) -> None:
        if not self.items(path, value):
            return
        for at, element in enumerate(value):
            here = f"{path}[{at}]"
            if not self.object(here, element):
                continue
            self.extended(here, element, ("sensorMetadata", "sensorReport"))
            metadata = element.get("sensorMetadata", {})
            if self.object(f"{here}.sensorMetadata", metadata):
                self.readings(f"{here}.sensorMetadata", metadata, SENSOR_METADATA)
            reports = element.get("sensorReport")
            if not isinstance(reports, list) or not reports:
                self.bad(f"{here}.sensorReport", reports, "one report or more")
                continue
            for number, report in enumerate(reports):
                there = f"{here}.sensorReport[{number}]"
                if self.object(there, report):
                    if "type" not in report and self.json:
                        self.bad(f"{there}.type", "", "required")
                    self.readings(there, report, SENSOR_REPORT)
                    self._said_once(there, metadata, report)

    def _said_once(self, path: str, metadata: Any, report: dict[str, Any]) -> None:
        """TCR-53, step 29. GS1's own examples of every field, which tell an instant and a period in
        one place, say these things twice and are taken as they are."""
        if not isinstance(metadata, dict) or {"time", "startTime"} <= metadata.keys():
            return
        for name in _ONCE:
            if name in metadata and name in report:
                self.bad(f"{path}.{name}", report[name], "not also in sensorMetadata (TCR-53)")

    def readings(self, path: str, value: dict[str, Any], known: Any) -> None:
        for name, reading in value.items():
            kind = known.get(name)
            here = f"{path}.{name}"
            if kind is None:
                if not is_uri(name):
                    self.bad(here, reading, "a known field, or an extension prefix:name")
            elif kind in SENSOR_WORDS:
                self.of_vocabulary(here, reading, SENSOR_WORDS[kind])
            elif kind is Reading.URI:
                self.uri(here, reading)
            elif kind is Reading.TIME:
                self.time(here, reading)
            elif not _READINGS[kind](reading):
                self.bad(here, reading, f"{kind.name.lower()} expected")

    # ------------------------------------------------------------ rules between fields
    def object_event(self, event: Event) -> None:
        told = (
            isinstance(event.get("epcList"), list)
            or event.get("quantityList")
            or (event.get("sensorElementList") and "readPoint" in event)
        )
        if not told and self.json:
            self.bad("$", "", "epcList, quantityList, or sensorElementList with readPoint")
        if "ilmd" in event and event.get("action") != "ADD":
            self.bad("$.ilmd", event.get("action"), "only when action is ADD")

    def packing(self, event: Event) -> None:
        """Aggregation and association; for the latter also TCR-54, steps 3 and 4."""
        if event.get("action") != "DELETE" and not (
            event.get("childEPCs") or event.get("childQuantityList")
        ):
            self.bad("$", "", "childEPCs or childQuantityList, unless action is DELETE (TCR-54)")
        if "parentID" not in event and (
            event["type"] == "AssociationEvent" or event.get("action") in ("ADD", "DELETE")
        ):
            self.bad("$.parentID", "", "required (TCR-54)")

    def transaction(self, event: Event) -> None:
        if not event.get("bizTransactionList"):
            self.bad("$.bizTransactionList", "", "one business transaction or more")
        if event.get("action") != "DELETE" and not (
            isinstance(event.get("epcList"), list) or event.get("quantityList")
        ):
            self.bad("$", "", "epcList or quantityList, unless action is DELETE")

    def transformation(self, event: Event) -> None:
        inputs = event.get("inputEPCList") or event.get("inputQuantityList")
        outputs = event.get("outputEPCList") or event.get("outputQuantityList")
        if not (inputs and outputs) and not ("transformationID" in event and (inputs or outputs)):
            self.bad("$", "", "inputs and outputs, or one of them with transformationID")


_AROUND = {
    "EPCISDocument": frozenset(
        {
            *("@context", "id", "type", "schemaVersion", "creationDate", "instanceIdentifier"),
            *("sender", "receiver", "epcisHeader", "epcisBody"),
        }
    ),
    "EPCISQueryDocument": frozenset(
        {"@context", "id", "type", "schemaVersion", "creationDate", "epcisBody"}
    ),
}
_AROUND["EPCISMasterDataDocument"] = _AROUND["EPCISDocument"]
_SHARED = frozenset(
    {
        *("eventTime", "recordTime", "eventTimeZoneOffset", "eventID"),
        *("errorDeclaration", "certificationInfo"),
    }
)
_UNIQUE = frozenset({"epcList", "inputEPCList", "outputEPCList"})
_READINGS: dict[Reading, Callable[[Any], bool]] = {
    Reading.NUMBER: is_number,
    Reading.TEXT: lambda value: isinstance(value, str),
    Reading.BOOLEAN: lambda value: isinstance(value, bool),
    Reading.HEX: lambda value: isinstance(value, str) and _HEX.fullmatch(value) is not None,
}
_CHECKS: dict[Kind, Callable[[_Check, str, Any, str], None]] = {
    Kind.URI: _Check.uri,
    Kind.TIME: _Check.time,
    Kind.OFFSET: _Check.offset,
    Kind.ACTION: _Check.action,
    Kind.WORD: _Check.word,
    Kind.EPCS: _Check.epcs,
    Kind.QUANTITIES: _Check.quantities,
    Kind.POINT: _Check.point,
    Kind.TYPED: _Check.typed,
    Kind.SENSORS: _Check.sensors,
    Kind.PERSISTENT: _Check.persistent,
    Kind.ILMD: _Check.ilmd,
    Kind.ERROR: _Check.error,
    Kind.CERTIFICATES: _Check.certificates,
}
_RULES: dict[str, Callable[[_Check, Event], None]] = {
    "ObjectEvent": _Check.object_event,
    "AggregationEvent": _Check.packing,
    "AssociationEvent": _Check.packing,
    "TransactionEvent": _Check.transaction,
    "TransformationEvent": _Check.transformation,
}
