"""Accepted figures of one territory over the years, through mergers and splits.

A report counts for a province when its body stood under it. A body of another time counts through
those it came from, or those that came after it: all of them in the province, and so is the body;
none, and it is not; some, and its figures stand apart as not allocated. Only a key that two people
stated for the split divides them; what the key leaves stands apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import F, Q
from django.db.models.fields.json import KeyTransform

from chuan.core.orgs.enums import ChangeKind, EventState, OrgKind
from chuan.core.orgs.models import OrganisationVersion, SuccessionLink
from chuan.core.orgs.queries import names_at
from chuan.core.orgs.queries.apportioning import keys_that_hold
from chuan.flows.annual_report.enums import PeriodKind, ReportState
from chuan.flows.annual_report.models import ReportSnapshot
from chuan.flows.annual_report.queries.rollup import Content, Part, figures, part_of, written

_FLOORS = 6


@dataclass(frozen=True, slots=True)
class Territory:
    """A province for the days it existed: [start, end), None where nobody knows or it goes on."""

    organisation_id: int
    name: str
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class Kinship:
    """Which provinces each body stood under, and who came before and after it. `keys`: what part of
    a split body's figures, from 0 to 1, each of those after it counts for."""

    provinces: Mapping[int, frozenset[int]]
    before: Mapping[int, Sequence[int]]
    after: Mapping[int, Sequence[int]]
    keys: Mapping[int, Mapping[int, Decimal]] = field(default_factory=dict)


def belongs(body: int, province: int, kin: Kinship) -> bool | None:
    """Whether what a body reports is of a province: True, False, or None when only a part is."""
    if province in kin.provinces.get(body, ()):
        return True
    found = {
        *_reached(body, province, kin.provinces, kin.before),
        *_reached(body, province, kin.provinces, kin.after),
    }
    if len(found) == 1:
        return found.pop()
    return None if found else False


def portion(
    body: int, province: int, kin: Kinship, seen: frozenset[int] = frozenset()
) -> tuple[Decimal, Decimal]:
    """How much of what a body reports is of a province, and how much is allocated to nobody: from 0 to
    1. With no key, all of a body that is of it in part stands apart."""
    whole = belongs(body, province, kin)
    if whole is not None:
        return Decimal(int(whole)), Decimal(0)
    key = kin.keys.get(body)
    if key is None or body in seen:
        return Decimal(0), Decimal(1)
    own, apart = Decimal(0), 1 - sum(key.values(), Decimal(0))
    for heir, part in key.items():
        mine, neither = portion(heir, province, kin, seen | {body})
        own += part * mine
        apart += part * neither
    return own, apart


def _reached(
    body: int,
    province: int,
    provinces: Mapping[int, frozenset[int]],
    following: Mapping[int, Sequence[int]],
) -> set[bool]:
    """What is met going one way: True where a body stood under the province, False where a way ends
    without; nothing at all when the ways lead nowhere near."""
    met: set[bool] = set()
    seen, waiting = {body}, list(following.get(body, ()))
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        if province in provinces.get(one, ()):
            met.add(True)
            continue
        onward = following.get(one, ())
        if onward:
            waiting += onward
        else:
            met.add(False)
    return met if True in met else set()


def territories() -> list[Territory]:
    """The provinces this installation works for or that became one of these, the oldest first."""
    rows = list(
        OrganisationVersion.objects.filter(kind=OrgKind.PROVINCE)
        .filter(
            Q(organisation__is_home=True) | Q(organisation__successions__successor__is_home=True)
        )
        .order_by("organisation", "valid")
        .distinct()
    )
    spans: dict[int, list[OrganisationVersion]] = defaultdict(list)
    for row in rows:
        spans[row.organisation_id].append(row)
    found = [
        Territory(pk, mine[-1].name, mine[0].valid.lower, mine[-1].valid.upper)
        for pk, mine in spans.items()
    ]
    return sorted(found, key=lambda one: (one.end or date.max, one.name, one.organisation_id))


def kinship_of(bodies: Iterable[int]) -> Kinship:
    """Read from the register: one query for links, one a floor for who stood under whom."""
    before: dict[int, list[int]] = defaultdict(list)
    after: dict[int, list[int]] = defaultdict(list)
    links = SuccessionLink.objects.filter(event__state=EventState.COMMITTED).exclude(
        event__kind=ChangeKind.TRANSFER
    )
    for one, other in links.order_by("pk").values_list("predecessor_id", "successor_id"):
        after[one].append(other)
        before[other].append(one)
    wanted = set(bodies)
    frontier = set(wanted)
    while frontier:
        near = {pk for one in frontier for pk in (*before.get(one, ()), *after.get(one, ()))}
        frontier = near - wanted
        wanted |= frontier
    return Kinship(_provinces_of(wanted), before, after, keys_that_hold())


