"""The header of a document: master data in XML, and what else stands there."""

from __future__ import annotations

from typing import Any

from lxml import etree

from chuan.modules.traceability.engine.extensions import Names, read_fields, write_fields


def read_header(root: etree._Element, names: Names) -> dict[str, Any]:
    """The JSON form of the header; empty when there is none."""
    found: dict[str, Any] = {}
    header = root.find("EPCISHeader")
    if header is not None:
        strangers = [child for child in header if str(child.tag).startswith("{")]
        found.update(read_fields(strangers, names))
    lists = list(root.iter("VocabularyList"))
    if lists:
        vocabularies = [_vocabulary(one, names) for every in lists for one in every]
        found["epcisMasterData"] = {"vocabularyList": vocabularies}
    return found


def write_header(root: etree._Element, header: dict[str, Any], names: Names) -> None:
    """Append the header to a document, its foreign parts first."""
    element = etree.SubElement(root, "EPCISHeader")
    write_fields(
        element, {name: part for name, part in header.items() if name != "epcisMasterData"}, names
    )
    if "epcisMasterData" not in header:
        return
    holder = etree.SubElement(etree.SubElement(element, "extension"), "EPCISMasterData")
    vocabularies = etree.SubElement(holder, "VocabularyList")
    for vocabulary in header["epcisMasterData"].get("vocabularyList", []):
        one = etree.SubElement(vocabularies, "Vocabulary", type=vocabulary["type"])
        elements = etree.SubElement(one, "VocabularyElementList")
        for entry in vocabulary.get("vocabularyElementList", []):
            _write_entry(elements, entry, names)


def _vocabulary(element: etree._Element, names: Names) -> dict[str, Any]:
    entries = [_entry(one, names) for one in element.iter("VocabularyElement")]
    found: dict[str, Any] = {"type": element.get("type", "")}
    if entries:
        found["vocabularyElementList"] = entries
    return found


def _entry(element: etree._Element, names: Names) -> dict[str, Any]:
    found: dict[str, Any] = {"id": element.get("id", "")}
    attributes = []
    for one in element.findall("attribute"):
        children = [child for child in one if isinstance(child.tag, str)]
        value: Any = read_fields(children, names) if children else (one.text or "").strip()
        attributes.append({"id": one.get("id", ""), "attribute": value})
    if attributes:
        found["attributes"] = attributes
    children = [(one.text or "").strip() for one in element.findall("children/id")]
    if children:
        found["children"] = children
    return found


def _write_entry(elements: etree._Element, entry: dict[str, Any], names: Names) -> None:
    element = etree.SubElement(elements, "VocabularyElement", id=entry["id"])
    for attribute in entry.get("attributes", []):
        one = etree.SubElement(element, "attribute", id=attribute["id"])
        value = attribute.get("attribute", "")
        if isinstance(value, dict):
            write_fields(one, value, names)
        else:
            one.text = str(value)
    if entry.get("children"):
        children = etree.SubElement(element, "children")
        for child in entry["children"]:
            etree.SubElement(children, "id").text = child
