"""Bodies as they were called on a day."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone

from chuan.core.orgs.enums import OrgKind, Share
from chuan.core.orgs.models import (
    Organisation,
    OrganisationVersion,
    SuccessionLink,
    VersionQuerySet,
)
from chuan.lib.vietnamese import clean, fold, looks_abbreviated


@dataclass(frozen=True, slots=True)
class Name:
    """What a body is called on a day.

    `is_former`: it did not exist on that day; the name is the last it had, or the first to come.
    """

    organisation_id: int
    name: str
    short_name: str
    kind: OrgKind
    is_former: bool = False

    def __str__(self) -> str:
        return self.name


def version_on(organisation: Organisation | int, day: date) -> OrganisationVersion | None:
    """What a body was on a day; None when it did not exist."""
    pk = organisation if isinstance(organisation, int) else organisation.pk
    return (
        OrganisationVersion.objects.on(day)
        .filter(organisation_id=pk)
        .select_related("organisation", "parent", "legal_basis")
        .first()
    )


def versions_on(day: date) -> VersionQuerySet:
    """Every body that exists on a day, by kind and name."""
    return OrganisationVersion.objects.on(day).select_related("organisation").in_order()


def organisations_on(
    day: date,
    *,
    kind: OrgKind | Iterable[OrgKind] | None = None,
    under: Organisation | int | None = None,
) -> VersionQuerySet:
    """Bodies that exist on a day, of some kinds, right below one body, by kind and name.

    The rows are versions: they carry the name of that day; `organisation_id` is who it is.
    """
    found = versions_on(day)
    if kind is not None:
        found = found.filter(kind__in=[kind] if isinstance(kind, str) else list(kind))
    if under is not None:
        found = found.filter(parent_id=under if isinstance(under, int) else under.pk)
    return found


def children_on(organisation: Organisation | int, day: date) -> VersionQuerySet:
    """The bodies right below one on a day."""
    return organisations_on(day, under=organisation)


def home_provinces_on(day: date) -> VersionQuerySet:
    """The provinces this installation works for that exist on a day."""
    return versions_on(day).filter(organisation__is_home=True, kind=OrgKind.PROVINCE)


def home_province_on(day: date) -> OrganisationVersion | None:
    """The province this installation works for on a day; the first by name if there are several."""
    return home_provinces_on(day).first()


def province_name(day: date) -> str:
    """How a sentence names the home province of a day: “tỉnh Gia Lai”; "" without one."""
    # The names alone: every page has this in its head.
    names = home_provinces_on(day).order_by("sort_key", "pk").values_list("name", flat=True)
    return place_of(names.first() or "")


def place_of(name: str) -> str:
    """The place a people's committee governs: “tỉnh Gia Lai”; any other name as it is."""
    return re.sub(r"^Ủy ban nhân dân\s+", "", name)


def versions_of(organisation: Organisation) -> VersionQuerySet:
    """Everything a body has been called, newest first."""
    return (
        OrganisationVersion.objects.filter(organisation=organisation)
        .select_related("parent", "legal_basis")
        .order_by("-valid", "pk")
    )


def name_on(organisation: Organisation | int, day: date) -> Name | None:
    """What to call a body when telling of a day; None when nothing is known of it."""
    pk = organisation if isinstance(organisation, int) else organisation.pk
    return names_on([pk], day).get(pk)


def names_on(ids: Iterable[int], day: date) -> dict[int, Name]:
    """What to call several bodies when telling of a day, in one query.

    A body that had ended by then keeps its last name, one yet to come its first: nothing that
    happened ever stands without a name.
    """
    return {pk: name for (pk, _day), name in names_at((pk, day) for pk in ids).items()}


def names_at(asked: Iterable[tuple[int, date]]) -> dict[tuple[int, date], Name]:
    """As `names_on`, for bodies each on a day of its own, in one query."""
    pairs = set(asked)
    versions: dict[int, list[OrganisationVersion]] = defaultdict(list)
    for version in OrganisationVersion.objects.filter(
        organisation_id__in={pk for pk, _day in pairs}
    ).order_by("valid"):
        versions[version.organisation_id].append(version)
    return {(pk, day): _named(versions[pk], day) for pk, day in pairs if versions[pk]}


def named(words: Iterable[str]) -> Q:
    """Versions with every word, folded, in a name; an abbreviation may stand for words that begin
    with its letters: “sở khcn”, “ubnd tp quy nhơn”."""
    here = Q()
    for word in words:
        one = Q(search_key__contains=word)
        letters = "".join(filter(str.isalnum, word))
        if looks_abbreviated(letters):
            one |= Q(initials__contains=letters)
        here &= one
    return here


