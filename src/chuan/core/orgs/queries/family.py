"""A body's ancestors and successors over several steps, as a tree to be drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta

from chuan.core.orgs.enums import Share
from chuan.core.orgs.models import (
    ChangeEvent,
    Organisation,
    OrganisationVersion,
    SuccessionLink,
)
from chuan.core.orgs.queries.versions import Name, names_at

ONE_DAY = timedelta(days=1)
# How many steps are followed each way, and how many bodies are shown beside one another.
STEPS, WIDTH = 3, 8


@dataclass(frozen=True, slots=True)
class Relative:
    """A body before or after another, and the link between the two.

    `others`: relatives of this one in turn, further away. `hidden`: how many more there are of it.
    """

    organisation_id: int
    name: Name
    event: ChangeEvent
    share: Share
    is_confirmed: bool
    clause: str = ""
    note: str = ""
    others: tuple[Relative, ...] = ()
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Family:
    """The trees on both sides of a body. `…_hidden`: how many right beside it are left out."""

    before: tuple[Relative, ...] = ()
    after: tuple[Relative, ...] = ()
    before_hidden: int = 0
    after_hidden: int = 0
    all_before: int = 0
    all_after: int = 0


@dataclass(slots=True)
class _Side:
    """Links found in one direction, by the body they were followed from."""

    links: dict[int, list[SuccessionLink]] = field(default_factory=lambda: defaultdict(list))


def family_of(organisation: Organisation) -> Family:
    """Who came before a body and after it, up to three steps away. At most seven queries."""
    before = _followed(organisation.pk, is_before=True)
    after = _followed(organisation.pk, is_before=False)
    names = names_at(
        [
            *(
                (link.predecessor_id, link.event.effective_on - ONE_DAY)
                for links in before.links.values()
                for link in links
            ),
            *(
                (link.successor_id, link.event.effective_on)
                for links in after.links.values()
                for link in links
            ),
        ]
    )
    seen = frozenset({organisation.pk})
    return Family(
        before=_relatives(before, names, organisation.pk, seen, is_before=True),
        after=_relatives(after, names, organisation.pk, seen, is_before=False),
        before_hidden=_hidden(before, organisation.pk),
        after_hidden=_hidden(after, organisation.pk),
        all_before=len(before.links[organisation.pk]),
        all_after=len(after.links[organisation.pk]),
    )


def _followed(root: int, *, is_before: bool) -> _Side:
    """Links step by step, one query a step."""
    side, seen, frontier = _Side(), {root}, {root}
    for _step in range(STEPS):
        if not frontier:
            break
        links = SuccessionLink.objects.select_related("event__legal_basis")
        links = (
            links.filter(successor__in=frontier)
            if is_before
            else links.filter(predecessor__in=frontier)
        )
        found = set()
        for link in links.order_by("event__effective_on", "pk"):
            here = link.successor_id if is_before else link.predecessor_id
            there = link.predecessor_id if is_before else link.successor_id
            side.links[here].append(link)
            found.add(there)
        frontier = found - seen
        seen |= frontier
    return side


def _relatives(
    side: _Side,
    names: dict[tuple[int, date], Name],
    root: int,
    seen: frozenset[int],
    *,
    is_before: bool,
    step: int = 1,
) -> tuple[Relative, ...]:
    relatives = []
    for link in side.links.get(root, [])[:WIDTH]:
        pk = link.predecessor_id if is_before else link.successor_id
        day = link.event.effective_on - ONE_DAY if is_before else link.event.effective_on
        if pk in seen or (pk, day) not in names:
            continue
        further = step < STEPS
        relatives.append(
            Relative(
                organisation_id=pk,
                name=names[pk, day],
                event=link.event,
                share=Share(link.share),
                is_confirmed=link.is_confirmed,
                clause=link.clause,
                note=link.note,
                others=_relatives(side, names, pk, seen | {pk}, is_before=is_before, step=step + 1)
                if further
                else (),
                hidden=_hidden(side, pk) if further else 0,
            )
        )
    return tuple(relatives)


def spans_of(ids: Collection[int]) -> dict[int, tuple[date | None, date | None]]:
    """For each body its first day, and the first day without it; None where there is none or nobody
    knows."""
    found: dict[int, tuple[date | None, date | None]] = {}
    rows = OrganisationVersion.objects.filter(organisation__in=ids).order_by("valid", "pk")
    for pk, valid in rows.values_list("organisation_id", "valid"):
        first, _until = found.get(pk, (valid.lower, None))
        found[pk] = (first, valid.upper)
    return found


def _hidden(side: _Side, pk: int) -> int:
    return max(0, len(side.links.get(pk, [])) - WIDTH)
