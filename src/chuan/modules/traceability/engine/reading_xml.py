"""EPCIS 2.0 and 1.2 in XML, read from bytes that anybody may have sent, into its JSON form."""

from __future__ import annotations

import re
from typing import Any, Final

from lxml import etree

from chuan.modules.traceability.engine import master_data
from chuan.modules.traceability.engine.documents import Document, Fault, Syntax, Unreadable, shown
from chuan.modules.traceability.engine.extensions import XSD, XSI, Names, read_fields
from chuan.modules.traceability.engine.model import (
    BUILT_IN,
    CONTEXT,
    FIELDS,
    SENSOR_METADATA,
    SENSOR_REPORT,
    SENSOR_WORDS,
    TYPED_LISTS,
    WORDS,
    Event,
    Kind,
    Reading,
)
from chuan.modules.traceability.engine.reading_json import DEEPEST
from chuan.modules.traceability.engine.values import number
from chuan.modules.traceability.engine.vocabulary import Form, Vocabulary, written

EPCIS_2, EPCIS_1 = "urn:epcglobal:epcis:xsd:2", "urn:epcglobal:epcis:xsd:1"
QUERY_2, QUERY_1 = "urn:epcglobal:epcis-query:xsd:2", "urn:epcglobal:epcis-query:xsd:1"
MASTER_2 = "urn:epcglobal:epcis-masterdata:xsd:2"
_DOCUMENTS: Final = {
    f"{{{EPCIS_2}}}EPCISDocument": ("EPCISDocument", False),
    f"{{{EPCIS_1}}}EPCISDocument": ("EPCISDocument", True),
    f"{{{QUERY_2}}}EPCISQueryDocument": ("EPCISQueryDocument", False),
    f"{{{QUERY_1}}}EPCISQueryDocument": ("EPCISQueryDocument", True),
    f"{{{MASTER_2}}}EPCISMasterDataDocument": ("EPCISMasterDataDocument", False),
}
_OWN: Final = frozenset({EPCIS_2, EPCIS_1, QUERY_2, QUERY_1, MASTER_2, XSI, XSD})
_MOST_PREFIXES: Final = 200
# A name alone is harmless; entities and foreign files are what a document type can smuggle in.
_DOCTYPE = re.compile(r"<!DOCTYPE\s+[A-Za-z_:][\w:.\-]*\s*>")
_ENCODING = re.compile(r"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._\-]+)")


def read_xml(body: bytes) -> Document:
    """A document of events in XML 2.0 or 1.2.

    :raises Unreadable: no UTF-8, no XML, entities or a foreign document type, nested too deeply,
        or no document of EPCIS.
    """
    root = parse(body)
    if str(root.tag) in (f"{{{EPCIS_2}}}{kind}" for kind in FIELDS) or str(root.tag) in FIELDS:
        reader = _Reader(root, old=False)
        return Document([reader.event(root, 0)], reader.declared(), {}, Syntax.XML, reader.faults)
    known = _DOCUMENTS.get(str(root.tag))
    if known is None:
        raise Unreadable("a document of EPCIS expected", value=str(root.tag))
    kind, old = known
    reader = _Reader(root, old=old)
    events = reader.events()
    envelope = reader.envelope(kind)
    return Document(events, reader.declared(), envelope, Syntax.XML, reader.faults)


