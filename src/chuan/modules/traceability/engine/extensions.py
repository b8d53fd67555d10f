"""Other people's fields: any JSON value as XML elements, and back without loss.

A repeated element is a list. An attribute becomes `@name`, the text beside attributes or elements
`#text`. A number or a boolean carries its type as `xsi:type` in XML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from chuan.modules.traceability.engine.values import number

XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"
_TYPE, _NIL = f"{{{XSI}}}type", f"{{{XSI}}}nil"
# A name without namespace cannot be one in JSON-LD; XML 1.2 allows it.
STRAY = "epcis:"


class Names:
    """The prefixes of one document, and new ones for namespaces that have none."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.prefix_of = {meaning: prefix for prefix, meaning in prefixes.items()}
        self.meaning_of = dict(prefixes)
        self.used: dict[str, str] = {}

    def written(self, tag: str, *, stray: str = "") -> str:
        """`{namespace}name` as `prefix:name`."""
        if not tag.startswith("{"):
            return stray + tag
        namespace, _, name = tag[1:].partition("}")
        prefix = self.prefix_of.get(namespace)
        if prefix is None:
            prefix = f"ns{len(self.prefix_of) + 1}"
            self.prefix_of[namespace] = prefix
            self.meaning_of[prefix] = namespace
        self.used[prefix] = namespace
        return f"{prefix}:{name}"

    def tag(self, name: str) -> str:
        """`prefix:name`, or a whole URI, as `{namespace}name`."""
        prefix, colon, rest = name.partition(":")
        if not colon:
            return name
        if prefix in self.meaning_of:
            return f"{{{self.meaning_of[prefix]}}}{rest}"
        cut = max(name.rfind("/"), name.rfind("#"), name.rfind(":")) + 1
        return f"{{{name[:cut]}}}{name[cut:]}"


def read_fields(elements: list[etree._Element], names: Names) -> dict[str, Any]:
    """Sibling elements as fields; those of one name as a list."""
    found: dict[str, Any] = {}
    repeated = set()
    for element in elements:
        name = names.written(str(element.tag), stray=STRAY)
        value = _value(element, names)
        if name in repeated:
            found[name].append(value)
        elif name in found:
            found[name] = [found[name], value]
            repeated.add(name)
        else:
            found[name] = value
    return found


def _value(element: etree._Element, names: Names) -> Any:
    text = (element.text or "").strip()
    attributes = dict(element.attrib)
    children = [child for child in element if isinstance(child.tag, str)]
    if not children and attributes.pop(_NIL, "") in ("true", "1"):
        return None
    declared = attributes.pop(_TYPE, "")
    if not attributes and not children:
        return _typed(text, declared, element)
    value: dict[str, Any] = {
        f"@{names.written(str(name))}": str(content) for name, content in attributes.items()
    }
    if declared:
        value["@xsi:type"] = declared
    if text:
        value["#text"] = text
    value.update(_inner(children, names))
    return value


def _inner(children: list[etree._Element], names: Names) -> dict[str, Any]:
    """Below the first level, names without namespace stay as they are."""
    found: dict[str, list[Any]] = {}
    for child in children:
        found.setdefault(names.written(str(child.tag)), []).append(_value(child, names))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _typed(text: str, declared: str, element: etree._Element) -> Any:
    """A number or boolean where its text is just how JSON's would be written; else all of it."""
    prefix, _, kind = declared.rpartition(":")
    if not declared or element.nsmap.get(prefix or None) != XSD or kind == "string":
        return text
    found: Any = None
    if kind == "boolean" and text in ("true", "false"):
        found = text == "true"
    elif kind in ("integer", "decimal", "double"):
        found = number(text)
        if kind_of(found) != kind or _written(found) != text:
            found = None
    return {"@type": f"xsd:{kind}", "@value": text} if found is None else found


def kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "integer" if isinstance(value, int) else "double"


def write_fields(parent: etree._Element, fields: Mapping[str, Any], names: Names) -> None:
    """Append fields as elements; `@…` as attributes, `#text` as text."""
    for name, value in fields.items():
        if name == "#text":
            parent.text = str(value)
        elif name == "@xsi:type":
            parent.set(_TYPE, str(value))
        elif name.startswith("@"):
            parent.set(names.tag(name[1:]), _written(value))
        else:
            tag = names.tag(name.removeprefix(STRAY) if parent.tag == "extension" else name)
            for one in _flat(value):
                _write_value(etree.SubElement(parent, tag), one, names)


def _write_value(element: etree._Element, value: Any, names: Names) -> None:
    if value is None:
        element.set(_NIL, "true")
    elif isinstance(value, dict):
        if value.keys() == {"@type", "@value"}:
            element.set(_TYPE, str(value["@type"]))
            element.text = _written(value["@value"])
        else:
            write_fields(element, value, names)
    else:
        if isinstance(value, bool | int | float):
            element.set(_TYPE, f"xsd:{kind_of(value)}")
        element.text = _written(value)


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _flat(one)
    else:
        yield value


def _written(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
