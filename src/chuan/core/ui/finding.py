"""What the search across everything looks through.

Apps put their own finders here in `ready()`, so that the page imports none of them:

    finding.add(Finder("bodies", _("Cơ quan"), "building-community", find_bodies, order=20))

A finder begins with what the person may see and answers in a fixed number of queries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from chuan.lib.registry import Registry

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found. `former`: the name of old it was found by; the title is today's. `former_part`:
    that of one it has only a part of."""

    title: str
    url: str
    text: str = ""
    ref: str = ""
    former: str = ""
    former_part: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The first things of a kind, and how many there are in all."""

    hits: Sequence[Hit]
    count: int


# (person, what was typed, from which hit on, how many at most)
Find = Callable[[Any, str, int, int], Found]


@dataclass(frozen=True, slots=True)
class Finder:
    """One kind of thing to be found. `visible`: whether the person may look for it at all."""

    key: str
    title: Text
    icon: str
    find: Find
    visible: Callable[[Any], bool] = lambda _person: True
    order: int = 50


_finders: Registry[Finder] = Registry(of="finder")


def add(finder: Finder) -> None:
    """:raises ValueError: there is a finder of that key already."""
    _finders.add(finder.key, finder)


def finders_for(person: Any) -> list[Finder]:
    """Those the person may use, in the order of the page."""
    return sorted((one for one in _finders if one.visible(person)), key=lambda one: one.order)


def found_in(rows: Any, start: int, limit: int, shown: Callable[[Any], Hit]) -> Found:
    """A page of a queryset as hits: two queries."""
    return Found([shown(row) for row in rows[start : start + limit]], rows.count())
