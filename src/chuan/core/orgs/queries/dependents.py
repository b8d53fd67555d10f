"""What hangs on a body, told by those who own it: shown before a reorganisation, asked before undoing it.

The register stands below people, plans and reports and cannot see them; each registers here, when
the application starts, what would be affected and what forbids to go back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.functional import Promise

from chuan.lib.registry import Registry

Text = str | Promise
# As many rows as a preview shows of one kind.
SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Affected:
    """The bodies a reorganisation touches, by number, and the day from which it counts.

    `begun` are bodies the event brought into the register: none before it is committed.
    """

    on: date
    ended: frozenset[int] = frozenset()
    changed: frozenset[int] = frozenset()
    begun: frozenset[int] = frozenset()

    @property
    def existing(self) -> frozenset[int]:
        return self.ended | self.changed

    @property
    def all(self) -> frozenset[int]:
        return self.ended | self.changed | self.begun


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the rows, as a page names it."""

    title: Text
    text: Text = ""
    url: str = ""


def as_it_stands(row: Sample) -> Sample:
    return row


@dataclass(frozen=True)
class Found:
    """How many rows are affected, and those the reader may see: none of what is not for them.

    `rows` is a sequence or a QuerySet in order, not fetched yet; `tell` names one of them.
    """

    count: int
    rows: Any = ()
    tell: Callable[[Any], Sample] = as_it_stands

    @cached_property
    def samples(self) -> tuple[Sample, ...]:
        """The first few."""
        return tuple(self.tell(row) for row in self.rows[:SAMPLES])

    @property
    def has_more(self) -> bool:
        """Whether the reader may see rows beyond the first few."""
        return len(self.samples) == SAMPLES < self.count


Look = Callable[[Affected, Any], Found]
Forbid = Callable[[Affected], str]
Release = Callable[[Affected], None]


def nothing_forbids(_affected: Affected) -> str:
    return ""


def nothing_to_release(_affected: Affected) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Dependents:
    """One kind of thing that hangs on bodies.

    `find` counts what the event affects, for a reader. `forbids` gives the sentence that says why
    the event cannot be undone any more and what to do, "" while it can. Both ask a fixed number of
    queries. `release` takes away, in the transaction that undoes the event, what the system itself
    made for the bodies the event brought in and nobody has worked on.
    """

    title: Text
    # What becomes of them: “Giữ nguyên ở cơ quan cũ; …”.
    fate: Text
    icon: str
    find: Look
    forbids: Forbid = nothing_forbids
    release: Release = nothing_to_release
    order: int = 50


@dataclass(frozen=True, slots=True)
class Consequence:
    """One line of a preview; `key` is the kind's on the shelf, with a dash for its dot."""

    key: str
    title: Text
    fate: Text
    icon: str
    found: Found


dependents: Registry[Dependents] = Registry("kind of dependents")

# What is left to do after a committed reorganisation, with its page; nothing where nothing is, or
# where the reader does not see it.
Followup = Callable[[Affected, object], list[Sample]]
followups: Registry[Followup] = Registry("kind of follow-up")

# Who is told, in the same transaction, that an event waits for a second person: this floor knows of
# nobody to tell.
Handing = Callable[[Any, object], None]
handed_over: Registry[Handing] = Registry("teller of events handed over")


def left_to_do(affected: Affected, reader: object) -> list[Sample]:
    """Everything that a reorganisation leaves to be decided, told by those who own it."""
    return [one for look in followups for one in look(affected, reader)]


def consequences_of(affected: Affected, reader: object) -> list[Consequence]:
    """Everything that hangs on the bodies of an event, kinds with nothing left out."""
    lines = []
    for key, kind in sorted(dependents.items(), key=lambda one: one[1].order):
        found = kind.find(affected, reader)
        if found.count:
            lines.append(_consequence(key, kind, found))
    return lines


def consequence_of(key: str, affected: Affected, reader: object) -> Consequence | None:
    """One line of the preview alone, for the page that lists all of it; None for no such kind."""
    for name, kind in dependents.items():
        if _in_an_address(name) == key:
            return _consequence(name, kind, kind.find(affected, reader))
    return None


def _consequence(key: str, kind: Dependents, found: Found) -> Consequence:
    return Consequence(_in_an_address(key), kind.title, kind.fate, kind.icon, found)


def _in_an_address(key: str) -> str:
    return key.replace(".", "-").replace("_", "-")


def reasons_against_reversal(affected: Affected) -> list[str]:
    """Why an event can no longer be undone, one sentence a kind."""
    told = (kind.forbids(affected) for kind in sorted(dependents, key=lambda one: one.order))
    return [reason for reason in told if reason]


def release_untouched(affected: Affected) -> None:
    """Let each owner take away what hangs on nothing but the event, those on top first."""
    for kind in sorted(dependents, key=lambda one: -one.order):
        kind.release(affected)
