"""Bodies by kind, as matrices, lists and dashboards gather them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, Q, QuerySet, Value, When

from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import OrganisationVersion
from chuan.modules.plans.engine.expansion import cycles
from chuan.modules.plans.enums import BodyGroup
from chuan.modules.plans.models import Assignment, Plan


def first_day(plan: Plan, year: int) -> date:
    """The day on which the year's bodies were resolved."""
    last = plan.valid.upper - timedelta(days=1)
    return next(
        (cycle.start for cycle in cycles(plan.valid.lower, last) if cycle.year == year),
        plan.valid.lower,
    )


def versions_known(on: date) -> QuerySet[OrganisationVersion]:
    """Of every body the last version that began by the day: one each, also of those that ended."""
    known = (
        OrganisationVersion.objects.filter(Q(valid__startswith__lte=on) | Q(valid__lower_inf=True))
        .order_by("organisation", "-valid")
        .distinct("organisation")
    )
    return OrganisationVersion.objects.filter(pk__in=known.values("pk"))


def group_case() -> Case:
    """The `BodyGroup` of a version."""
    return Case(
        When(kind__in=[OrgKind.PROVINCIAL, OrgKind.ARMED], then=Value(BodyGroup.DEPARTMENTS)),
        When(kind=OrgKind.DISTRICT, then=Value(BodyGroup.DISTRICTS)),
        When(kind=OrgKind.COMMUNE, subtype="phường", then=Value(BodyGroup.WARDS)),
        When(kind=OrgKind.COMMUNE, then=Value(BodyGroup.COMMUNES)),
        default=Value(BodyGroup.OTHERS),
        output_field=CharField(),
    )


def in_group(
    rows: QuerySet[Assignment], group: str, *, plan: Plan, year: int
) -> QuerySet[Assignment]:
    """Assignments of the bodies that were of this kind when the year's were resolved."""
    of_group: QuerySet[Any] = (
        versions_known(first_day(plan, year)).annotate(of_group=group_case()).filter(of_group=group)
    )
    return rows.filter(organisation__in=of_group.values("organisation"))