def parse(body: bytes) -> etree._Element:
    """XML of any shape, safely.

    :raises Unreadable: see `read_xml`.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("text in UTF-8 expected", value=f"byte {error.start}") from None
    encoding = _ENCODING.match(text)
    if encoding and encoding[1].lower() not in ("utf-8", "utf8", "us-ascii", "ascii"):
        raise Unreadable("text in UTF-8 expected", value=encoding[1])
    if "<!DOCTYPE" in text:
        text = _DOCTYPE.sub("", text, count=1)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Unreadable("no document type with entities or foreign parts", value="<!DOCTYPE")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable("well-formed XML expected", value=str(error)) from None
    level = [root]
    for _ in range(DEEPEST):
        level = [child for parent in level for child in parent]
        if not level:
            return root
    raise Unreadable(f"at most {DEEPEST} levels of nesting expected")


class _Reader:
    def __init__(self, root: etree._Element, *, old: bool) -> None:
        self.root = root
        self.old = old
        self.faults: list[Fault] = []
        prefixes = {meaning: prefix for prefix, meaning in BUILT_IN.items()}
        declared: set[tuple[str, str]] = set()
        # What an element inherits is in no event of its own: asking each element would repeat it.
        for _event, (prefix, meaning) in etree.iterwalk(root, events=("start-ns",)):
            declared.add((prefix, meaning))
            if len(declared) > _MOST_PREFIXES:
                raise Unreadable(f"at most {_MOST_PREFIXES} prefixes expected")
            if prefix and meaning not in _OWN:
                prefixes.setdefault(meaning, prefix)
        self.names = Names(
            {**BUILT_IN, **{prefix: meaning for meaning, prefix in prefixes.items()}}
        )

    def declared(self) -> dict[str, str]:
        return {
            prefix: meaning
            for prefix, meaning in self.names.meaning_of.items()
            if BUILT_IN.get(prefix) != meaning
        }

    def bad(self, event: int, path: str, value: Any, rule: str) -> None:
        self.faults.append(Fault(event, path, shown(value), rule))

    # ------------------------------------------------------------ around the events
    def envelope(self, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = {
            "@context": [CONTEXT, *({name: uri} for name, uri in self.declared().items())],
            "type": kind,
            **{
                name: str(value)
                for name, value in self.root.attrib.items()
                if name in ("schemaVersion", "creationDate")
            },
        }
        if self.old:
            found["schemaVersion"] = "2.0"
        header = master_data.read_header(self.root, self.names)
        if header:
            found["epcisHeader"] = header
        if kind == "EPCISQueryDocument":
            results = {
                name: text
                for name in ("queryName", "subscriptionID")
                if (text := self.root.findtext(f".//{name}"))
            }
            found["epcisBody"] = {"queryResults": results}
        return found

    def events(self) -> list[Event]:
        lists = self.root.findall("EPCISBody/EventList") or self.root.findall(
            "EPCISBody/{*}QueryResults/resultsBody/EventList"
        )
        elements = [event for one in lists for event in self._unwrapped(one)]
        return [self.event(element, at) for at, element in enumerate(elements)]

    def _unwrapped(self, parent: etree._Element) -> list[etree._Element]:
        """Children with the wrappers of 1.2 taken off."""
        found = []
        for child in parent:
            if child.tag in ("extension", "baseExtension"):
                found += self._unwrapped(child)
            else:
                found.append(child)
        return found

    # ------------------------------------------------------------ one event
    def event(self, element: etree._Element, index: int) -> Event:
        kind = etree.QName(element).localname
        if kind == "QuantityEvent" and self.old:
            return self._quantity_event(element, index)
        fields = FIELDS.get(kind)
        if fields is None:
            return self._other_event(element)
        event: Event = {"type": kind}
        order = list(fields)
        reached = -1
        strangers = []
        for child in self._unwrapped(element):
            name = str(child.tag)
            field = fields.get(name)
            if field is None:
                strangers.append(child)
                if not name.startswith("{") and not self.old and child.getparent() is element:
                    self.bad(index, f"$.{name}", name, f"no element of {kind}")
                continue
            place = order.index(name)
            if not self.old and place <= reached:
                self.bad(index, f"$.{name}", name, f"once, and in the order {', '.join(order)}")
            reached = max(reached, place)
            if field is Kind.CERTIFICATES and name in event:
                before = event[name]
                event[name] = [*(before if isinstance(before, list) else [before]), _text(child)]
            else:
                event[name] = self._field(child, name, field)
        event.update(read_fields(strangers, self.names))
        return {name: value for name, value in event.items() if value is not None}

    def _other_event(self, element: etree._Element) -> Event:
        event: Event = {"type": self.names.written(str(element.tag))}
        shared = FIELDS["ObjectEvent"]
        strangers = []
        for child in self._unwrapped(element):
            name = str(child.tag)
            if name in shared:
                event[name] = self._field(child, name, shared[name])
            else:
                strangers.append(child)
        event.update(read_fields(strangers, self.names))
        return event

    def _quantity_event(self, element: etree._Element, index: int) -> Event:
        """What 1.2 still called by its own name is an observation of a quantity (EPCIS 2.0, 7.4.2)."""
        things = {
            name: found
            for name in ("epcClass", "quantity")
            if (found := element.find(name)) is not None
        }
        for found in things.values():
            element.remove(found)
        element.tag = "ObjectEvent"
        event = self.event(element, index)
        event["action"] = "OBSERVE"
        event["quantityList"] = [
            {
                name: _number(_text(found)) if name == "quantity" else _text(found)
                for name, found in things.items()
            }
        ]
        return event

    def _field(self, element: etree._Element, name: str, kind: Kind) -> Any:
        if kind is Kind.EPCS:
            epcs = [_text(epc) for epc in element]
            return epcs if epcs or name == "epcList" else None
        if kind is Kind.QUANTITIES:
            return [self._quantity(one) for one in element] or None
        if kind is Kind.WORD:
            return written(_text(element), WORDS[name], Form.BARE)
        if kind is Kind.POINT:
            return self._point(element)
        if kind is Kind.TYPED:
            return [self._typed(one, *TYPED_LISTS[name]) for one in element] or None
        if kind is Kind.SENSORS:
            return [self._sensor(one) for one in self._unwrapped(element)]
        if kind is Kind.PERSISTENT:
            return self._persistent(element)
        if kind is Kind.ILMD:
            return read_fields(self._unwrapped(element), self.names)
        if kind is Kind.ERROR:
            return self._error(element)
        return _text(element)

    def _quantity(self, element: etree._Element) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for child in element:
            name = str(child.tag)
            if name == "quantity":
                if child.get(f"{{{XSI}}}nil") not in ("true", "1"):
                    found[name] = _number(_text(child))
            else:
                found[name] = _text(child)
        return found

    def _point(self, element: etree._Element) -> dict[str, Any]:
        children = self._unwrapped(element)
        found: dict[str, Any] = {}
        for child in children:
            if child.tag == "id":
                found["id"] = _text(child)
        return found | read_fields([one for one in children if one.tag != "id"], self.names)

    def _typed(self, element: etree._Element, name: str, vocabulary: Vocabulary) -> dict[str, Any]:
        kind = element.get("type")
        found = {} if kind is None else {"type": written(kind.strip(), vocabulary, Form.BARE)}
        return {**found, name: _text(element)}

    def _persistent(self, element: etree._Element) -> dict[str, Any]:
        found: dict[str, list[str]] = {}
        for child in element:
            word = written(_text(child), Vocabulary.DISPOSITION, Form.BARE)
            found.setdefault(str(child.tag), []).append(word)
        return found

    def _error(self, element: etree._Element) -> dict[str, Any]:
        found: dict[str, Any] = {}
        strangers = []
        for child in self._unwrapped(element):
            if child.tag == "correctiveEventIDs":
                found["correctiveEventIDs"] = [_text(one) for one in child]
            elif child.tag == "reason":
                found["reason"] = written(_text(child), Vocabulary.ERROR_REASON, Form.BARE)
            elif child.tag == "declarationTime":
                found["declarationTime"] = _text(child)
            else:
                strangers.append(child)
        return found | read_fields(strangers, self.names)

    def _sensor(self, element: etree._Element) -> dict[str, Any]:
        found: dict[str, Any] = {}
        strangers = []
        for child in self._unwrapped(element):
            if child.tag == "sensorMetadata":
                found["sensorMetadata"] = self._readings(child, SENSOR_METADATA)
            elif child.tag == "sensorReport":
                found.setdefault("sensorReport", []).append(self._readings(child, SENSOR_REPORT))
            else:
                strangers.append(child)
        return found | read_fields(strangers, self.names)

    def _readings(self, element: etree._Element, known: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for attribute, value in element.attrib.items():
            name, text = str(attribute), str(value)
            kind = known.get(name)
            if kind is None:
                found[self.names.written(name)] = text
            elif kind is Reading.NUMBER:
                found[name] = _number(text.strip())
            elif kind is Reading.BOOLEAN:
                found[name] = {"true": True, "1": True, "false": False, "0": False}.get(text, text)
            elif kind in SENSOR_WORDS:
                found[name] = written(text, SENSOR_WORDS[kind], Form.BARE)
            else:
                found[name] = text
        return found


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()


def _number(text: str) -> Any:
    """The number, or the text for the validator to tell of."""
    found = number(text)
    return text if found is None else found
