"""Event hash ids exactly as CBV 2.0, section 8.9, and the reference implementation have them.

The event is laid out as the tree its XML would be; the fields of the standard are joined in the
standard's order, equal siblings sorted; then everything else, sorted. What differs between the two
syntaxes, identifiers, words, instants and numbers, is brought to one form first.

Most fields are one text, a list of identifiers, a place or quantities: these are written without a
tree (`_WRITERS`), in half of the time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from chuan.modules.traceability.engine import order
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.model import FIELDS, TYPED_LISTS, WORDS, Event, Kind
from chuan.modules.traceability.engine.order import Order
from chuan.modules.traceability.engine.values import instant, number
from chuan.modules.traceability.engine.vocabulary import Vocabulary, web_uri

LAST_YEAR = 9999
BEGINNING, END = "ni:///sha-256;", "?ver=CBV2.0"
_IGNORED: Final = frozenset({"recordTime", "eventID", "type", "errorDeclaration", "@context"})
_OF_A_TYPE: Final = frozenset(element for element, _ in TYPED_LISTS.values())
_COMMENTS: Final = frozenset({"rdfs:comment", "comment"})


class Node(NamedTuple):
    name: str
    text: str = ""
    children: tuple[Node, ...] = ()


def event_hash(event: Event, namespaces: Mapping[str, str]) -> str:
    """`ni:///sha-256;…?ver=CBV2.0` of a valid event; `namespaces` are the prefixes it may use."""
    digest = hashlib.sha256(pre_hash(event, namespaces).encode()).hexdigest()
    return f"{BEGINNING}{digest}{END}"


def pre_hash(event: Event, namespaces: Mapping[str, str]) -> str:
    """The text that is hashed."""
    tree, nodes = _Tree(namespaces), []
    fields, writers = FIELDS.get(event["type"], {}), _WRITERS.get(event["type"], {})
    texts: dict[str, str] = {}
    for name, value in event.items():
        if name in _IGNORED or name in _COMMENTS:
            continue
        write = writers.get(name)
        text = write(name, value) if write else None
        if text is not None:
            texts[name] = text
        elif name in fields:
            nodes += tree.field(name, fields[name], value)
        else:
            nodes += tree.stranger(name, value)
    text, left = _ordered(nodes, order.EVENT, texts)
    rest = [told for name, told in texts.items() if name not in order.EVENT]
    return f"eventType={event['type']}{text}{''.join(sorted([*rest, *_each(left)]))}"


# ---------------------------------------------------------------- what needs no tree
def _one_text(name: str, value: str) -> str:
    told = value.strip()
    if told:
        told = _instant(told) if _tells_time(name) else _value(told)
    return f"{name}={told}" if told else ""


def _word(name: str, value: str) -> str:
    return _one_text(name, web_uri(value, WORDS[name]))


def _identifiers(name: str, value: list[str]) -> str:
    told = sorted([known for one in value if (known := _value(one.strip()))])
    return f"{name}epc={'epc='.join(told)}" if told else ""


def _point(name: str, value: dict[str, Any]) -> str | None:
    """None: with fields of somebody's own."""
    if len(value) > 1 or "id" not in value:
        return None
    told = _one_text("id", value["id"])
    return name + told if told else ""


def _quantities(name: str, value: list[dict[str, Any]]) -> str | None:
    """None: with fields of somebody's own."""
    if any(field not in order.QUANTITY for one in value for field in one):
        return None
    told = [
        "".join([_one_text(field, _plain(one[field])) for field in order.QUANTITY if field in one])
        for one in value
    ]
    return (
        name + "".join(sorted([f"quantityElement{one}" for one in told if one]))
        if any(told)
        else ""
    )


def _of_types(name: str, value: list[dict[str, Any]]) -> str:
    """What has no place in the order: what is of a type follows its type."""
    element, vocabulary = TYPED_LISTS[name]
    told = [
        (_named("type", web_uri(one["type"], vocabulary)) if "type" in one else "")
        + _named(element, one[element])
        for one in value
    ]
    return name + "".join(sorted(told))