def find_organisations(text: str, *, on: date) -> VersionQuerySet:
    """Bodies of a day found by any name they have or had, or that a body before them had.

    Without tones and in any case; every word must stand in the name. Searching for a district that
    is gone finds what took its place. Three queries.
    """
    words = fold(clean(text)).split()
    here = named(words)
    if not words:
        return versions_on(on)
    # Those whose name of the day is found need no listing; the others are few.
    follow = _links_until(on)
    found = set(
        OrganisationVersion.objects.filter(here)
        .filter(~Q(valid__contains=on) | Q(organisation_id__in=follow))
        .values_list("organisation_id", flat=True)
    )
    by_old_names = found | _reached_from(found, follow)
    return versions_on(on).filter(here | Q(organisation_id__in=by_old_names))


def known_as(text: str) -> set[int]:
    """Bodies that ever bore a name with every word in it, or took over from one that did, whether
    they are still there or not. What lists of work are searched by; two queries."""
    words = fold(clean(text)).split()
    if not words:
        return set()
    here = named(words)
    found = set(OrganisationVersion.objects.filter(here).values_list("organisation_id", flat=True))
    return found | _reached_from(found, _links_until(timezone.localdate()))


def once_called(name: str, *, on: date) -> list[int]:
    """Bodies of a day that bore exactly this name before, or took over from one that bore it: what a
    name means that nobody bears any more. Three queries."""
    wanted = fold(clean(name))
    bore = {
        version.organisation_id
        for version in OrganisationVersion.objects.filter(
            search_key__contains=wanted, valid__startswith__lte=on
        )
        if wanted in {fold(version.name), fold(version.short_name)}
    }
    if not wanted or not bore:
        return []
    heirs = bore | _reached_from(bore, _links_until(on))
    return list(
        versions_on(on).filter(organisation__in=heirs).values_list("organisation_id", flat=True)
    )


@dataclass(frozen=True, slots=True)
class Former:
    """Names of old a body was found by: `whole` its own and those of bodies it took over, `part` those
    of bodies it took a part of."""

    whole: tuple[str, ...] = ()
    part: tuple[str, ...] = ()


def former_names(text: str, ids: Iterable[int], *, on: date) -> dict[int, Former]:
    """By which names of old a search found these bodies: “UBND xã An Nghĩa, nay là …”.

    Names the bodies bore themselves before, or that bodies bore which they took over from. Bodies
    whose name of the day is found by the words are left out. Four queries, one where that is all.
    """
    words = fold(clean(text)).split()
    if not words:
        return {}
    here = named(words)
    wanted = set(ids)
    wanted -= set(
        OrganisationVersion.objects.on(on)
        .filter(here, organisation_id__in=wanted)
        .values_list("organisation_id", flat=True)
    )
    if not wanted:
        return {}
    before: dict[int, dict[str, None]] = defaultdict(dict)
    for version in OrganisationVersion.objects.filter(here).order_by("sort_key", "pk"):
        before[version.organisation_id].setdefault(version.short_name)
    follow, whole = _links_until(on), _links_until(on, whole=True)
    all_of: dict[int, dict[str, None]] = defaultdict(dict)
    part_of: dict[int, dict[str, None]] = defaultdict(dict)
    for pk, names in before.items():
        heirs = {pk} | _reached_from({pk}, whole)
        for heir in wanted & heirs:
            all_of[heir] |= names
        for heir in wanted & (_reached_from({pk}, follow) - heirs):
            part_of[heir] |= names
    return {
        pk: Former(tuple(all_of[pk]), tuple(name for name in part_of[pk] if name not in all_of[pk]))
        for pk in all_of.keys() | part_of.keys()
    }


def _links_until(on: date, *, whole: bool = False) -> dict[int, set[int]]:
    links = SuccessionLink.objects.filter(event__effective_on__lte=on)
    if whole:
        links = links.filter(share=Share.FULL)
    follow: dict[int, set[int]] = defaultdict(set)
    for predecessor, successor in links.values_list("predecessor_id", "successor_id"):
        follow[predecessor].add(successor)
    return follow


def _reached_from(ids: set[int], follow: dict[int, set[int]]) -> set[int]:
    found: set[int] = set()
    frontier = set(ids)
    while frontier:
        frontier = {heir for pk in frontier for heir in follow.get(pk, ())} - found
        found |= frontier
    return found


def as_called(versions: list[OrganisationVersion], day: date) -> tuple[OrganisationVersion, bool]:
    """The version of the day, else the last before it, else the first after, and whether the body
    was not there. Versions in order."""
    chosen, is_former = versions[0], True
    for version in versions:
        lower, upper = version.valid.lower, version.valid.upper
        if lower is None or lower <= day:
            chosen = version
            is_former = upper is not None and upper <= day
    return chosen, is_former


def _named(versions: list[OrganisationVersion], day: date) -> Name:
    chosen, is_former = as_called(versions, day)
    return Name(
        organisation_id=chosen.organisation_id,
        name=chosen.name,
        short_name=chosen.short_name,
        kind=OrgKind(chosen.kind),
        is_former=is_former,
    )
