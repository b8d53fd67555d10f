"""Events and documents as EPCIS 2.0 XML."""

from __future__ import annotations

from typing import Any

from lxml import etree

from chuan.modules.traceability.engine import master_data
from chuan.modules.traceability.engine.documents import Document
from chuan.modules.traceability.engine.extensions import XSD, XSI, Names, write_fields
from chuan.modules.traceability.engine.model import (
    FIELDS,
    SENSOR_METADATA,
    SENSOR_REPORT,
    SENSOR_WORDS,
    TYPED_LISTS,
    WORDS,
    Event,
    Kind,
)
from chuan.modules.traceability.engine.reading_xml import EPCIS_2, QUERY_2
from chuan.modules.traceability.engine.vocabulary import Form, Vocabulary, written

_BUILT_IN_UNUSED = ("epcis", "xsd", "rdfs", "cbv", "gs1")


def write_xml(document: Document, *, form: Form = Form.URN) -> bytes:
    """The document in UTF-8; standard values in the form asked for."""
    names = _names(document)
    query = document.kind == "EPCISQueryDocument"
    root = _root(QUERY_2 if query else EPCIS_2, document.kind, names)
    for name in ("schemaVersion", "creationDate"):
        if name in document.envelope:
            root.set(name, document.envelope[name])
    if document.envelope.get("epcisHeader"):
        master_data.write_header(root, document.envelope["epcisHeader"], names)
    body = etree.SubElement(root, "EPCISBody")
    if query:
        told = document.envelope.get("epcisBody", {}).get("queryResults", {})
        body = etree.SubElement(body, f"{{{QUERY_2}}}QueryResults")
        for name in ("queryName", "subscriptionID"):
            if name in told:
                etree.SubElement(body, name).text = told[name]
        body = etree.SubElement(body, "resultsBody")
    events = etree.SubElement(body, "EventList")
    for event in document.events:
        _Writer(Names(document.namespaces_of(event)), form).event(events, event)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def write_event(document: Document, *, form: Form = Form.URN) -> bytes:
    """The only event of a document, by itself."""
    names = _names(document)
    holder = etree.Element("EventList", nsmap=_nsmap(names))
    _Writer(names, form).event(holder, document.events[0])
    return bytes(etree.tostring(holder[0], xml_declaration=True, encoding="UTF-8"))


def _names(document: Document) -> Names:
    return Names(document.namespaces_of(document.events[0] if document.events else {}))


def _nsmap(names: Names) -> dict[str, str]:
    prefixes = {
        prefix: meaning
        for prefix, meaning in names.meaning_of.items()
        if prefix not in _BUILT_IN_UNUSED and prefix not in ("xsi", "xsd")
    }
    return {**prefixes, "xsi": XSI, "xsd": XSD}


def _root(namespace: str, kind: str, names: Names) -> etree._Element:
    prefix = "epcisq" if namespace == QUERY_2 else "epcis"
    nsmap = {**_nsmap(names), prefix: namespace}
    return etree.Element(f"{{{namespace}}}{kind}", nsmap=nsmap)