_WRITERS: Final[Mapping[str, Mapping[str, Callable[[str, Any], str | None]]]] = {
    event_type: {
        name: write
        for name, kind in fields.items()
        for kinds, write in (
            ((Kind.TIME, Kind.OFFSET, Kind.URI, Kind.ACTION), _one_text),
            ((Kind.WORD,), _word),
            ((Kind.EPCS,), _identifiers),
            ((Kind.POINT,), _point),
            ((Kind.QUANTITIES,), _quantities),
            ((Kind.TYPED,), _of_types),
        )
        if kind in kinds
    }
    for event_type, fields in FIELDS.items()
}


# ---------------------------------------------------------------- from JSON to a tree
class _Tree:
    def __init__(self, namespaces: Mapping[str, str]) -> None:
        self.namespaces = namespaces

    def field(self, name: str, kind: Kind, value: Any) -> list[Node]:
        if kind is Kind.EPCS:
            return [Node(name, "", tuple(Node("epc", epc) for epc in value))]
        if kind is Kind.QUANTITIES:
            return [Node(name, "", tuple(self._record("quantityElement", one) for one in value))]
        if kind is Kind.TYPED:
            element, vocabulary = TYPED_LISTS[name]
            return [Node(name, "", tuple(_typed(one, element, vocabulary) for one in value))]
        if kind is Kind.SENSORS:
            return [Node(name, "", tuple(self._sensor(one) for one in value))]
        if kind is Kind.PERSISTENT:
            words = [
                Node(what, web_uri(word, Vocabulary.DISPOSITION))
                for what, every in value.items()
                for word in every
            ]
            return [Node(name, "", tuple(words))]
        if kind is Kind.WORD:
            return [Node(name, web_uri(value, WORDS[name]))]
        if kind is Kind.CERTIFICATES:
            return [Node(name, one) for one in (value if isinstance(value, list) else [value])]
        if isinstance(value, dict):  # a point, or master data of instance or lot
            return [Node(name, "", tuple(self._members(value)))]
        return [Node(name, value)]

    def _members(self, value: dict[str, Any]) -> list[Node]:
        return [
            node
            for name, one in value.items()
            if name not in _COMMENTS
            for node in ([Node("id", one)] if name == "id" else self.stranger(name, one))
        ]

    def _record(self, name: str, value: dict[str, Any]) -> Node:
        return Node(name, "", tuple(Node(field, _plain(one)) for field, one in value.items()))

    def _sensor(self, value: dict[str, Any]) -> Node:
        nodes: list[Node] = []
        for name, one in value.items():
            if name == "sensorMetadata":
                nodes.append(self._readings(name, one))
            elif name == "sensorReport":
                nodes += [self._readings(name, report) for report in one]
            else:
                nodes += self.stranger(name, one)
        return Node("sensorElement", "", tuple(nodes))

    def _readings(self, name: str, value: dict[str, Any]) -> Node:
        nodes: list[Node] = []
        for field, one in value.items():
            vocabulary = order.SENSOR_WORDS.get(field)
            if vocabulary:
                nodes.append(Node(field, web_uri(one, vocabulary)))
            elif ":" in field:
                nodes += self.stranger(field, one)
            else:
                nodes.append(Node(field, _plain(one)))
        return Node(name, "", tuple(nodes))

    def stranger(self, name: str, value: Any) -> list[Node]:
        """Somebody's own field; a list is so many fields of one name."""
        if isinstance(value, list):
            return [node for one in value for node in self.stranger(name, one)]
        expanded = self._name(name)
        if not isinstance(value, dict):
            return [Node(expanded, _plain(value))]
        if value.keys() == {"@type", "@value"}:
            return [Node(expanded, _plain(value["@value"]))]
        children = [
            node
            for inner, one in value.items()
            if inner not in ("#text", "@xsi:type")
            for node in self.stranger(inner.removeprefix("@"), one)
        ]
        return [Node(expanded, _plain(value.get("#text", "")), tuple(children))]

    def _name(self, name: str) -> str:
        prefix, colon, rest = name.partition(":")
        if not colon or prefix not in self.namespaces:
            return name
        return f"{{{self.namespaces[prefix]}}}{rest}"


