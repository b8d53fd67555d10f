"""Who took over from whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from chuan.core.orgs.enums import ChangeKind, EventState, Share
from chuan.core.orgs.models import (
    ChangeEvent,
    Organisation,
    OrganisationVersion,
    SuccessionLink,
)
from chuan.core.orgs.queries.versions import names_on
from chuan.lib.vietnamese import format_date


@dataclass(frozen=True, slots=True)
class Descent:
    """Who stands for a body on a later day.

    `organisation_id` is the body itself while it exists, otherwise the one that took over the whole
    of it. It is None when nobody did or when it went to several: then `question` says what a
    person has to decide, and `candidates` are those who took over a part.
    """

    organisation_id: int | None
    path: tuple[int, ...]
    candidates: tuple[int, ...] = ()
    question: str = ""

    @property
    def is_itself(self) -> bool:
        return len(self.path) == 1 and self.organisation_id == self.path[0]


@dataclass(frozen=True, slots=True)
class Lineage:
    """What came right before a body and right after it."""

    predecessors: list[SuccessionLink]
    successors: list[SuccessionLink]


def successors_of(organisation: Organisation) -> QuerySet[SuccessionLink]:
    """Links to those who took over all or part of a body, by day."""
    return (
        SuccessionLink.objects.filter(predecessor=organisation)
        .select_related("event", "event__legal_basis", "successor")
        .order_by("event__effective_on", "pk")
    )


def lineage(organisation: Organisation) -> Lineage:
    """The links into and out of a body, by day. Two queries."""
    into = (
        SuccessionLink.objects.filter(successor=organisation)
        .select_related("event", "event__legal_basis", "predecessor")
        .order_by("event__effective_on", "pk")
    )
    return Lineage(list(into), list(successors_of(organisation)))


def days_of_change() -> list[date]:
    """The days on which bodies were reorganised, newest first."""
    events = ChangeEvent.objects.filter(state=EventState.COMMITTED)
    days = events.order_by("-effective_on").values_list("effective_on", flat=True)
    return list(days.distinct())


def lineage_ids(organisation: Organisation) -> frozenset[int]:
    """The body and everybody it wholly or partly came from, however far back, for figures."""
    before: dict[int, set[int]] = defaultdict(set)
    for predecessor, successor in SuccessionLink.objects.values_list(
        "predecessor_id", "successor_id"
    ):
        before[successor].add(predecessor)
    found, frontier = {organisation.pk}, {organisation.pk}
    while frontier:
        frontier = {pk for one in frontier for pk in before[one]} - found
        found |= frontier
    return frozenset(found)


def successor_on(organisation: Organisation | int, day: date) -> int | None:
    """The id of the body that stands for this one on a day; None is a question for a person."""
    return descent_on(organisation, day).organisation_id


def descent_on(organisation: Organisation | int, day: date) -> Descent:
    """Who stands for a body on a day, and if nobody clearly does, what to ask. Three queries."""
    pk = organisation if isinstance(organisation, int) else organisation.pk
    return descents_on([pk], day)[pk]


def descents_on(ids: Iterable[int], day: date) -> dict[int, Descent]:
    """Who stands for several bodies on a day, in three queries however many there are.

    Only full links are followed: what went over in part goes nowhere by itself.
    """
    asked = list(ids)
    links: dict[int, list[SuccessionLink]] = defaultdict(list)
    for link in (
        SuccessionLink.objects.filter(event__effective_on__lte=day)
        # Whoever was given a function by a body that lived on is not its heir.
        .exclude(event__kind=ChangeKind.TRANSFER)
        .select_related("event")
        .order_by("event__effective_on", "pk")
    ):
        links[link.predecessor_id].append(link)
    alive = set(OrganisationVersion.objects.on(day).values_list("organisation_id", flat=True))
    names = names_on(asked, day)
    return {
        pk: _follow(pk, links, alive, str(names[pk]) if pk in names else f"#{pk}", day)
        for pk in asked
    }


def _follow(
    pk: int, links: dict[int, list[SuccessionLink]], alive: set[int], name: str, day: date
) -> Descent:
    path = [pk]
    while path[-1] not in alive:
        here = links.get(path[-1], [])
        # A body that lived on after giving a part away ended on the last of these days.
        here = [one for one in here if one.event.effective_on == here[-1].event.effective_on]
        whole = {link.successor_id for link in here if link.share == Share.FULL}
        heirs = tuple(dict.fromkeys(link.successor_id for link in here))
        if len(whole) != 1 or len(heirs) != 1 or path[-1] in heirs:
            return Descent(None, tuple(path), heirs, _question(name, len(heirs), day))
        [heir] = heirs
        if heir in path:
            return Descent(None, tuple(path), heirs, _question(name, 0, day))
        path.append(heir)
    return Descent(path[-1], tuple(path))


def _question(name: str, heirs: int, day: date) -> str:
    values = {"name": name, "day": format_date(day), "count": heirs}
    if heirs == 0:
        return (
            _(
                "%(name)s không còn vào ngày %(day)s và chưa ghi cơ quan nào kế thừa. Chọn cơ quan thay."
            )
            % values
        )
    if heirs == 1:
        return (
            _(
                "%(name)s không còn vào ngày %(day)s; cơ quan kế thừa chỉ nhận một phần. "
                "Xác nhận cơ quan nhận nhiệm vụ."
            )
            % values
        )
    return (
        _(
            "%(name)s không còn vào ngày %(day)s; có %(count)s cơ quan nhận một phần. "
            "Chọn cơ quan nhận nhiệm vụ."
        )
        % values
    )
