"""Bodies that are no more and who has their place: for those who worked there, and who go on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from chuan.core.orgs.enums import ChangeKind, Share
from chuan.core.orgs.models import OrganisationVersion, SuccessionLink
from chuan.core.orgs.queries.lineage import descents_on
from chuan.core.orgs.queries.versions import names_on


@dataclass(frozen=True, slots=True)
class Heir:
    """A body that took over all of another, or a part."""

    organisation_id: int
    name: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class EndedBody:
    """A body that is no more, the first day without it, and those that took over; nobody, perhaps."""

    organisation_id: int
    name: str
    ended_on: date
    heirs: tuple[Heir, ...]


def ended_bodies(ids: Iterable[int], on: date) -> dict[int, EndedBody]:
    """Of these bodies, those that are no more on a day. Five queries, however many."""
    versions = OrganisationVersion.objects.filter(organisation__in=set(ids))
    going_on = versions.going_on(on)
    gone: dict[int, date] = dict(
        versions.exclude(organisation__in=going_on.values("organisation"))
        .order_by("organisation")
        .values("organisation")
        .annotate(gone=Max("valid__endswith"))
        .values_list("organisation", "gone")
    )
    if not gone:
        return {}
    descents = descents_on(gone, on)
    heirs = {
        pk: ((one.organisation_id,) if one.organisation_id else one.candidates)
        for pk, one in descents.items()
    }
    names = names_on({*gone, *(heir for those in heirs.values() for heir in those)}, on)
    return {
        pk: EndedBody(
            pk,
            names[pk].name,
            day,
            tuple(
                Heir(heir, names[heir].name, descents[pk].organisation_id is not None)
                for heir in heirs[pk]
                if heir in names
            ),
        )
        for pk, day in gone.items()
    }


def taken_over_by(ids: Iterable[int], on: date, *, in_part: bool = True) -> frozenset[int]:
    """Bodies that are no more on a day and whose place these have, however many steps back: one
    query a step. Who gave a function away and lived on is not among them.

    :param in_part: also those these took over a part of.
    """
    links = SuccessionLink.objects.filter(event__effective_on__lte=on).exclude(
        event__kind=ChangeKind.TRANSFER
    )
    if not in_part:
        links = links.filter(share=Share.FULL)
    alive = OrganisationVersion.objects.on(on).values("organisation")
    found: set[int] = set()
    frontier = set(ids)
    while frontier:
        rows = links.filter(successor__in=frontier).exclude(predecessor__in=alive)
        frontier = set(rows.values_list("predecessor_id", flat=True)) - found
        found |= frontier
    return frozenset(found)
