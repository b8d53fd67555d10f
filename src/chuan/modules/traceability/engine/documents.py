"""Documents of events, whatever they were written in, and what may be wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from chuan.modules.traceability.engine.model import BUILT_IN, Event


class Syntax(StrEnum):
    JSON = "application/json"
    XML = "application/xml"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: in which event (None: in the document), where, what, by which rule."""

    event: int | None
    path: str
    value: str
    rule: str

    def __str__(self) -> str:
        where = f"event {self.event}, {self.path}" if self.event is not None else self.path
        return f"{where}: {self.rule} (found: {self.value})"


class Unreadable(ValueError):
    """The bytes are no document at all; `faults` say why."""

    def __init__(self, rule: str, *, value: str = "", path: str = "$") -> None:
        super().__init__(rule)
        self.faults = [Fault(None, path, shown(value), rule)]


@dataclass(slots=True)
class Document:
    """Events in their JSON form, with the prefixes they use.

    `envelope` is everything around the events in its JSON form, without the events themselves.
    """

    events: list[Event]
    namespaces: dict[str, str] = field(default_factory=dict)
    envelope: dict[str, Any] = field(default_factory=dict)
    syntax: Syntax = Syntax.JSON
    faults: list[Fault] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return str(self.envelope.get("type", "EPCISDocument"))

    def namespaces_of(self, event: Event) -> dict[str, str]:
        """The prefixes that may stand in this event: GS1's, the document's, its own."""
        shared = {**BUILT_IN, **self.namespaces}
        return {**shared, **dict(declared(event["@context"]))} if "@context" in event else shared


def declared(context: Any) -> Iterator[tuple[str, str]]:
    """The prefixes a JSON-LD context declares itself; contexts it only points to are not fetched."""
    if isinstance(context, list):
        for one in context:
            yield from declared(one)
    elif isinstance(context, dict):
        for prefix, meaning in context.items():
            if isinstance(meaning, str) and not prefix.startswith("@"):
                yield prefix, meaning


def shown(value: Any) -> str:
    """A value as a message can carry it."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