class _Writer:
    def __init__(self, names: Names, form: Form) -> None:
        self.names = names
        self.form = form

    def event(self, parent: etree._Element, event: Event) -> None:
        fields = FIELDS.get(event["type"])
        if fields is None:
            parent = etree.SubElement(parent, "extension")
            fields = FIELDS["ObjectEvent"]
            element = etree.SubElement(parent, self.names.tag(event["type"]))
        else:
            element = etree.SubElement(parent, event["type"])
        for name, kind in fields.items():
            if name in event:
                self._field(element, name, kind, event[name])
        strangers = {
            name: value
            for name, value in event.items()
            if name not in fields and name not in ("type", "@context")
        }
        write_fields(element, strangers, self.names)

    def _field(self, parent: etree._Element, name: str, kind: Kind, value: Any) -> None:
        if kind is Kind.CERTIFICATES and isinstance(value, list):
            for one in value:
                etree.SubElement(parent, name).text = one
            return
        element = etree.SubElement(parent, name)
        if kind is Kind.EPCS:
            for epc in value:
                etree.SubElement(element, "epc").text = epc
        elif kind is Kind.QUANTITIES:
            for one in value:
                self._quantity(element, one)
        elif kind is Kind.WORD:
            element.text = written(value, WORDS[name], self.form)
        elif kind is Kind.POINT:
            etree.SubElement(element, "id").text = value["id"]
            write_fields(element, {k: v for k, v in value.items() if k != "id"}, self.names)
        elif kind is Kind.TYPED:
            self._typed(element, value, *TYPED_LISTS[name])
        elif kind is Kind.SENSORS:
            for one in value:
                self._sensor(element, one)
        elif kind is Kind.PERSISTENT:
            for what in ("unset", "set"):
                for word in value.get(what, []):
                    text = written(word, Vocabulary.DISPOSITION, self.form)
                    etree.SubElement(element, what).text = text
        elif kind is Kind.ILMD:
            write_fields(element, value, self.names)
        elif kind is Kind.ERROR:
            self._error(element, value)
        else:
            element.text = value

    def _quantity(self, parent: etree._Element, value: dict[str, Any]) -> None:
        element = etree.SubElement(parent, "quantityElement")
        etree.SubElement(element, "epcClass").text = value["epcClass"]
        if "quantity" in value:
            etree.SubElement(element, "quantity").text = plain(value["quantity"])
        elif "uom" in value:
            etree.SubElement(element, "quantity").set(f"{{{XSI}}}nil", "true")
        if "uom" in value:
            etree.SubElement(element, "uom").text = value["uom"]

    def _typed(
        self, parent: etree._Element, value: list[Any], name: str, vocabulary: Vocabulary
    ) -> None:
        for one in value:
            element = etree.SubElement(parent, name)
            element.text = one[name]
            if "type" in one:
                element.set("type", written(one["type"], vocabulary, self.form))

    def _error(self, element: etree._Element, value: dict[str, Any]) -> None:
        known = ("declarationTime", "reason", "correctiveEventIDs")
        etree.SubElement(element, "declarationTime").text = value["declarationTime"]
        if "reason" in value:
            reason = written(value["reason"], Vocabulary.ERROR_REASON, self.form)
            etree.SubElement(element, "reason").text = reason
        if "correctiveEventIDs" in value:
            corrections = etree.SubElement(element, "correctiveEventIDs")
            for one in value["correctiveEventIDs"]:
                etree.SubElement(corrections, "correctiveEventID").text = one
        write_fields(element, {k: v for k, v in value.items() if k not in known}, self.names)

    def _sensor(self, parent: etree._Element, value: dict[str, Any]) -> None:
        element = etree.SubElement(parent, "sensorElement")
        if "sensorMetadata" in value:
            self._readings(element, "sensorMetadata", value["sensorMetadata"], SENSOR_METADATA)
        for report in value["sensorReport"]:
            self._readings(element, "sensorReport", report, SENSOR_REPORT)
        known = ("sensorMetadata", "sensorReport")
        write_fields(element, {k: v for k, v in value.items() if k not in known}, self.names)

    def _readings(
        self, parent: etree._Element, tag: str, value: dict[str, Any], known: Any
    ) -> None:
        element = etree.SubElement(parent, tag)
        strangers = {}
        for name, reading in value.items():
            kind = known.get(name)
            if kind is None:
                strangers[name] = reading
            elif kind in SENSOR_WORDS:
                # The measurement types of XML are CURIEs in all of GS1's examples.
                element.set(name, written(reading, SENSOR_WORDS[kind], Form.CURIE))
            else:
                element.set(name, plain(reading))
        for name, reading in strangers.items():
            if isinstance(reading, dict | list):
                write_fields(element, {name: reading}, self.names)
            else:
                element.set(self.names.tag(name), plain(reading))


def plain(value: Any) -> str:
    """A value as the text of an element."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.15g}" if "e" not in repr(value) else f"{value:f}"
    return str(value)