def _typed(value: dict[str, Any], element: str, vocabulary: Vocabulary) -> Node:
    kind = value.get("type")
    nodes = [] if kind is None else [Node("type", web_uri(kind, vocabulary))]
    return Node("", "", (*nodes, Node(element, value[element])))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


# ---------------------------------------------------------------- from a tree to a text
def _ordered(
    nodes: list[Node], wanted: Order, written: Mapping[str, str] | None = None
) -> tuple[str, list[Node]]:
    """The text of the fields that have a place, and what is left of the tree.

    :param written: of an event itself: what was written of it already.

    Below the top, own fields in a namespace that ends in a slash follow at the end of their
    parent; what else has no place is left, below a parent of the same name, for the end of all.
    """
    own: list[Node] = []
    left: list[Node] = []
    placed: dict[str, list[Node]] = {}
    in_parent = written is None and len(nodes) > 1
    for node in nodes:
        if in_parent and "/}" in node.name:
            own.append(node)
        elif node.name in wanted:
            placed.setdefault(node.name, []).append(node)
        else:
            left.append(node)
    parts: list[str] = []
    for name in wanted if written or len(placed) > 1 else tuple(placed):
        if written and name in written:
            parts.append(written[name])
        if name not in placed:
            continue
        inner = wanted[name]
        texts = []
        for node in placed[name]:
            text, rest = _one(node, inner)
            if text:
                texts.append(text)
            if rest:
                left.append(Node(node.name, node.text, tuple(rest)))
        parts += sorted(texts)
    return "".join(parts) + (_sorted(own) if own else ""), left


def _one(node: Node, inner: Order | None) -> tuple[str, list[Node]]:
    text, rest = "", list(node.children)
    if inner is not None:
        text, rest = _ordered(rest, inner)
    told = node.text.strip()
    if told:
        told = _instant(told) if _tells_time(node.name) else _value(told)
        told = f"={told}" if told else ""
    return (f"{node.name}{told}{text}" if told or text else ""), rest


def _sorted(nodes: Sequence[Node]) -> str:
    """Everything without a place: by its own text."""
    texts = _each(nodes)
    # What is of a type follows its type.
    in_pairs = any(node.name in _OF_A_TYPE for node in nodes)
    return "".join(texts if in_pairs else sorted(texts))


def _each(nodes: Sequence[Node]) -> list[str]:
    return [_named(node.name, node.text) + _sorted(node.children) for node in nodes]


def _named(name: str, text: str) -> str:
    told = text.strip()
    return f"{name}={_value(told)}" if told else name


@lru_cache(maxsize=4096)
def _tells_time(name: str) -> bool:
    lower = name.lower()
    return "time" in lower and "offset" not in lower


def _instant(text: str) -> str:
    """In UTC, to the millisecond."""
    found = instant(text)
    if found is None:
        return text
    if found.year < LAST_YEAR:  # rounding up ends with the calendar
        found += timedelta(microseconds=round(found.microsecond, -3) - found.microsecond)
    return found.isoformat(timespec="milliseconds")[:-6] + "Z"


@lru_cache(maxsize=262_144)
def _value(text: str) -> str:
    """A word or CURIE of GS1 as web URI, a number without needless digits, a key as its link."""
    if text.startswith("urn:epc:"):
        return canonical(text)
    text = web_uri(text.strip())
    found = number(text)
    if found is not None:
        whole = float(text)
        return str(int(whole) if whole.is_integer() else whole)
    return canonical(text)
