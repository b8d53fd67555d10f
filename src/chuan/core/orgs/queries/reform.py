"""A list of new units against the register: which of its units are known, and what event it makes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from chuan.core.orgs import rules
from chuan.core.orgs.engine.proposals import Link, Part
from chuan.core.orgs.enums import EventState, OrgKind, ReformState, Share, Stance
from chuan.core.orgs.models import ChangeEvent, OrganisationVersion, Reform, SuccessionLink
from chuan.core.orgs.parsing.reform import (
    OldUnit,
    ProvinceReading,
    Reading,
    Unit,
    read_reform,
)
from chuan.lib.vietnamese import fold, spelling_key

ONE_DAY = timedelta(days=1)
_BELOW = (OrgKind.COMMUNE, OrgKind.DISTRICT)


@dataclass(frozen=True, slots=True)
class Proposed:
    """What taking one province over says, ready to be drafted; `skipped`: what is recorded already."""

    parts: tuple[Part, ...]
    links: tuple[Link, ...]
    known_units: int
    skipped: tuple[str, ...] = ()


def reforms_visible_to(reader: object) -> QuerySet[Reform]:
    """Lists being compared, newest first, for those who prepare reorganisations."""
    reforms = Reform.objects.select_related("legal_basis", "uploaded_by")
    if not rules.see_drafts.allows(reader):
        return reforms.none()
    return reforms.exclude(state=ReformState.ABANDONED).order_by("-uploaded_at", "-pk")


def reading_of(reform: Reform) -> Reading:
    """What the list says, with what people answered."""
    return read_reform(reform.text, reform.answers)


def events_of(reform: Reform) -> dict[str, ChangeEvent]:
    """The event that takes each province over, by its code, unless it was put aside or undone."""
    events = reform.events.exclude(state__in=[EventState.ABANDONED, EventState.REVERSED])
    return {event.reform_code: event for event in events.order_by("pk")}


def proposed_for(province: ProvinceReading, on: date) -> Proposed:
    """The event that makes one province of the list real in the register. Six queries.

    Units the register knows are used, by name under their province and never by code; old ones it
    does not know are entered as having been there until the day.
    """
    return _Matcher(province, on).proposed()


class _Matcher:
    def __init__(self, province: ProvinceReading, on: date) -> None:
        self.reading = province
        self.on = on
        self.parts: dict[str, Part] = {}
        self.links: list[Link] = []
        self.skipped: list[str] = []
        self.number = 0

    def proposed(self) -> Proposed:
        self.home = self._known_province()
        self.units = self._match(self.reading.units, self._versions_under_new())
        self.before = self._versions_before()
        self.districts = self._districts_of(self.units.values())
        above = self._province_part()
        refs = {unit: self._new_unit(unit, above) for unit in self.reading.units}
        for old in self.reading.old_units:
            self._old_unit(old, refs)
        self._drop_idle()
        return Proposed(
            tuple(self.parts.values()), tuple(self.links), len(self.units), tuple(self.skipped)
        )

    # ------------------------------------------------------------ what the register knows

    def _known_province(self) -> OrganisationVersion | None:
        asked = _province_key(self.reading.name)
        provinces = OrganisationVersion.objects.on(self.on).filter(kind=OrgKind.PROVINCE)
        found = [one for one in provinces if _province_key(one.name) == asked]
        return found[0] if len(found) == 1 else None

    def _versions_under_new(self) -> dict[str, OrganisationVersion]:
        if self.home is None:
            return {}
        versions = OrganisationVersion.objects.on(self.on).filter(
            parent_id=self.home.organisation_id, kind__in=_BELOW, valid__endswith=None
        )
        return _by_title(versions)

    def _versions_before(self) -> dict[str, OrganisationVersion]:
        """Old units that are in the register, by title; one name borne by two is nobody's."""
        if self.home is None:
            return {}
        came_from = SuccessionLink.objects.filter(successor=self.home.organisation_id)
        tops = {self.home.organisation_id, *came_from.values_list("predecessor_id", flat=True)}
        eve = OrganisationVersion.objects.on(self.on - ONE_DAY).filter(kind__in=_BELOW)
        middle = set(eve.filter(parent_id__in=tops).values_list("organisation_id", flat=True))
        return _by_title(eve.filter(parent_id__in=tops | middle))

    def _match(
        self, units: Iterable[Unit], known: dict[str, OrganisationVersion]
    ) -> dict[Unit, OrganisationVersion]:
        return {unit: known[key] for unit in units if (key := spelling_key(unit.title)) in known}

    def _districts_of(self, versions: Iterable[OrganisationVersion]) -> dict[int, set[int]]:
        """Which district each known new unit lay in, as its links say."""
        found: dict[int, set[int]] = defaultdict(set)
        links = SuccessionLink.objects.filter(
            successor_id__in=[one.organisation_id for one in versions],
            predecessor__versions__kind=OrgKind.DISTRICT,
        )
        for successor, district in links.values_list("successor_id", "predecessor_id"):
            found[successor].add(district)
        self.tops = self._tops_of({one for ids in found.values() for one in ids})
        return found

    def _tops_of(self, districts: set[int]) -> set[int]:
        """Provinces of old that had none of these districts: where the other units lay."""
        if self.home is None:
            return set()
        with_districts = set(
            OrganisationVersion.objects.filter(organisation_id__in=districts).values_list(
                "parent_id", flat=True
            )
        )
        links = SuccessionLink.objects.filter(
            successor=self.home.organisation_id, event__effective_on=self.on
        )
        return set(links.values_list("predecessor_id", flat=True)) - with_districts

    # ------------------------------------------------------------ what the event says

    def _province_part(self) -> str:
        """The new province: the one the register knows, else one made from those the list names."""
        if self.home is not None:
            return str(self.home.organisation_id)
        new = self._add(Stance.BEGINS, _province_facts(self.reading.name))
        for name in self.reading.before or (self.reading.name,):
            old = self._add(Stance.WAS, _province_facts(name))
            self.links.append(Link(old, new))
        return new

    def _new_unit(self, unit: Unit, above: str) -> str:
        known = self.units.get(unit)
        if known is not None:
            ref = str(known.organisation_id)
            self.parts[ref] = Part(ref, Stance.GOES_ON)
            return ref
        return self._add(Stance.BEGINS, _unit_facts(unit.type, unit.name, above))

    def _old_unit(self, old: OldUnit, refs: dict[Unit, str]) -> None:
        heirs = [refs[unit] for unit in old.successors]
        known = self.before.get(spelling_key(old.title))
        if known is not None and known.valid.upper is not None:
            # It ended in an event the register has already.
            self.skipped.append(old.title)
            return
        if known is not None:
            ref = str(known.organisation_id)
            others = [heir for heir in heirs if heir != ref]
            if len(others) == len(heirs) and ref not in self.parts:
                self.parts[ref] = Part(ref, Stance.ENDS)
            heirs = others
        else:
            facts = _unit_facts(old.type, old.name, self._above_old(heirs))
            ref = self._add(Stance.WAS, facts)
        goes_on = ref in self.parts and self.parts[ref].stance == Stance.GOES_ON
        share = Share.PARTIAL if old.is_split or goes_on else Share.FULL
        notes = {mention.unit: mention.words for mention in old.mentions}
        self.links += [
            Link(ref, refs[unit], share, note=notes[unit][:300] if old.is_split else "")
            for unit in old.successors
            if refs[unit] in heirs
        ]

    def _above_old(self, heirs: list[str]) -> str:
        """The district its heirs lay in, or the only province of old without known districts."""
        known = [self.districts.get(int(ref), set()) for ref in heirs if ref.isdigit()]
        districts = set().union(*known) if known else set()
        if len(districts) == 1:
            return str(next(iter(districts)))
        if not districts and len(self.tops) == 1:
            return str(next(iter(self.tops)))
        return ""

    def _drop_idle(self) -> None:
        """Units that nothing happens to need not stand in the event."""
        busy = {ref for link in self.links for ref in (link.predecessor, link.successor)}
        self.parts = {
            ref: part
            for ref, part in self.parts.items()
            if ref in busy or part.stance != Stance.GOES_ON
        }

    def _add(self, stance: Stance, facts: dict[str, str]) -> str:
        self.number += 1
        ref = f"+{self.number}"
        self.parts[ref] = Part(ref, stance, facts)
        return ref


