"""A proposed reorganisation, what is known of the bodies in it, and what comes of it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chuan.core.orgs.enums import ChangeKind, Share, Stance

# "12" is the body with that number in the register; "+1" one that the event itself brings in.
Ref = str

TEXT_FACTS = (
    "name",
    "short_name",
    "kind",
    "subtype",
    "code",
    "eoffice_code",
    "tax_code",
    "notation",
    "head_position",
    "seat",
    "email",
)

# What a version says; "parent" is a `Ref` or "".
FACTS = (*TEXT_FACTS, "parent")

# In these bodies end, and whoever takes over begins a version on the day.
WITH_SEAM = frozenset({ChangeKind.MERGE, ChangeKind.SPLIT, ChangeKind.DISSOLVE})

WITHOUT_LINKS = frozenset({ChangeKind.RENAME, ChangeKind.REPARENT})

Facts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """One body of the event and what becomes of it.

    `facts`: all of them where the body is new to the register, only what changes where it goes on.
    """

    ref: Ref
    stance: Stance
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """One body taking over all or part of another."""

    predecessor: Ref
    successor: Ref
    share: Share = Share.FULL
    clause: str = ""
    note: str = ""
    is_confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    """Everything a reorganisation says, on one day."""

    kind: ChangeKind
    on: date
    parts: tuple[Part, ...] = ()
    links: tuple[Link, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For the `proposal` column; the kind and the day have columns of their own."""
        return {
            "parts": [
                {"ref": one.ref, "stance": one.stance.value, "facts": dict(one.facts)}
                for one in self.parts
            ],
            "links": [
                {
                    "predecessor": one.predecessor,
                    "successor": one.successor,
                    "share": one.share.value,
                    "clause": one.clause,
                    "note": one.note,
                    "is_confirmed": one.is_confirmed,
                }
                for one in self.links
            ],
        }

    @classmethod
    def of_json(cls, kind: str, on: date, stored: Mapping[str, Any]) -> Proposal:
        return cls(
            kind=ChangeKind(kind),
            on=on,
            parts=tuple(
                Part(one["ref"], Stance(one["stance"]), one["facts"])
                for one in stored.get("parts", ())
            ),
            links=tuple(
                Link(**{**one, "share": Share(one["share"])}) for one in stored.get("links", ())
            ),
        )

    def known_ids(self) -> set[int]:
        """Numbers of the bodies of the register that it names, as parents too."""
        refs = {one.ref for one in self.parts}
        refs |= {ref for link in self.links for ref in (link.predecessor, link.successor)}
        refs |= {one.facts.get("parent", "") for one in self.parts}
        return {int(ref) for ref in refs if is_known(ref)}


def is_known(ref: Ref) -> bool:
    """Whether the reference is to a body of the register."""
    return ref.isdigit()


@dataclass(frozen=True, slots=True)
class Spell:
    """One version in the register: days [start, end), None where open."""

    pk: int
    ref: Ref
    start: date | None
    end: date | None
    facts: Facts

    def holds(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Known:
    """The register as far as the event reaches.

    `spells`: every version of the bodies it names, of all that stand right below one of them from
    the day on, and of everybody above those. `same_day`: links of the day committed already.
    """

    spells: tuple[Spell, ...] = ()
    same_day: tuple[tuple[Ref, Ref], ...] = ()


class Fault(enum.StrEnum):
    """What is wrong, for those who must tell one problem from another."""

    NOTHING_CHANGES = "nothing_changes"
    NOBODY_ENDS = "nobody_ends"
    NO_LINKS = "no_links"
    LINKS_NOT_ASKED = "links_not_asked"
    STRANGER = "stranger"
    TWICE = "twice"
    NOT_THERE = "not_there"
    LATER_VERSION = "later_version"
    ENDED_ALREADY = "ended_already"
    NO_NAME = "no_name"
    INCOMPLETE = "incomplete"
    WHOLE_TO_SEVERAL = "whole_to_several"
    GOES_ON_WHOLE = "goes_on_whole"
    FROM_NOWHERE = "from_nowhere"
    ITSELF = "itself"
    CYCLE = "cycle"
    BODIES_BELOW = "bodies_below"
    PARENT_GONE = "parent_gone"
    PARENT_CYCLE = "parent_cycle"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps the event from being confirmed, and what to do about it."""

    fault: Fault
    text: str
    ref: Ref = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """A version whose last day is the one before the event."""

    spell: Spell
    # False: the same body goes on with another version.
    is_last: bool


@dataclass(frozen=True, slots=True)
class Beginning:
    """A version from the day on; with `until` instead, one that lasted up to the event."""

    ref: Ref
    facts: Facts
    start: date | None
    until: date | None = None
    # The version this one follows; None for a body new to the register.
    after: Spell | None = None
    # It was not named in the event: the body above it ended and it follows.
    is_carried: bool = False


@dataclass(frozen=True, slots=True)
class Amendment:
    """A version that begins on the very day already and says something else from the start."""

    spell: Spell
    facts: Facts
    is_carried: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What confirming the event writes. Nothing may be written while there are problems."""

    endings: tuple[Ending, ...] = ()
    beginnings: tuple[Beginning, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    links: tuple[Link, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def ended(self) -> list[Ref]:
        """Known bodies that are there no more."""
        return [one.spell.ref for one in self.endings if one.is_last]

    @property
    def changed(self) -> list[Ref]:
        """Known bodies that go on under other facts."""
        refs = [one.ref for one in self.beginnings if one.after is not None]
        return refs + [one.spell.ref for one in self.amendments]

    @property
    def entered(self) -> list[Beginning]:
        """Bodies new to the register, past ones included."""
        return [one for one in self.beginnings if one.after is None]
