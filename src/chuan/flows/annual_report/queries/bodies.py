"""Names and places of bodies, as they were on a day, many at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import OrganisationVersion

PROVINCIAL_KINDS = frozenset({OrgKind.PROVINCIAL, OrgKind.ARMED, OrgKind.PROVINCE})


GROUP_COUNT = 6


def group_label(place: int) -> str:
    """The name of a line of the coverage table by its order."""
    return (
        _("Sở, ban, ngành"),
        _("UBND cấp huyện"),
        _("UBND phường"),
        _("UBND xã"),
        _("UBND đặc khu"),
        _("Cơ quan, đơn vị khác"),
    )[place]


@dataclass(frozen=True, slots=True)
class Body:
    """One organisation as it is called on the day asked about, or was when it last existed."""

    id: int
    name: str
    short_name: str
    kind: str
    subtype: str
    sort_key: str
    parent_id: int | None
    notation: str
    head_position: str
    seat: str
    is_in_being: bool

    @property
    def group(self) -> tuple[int, str]:
        """The line of the coverage table it is counted in: order and label."""
        place = self._place()
        return (place, group_label(place))

    def _place(self) -> int:
        kind = OrgKind(self.kind)
        if kind in PROVINCIAL_KINDS:
            return 0
        if kind == OrgKind.DISTRICT:
            return 1
        if kind == OrgKind.COMMUNE:
            return {"phường": 2, "xã": 3, "": 3}.get(self.subtype, 4)
        return 5

    @property
    def order(self) -> tuple[int, str, int]:
        return (self._place(), self.sort_key, self.id)


def bodies(organisation_ids: Iterable[int], *, on: date) -> dict[int, Body]:
    """The bodies by id; one query, however many. A body dissolved before the day keeps its last name."""
    chosen: dict[int, OrganisationVersion] = {}
    versions = OrganisationVersion.objects.filter(
        organisation_id__in=set(organisation_ids)
    ).order_by("organisation_id", "valid", "pk")
    for version in versions:
        begins = version.valid.lower
        if version.organisation_id not in chosen or begins is None or begins <= on:
            chosen[version.organisation_id] = version
    return {pk: _body(version, on) for pk, version in chosen.items()}


def body(organisation_id: int, *, on: date) -> Body:
    """:raises KeyError: the organisation has no version at all."""
    return bodies([organisation_id], on=on)[organisation_id]


def _body(version: OrganisationVersion, on: date) -> Body:
    begins, ends = version.valid.lower, version.valid.upper
    return Body(
        id=version.organisation_id,
        name=version.name,
        short_name=version.short_name,
        kind=version.kind,
        subtype=version.subtype,
        sort_key=version.sort_key,
        parent_id=version.parent_id,
        notation=version.notation,
        head_position=version.head_position,
        seat=version.seat,
        is_in_being=(begins is None or begins <= on) and (ends is None or on < ends),
    )