def _by_title(versions: Iterable[OrganisationVersion]) -> dict[str, OrganisationVersion]:
    found: dict[str, list[OrganisationVersion]] = defaultdict(list)
    for version in versions:
        title = spelling_key(version.name).removeprefix(spelling_key("Ủy ban nhân dân") + " ")
        found[title].append(version)
    return {title: rows[0] for title, rows in found.items() if len(rows) == 1}


def _province_key(name: str) -> str:
    bare = fold(name).removeprefix("uy ban nhan dan ")
    for word in ("tinh ", "thanh pho ", "thu do "):
        bare = bare.removeprefix(word)
    return bare


def _province_facts(name: str) -> dict[str, str]:
    type_, _space, rest = name.partition(" ")
    if fold(type_) in {"thanh", "thu"}:
        second, _space, rest = rest.partition(" ")
        type_ = f"{type_} {second}"
    # The capital is a city by its kind: “thủ đô” is what it is, not what it is called.
    type_ = "thành phố" if fold(type_) == "thu do" else type_.lower()
    return {
        "name": f"Ủy ban nhân dân {type_} {rest}",
        "short_name": f"UBND {type_} {rest}",
        "kind": OrgKind.PROVINCE.value,
        "subtype": type_,
        "notation": "UBND",
        "head_position": "Chủ tịch",
        "seat": rest,
        "parent": "",
    }


def _unit_facts(type_: str, name: str, above: str) -> dict[str, str]:
    kind = OrgKind.DISTRICT if type_ == "huyện" else OrgKind.COMMUNE
    return {
        "name": f"Ủy ban nhân dân {type_} {name}",
        "short_name": f"UBND {type_} {name}",
        "kind": kind.value,
        "subtype": type_,
        "notation": "UBND",
        "head_position": "Chủ tịch",
        "seat": name,
        "parent": above,
    }