def _provinces_of(bodies: set[int]) -> dict[int, frozenset[int]]:
    parents: dict[int, set[int]] = defaultdict(set)
    provinces: set[int] = set()
    asked: set[int] = set()
    frontier = set(bodies)
    for _floor in range(_FLOORS):
        if not frontier:
            break
        asked |= frontier
        rows = OrganisationVersion.objects.filter(organisation__in=frontier)
        for pk, parent, kind in rows.values_list("organisation_id", "parent_id", "kind"):
            if kind == OrgKind.PROVINCE:
                provinces.add(pk)
            elif parent is not None:
                parents[pk].add(parent)
        frontier = {pk for one in frontier for pk in parents.get(one, ())} - asked
    return {pk: frozenset(_above(pk, parents) & provinces) for pk in bodies}


def _above(body: int, parents: Mapping[int, set[int]]) -> set[int]:
    found, waiting = {body}, [body]
    while waiting:
        fresh = parents.get(waiting.pop(), set()) - found
        found |= fresh
        waiting += fresh
    return found


# ---------------------------------------------------------------- the page's numbers


@dataclass(frozen=True, slots=True)
class Source:
    """One accepted report behind the totals, and how much of it is of the territory, and of nobody."""

    report_id: int
    organisation_id: int
    name: str
    year: int
    own: Decimal
    apart: Decimal

    @property
    def percent(self) -> Decimal:
        """What a key gives the territory."""
        return Decimal(written(self.own * 100))


@dataclass(frozen=True, slots=True)
class YearTotals:
    """What one year's accepted reports say of a territory, by indicator code: what is wholly its own,
    and what stands apart because only a part of the body's territory lies in it."""

    year: int
    own: dict[str, Content]
    apart: dict[str, Content]


@dataclass(frozen=True, slots=True)
class TerritoryTotals:
    years: list[YearTotals]
    sources: list[Source]

    @property
    def codes(self) -> list[tuple[str, str, str]]:
        """Code, title and unit of every indicator there is, as last told."""
        told: dict[str, tuple[str, str, str]] = {}
        for year in self.years:
            for code, figure in {**year.apart, **year.own}.items():
                told[code] = (code, figure["title"], figure["unit"])
        return [told[code] for code in sorted(told)]


def totals_of(plan_id: int, province: int) -> TerritoryTotals:
    """Sums of the yearly reports of a plan, as they were last accepted, over the bodies of a province.
    Six queries and one a floor, however many reports."""
    newest = (
        ReportSnapshot.objects.filter(
            report__period__plan=plan_id,
            report__period__kind=PeriodKind.YEARLY,
            report__state__in=[ReportState.ACCEPTED, ReportState.CLOSED],
        )
        .order_by("report", "-number")
        .distinct("report")
    )
    rows = list(
        ReportSnapshot.objects.filter(pk__in=newest.values("pk"))
        .annotate(told=KeyTransform("figures", "content"))
        .order_by("report__period__year", "report__organisation", "pk")
        .values_list(
            "report_id",
            "report__organisation_id",
            "report__period__year",
            F("report__period__data_from"),
            "told",
        )
    )
    kin = kinship_of({row[1] for row in rows})
    names = names_at([(row[1], row[3]) for row in rows])
    parts: dict[int, dict[bool, list[Part]]] = defaultdict(lambda: {True: [], False: []})
    sources = []
    for report_id, body, year, day, told in rows:
        own, apart = portion(body, province, kin)
        parts.setdefault(year, {True: [], False: []})
        if not own and not apart:
            continue
        name = str(names[body, day].name) if (body, day) in names else f"#{body}"
        sources.append(Source(report_id, body, name, year, own, apart))
        for is_own, share in ((True, own), (False, apart)):
            if share:
                content = {"figures": [part_of(figure, share) for figure in told]}
                parts[year][is_own].append(
                    Part(report_id, body, name, (0, ""), "", content=content)
                )
    return TerritoryTotals(
        [
            YearTotals(
                year,
                {one["code"]: one for one in figures(parts[year][True])},
                {one["code"]: one for one in figures(parts[year][False])},
            )
            for year in sorted(parts)
        ],
        sources,
    )
