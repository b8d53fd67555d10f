"""Small answers in XML: jobs and problems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

_NAMESPACE = "urn:epcglobal:epcis:xsd:2"


def told(name: str, body: Mapping[str, Any], *, attributes: tuple[str, ...] = ()) -> bytes:
    """An object as an element: some of its members as attributes, the others inside."""
    root = etree.Element(etree.QName(_NAMESPACE, name), nsmap={"epcis": _NAMESPACE})
    for member, value in body.items():
        if member in attributes:
            root.set(member, _text(value))
        else:
            _put(root, member, value)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def _put(parent: etree._Element, name: str, value: Any) -> None:
    # `@context` is for JSON alone.
    if value is None or name.startswith("@"):
        return
    if isinstance(value, list):
        for one in value:
            _put(parent, name, one)
        return
    element = etree.SubElement(parent, name)
    if isinstance(value, Mapping):
        for member, inner in value.items():
            _put(element, member, inner)
    else:
        element.text = _text(value)


def _text(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    # Letters that no XML may have: a fault may quote anything.
    return "".join(one if one in "\t\n" or (one.isprintable()) else "\ufffd" for one in text)
