"""Every body by every task of one year: a thousand cells in a fixed number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import OrganisationVersion
from chuan.core.ui.components import MatrixCell
from chuan.lib.vietnamese import format_date
from chuan.modules.plans.enums import PartyRole, Timeliness
from chuan.modules.plans.models import Assignment, Plan, Task, timeliness_of
from chuan.modules.plans.queries.assignments import BY_SHORT_NAME, TimelinessCounts, in_year

SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class MatrixBody:
    """A body with its name on the day it was given its tasks."""

    organisation_id: int
    name: str
    kind: OrgKind
    subtype: str
    sort_key: str


@dataclass(frozen=True, slots=True)
class MatrixData:
    tasks: tuple[Task, ...]
    bodies: tuple[MatrixBody, ...]
    cells: dict[tuple[int, int], MatrixCell]
    counts: TimelinessCounts

    def is_overdue(self, organisation_id: int) -> bool:
        return any(
            self.cells[organisation_id, task.pk].status == Timeliness.OVERDUE
            for task in self.tasks
            if (organisation_id, task.pk) in self.cells
        )

    def grouped(self) -> Iterator[tuple[str, list[MatrixBody]]]:
        """Bodies of one kind together, the province's own first."""
        found: dict[tuple[int, str], list[MatrixBody]] = {}
        for body in self.bodies:
            found.setdefault(_group_of(body), []).append(body)
        for (_order, title), bodies in sorted(found.items()):
            yield title, sorted(bodies, key=lambda body: body.sort_key)


def matrix_of(plan: Plan, year: int, *, on: date) -> MatrixData:
    """Leading assignments of a year as they stand on a day. Three queries."""
    tasks = tuple(Task.objects.filter(plan=plan).order_by("position", "pk"))
    rows = Assignment.objects.filter(
        in_year(year), task__plan=plan, role=PartyRole.LEAD
    ).values_list("organisation_id", "task_id", "done_on", "due_on", "resolved_on")
    cells: dict[tuple[int, int], MatrixCell] = {}
    counts: Counter[str] = Counter()
    resolved: dict[int, date] = {}
    made: dict[tuple[date | None, date | None], tuple[Timeliness, MatrixCell]] = {}
    for organisation_id, task_id, done_on, due_on, resolved_on in rows:
        if (done_on, due_on) not in made:
            made[done_on, due_on] = _cell(done_on, due_on, on)
        standing, cell = made[done_on, due_on]
        counts[standing] += 1
        cells[organisation_id, task_id] = cell
        resolved[organisation_id] = max(resolved.get(organisation_id, resolved_on), resolved_on)
    return MatrixData(
        tasks,
        tuple(_bodies(resolved)),
        cells,
        TimelinessCounts(**{k: v for k, v in counts.items()}),
    )


def _cell(done_on: date | None, due_on: date | None, on: date) -> tuple[Timeliness, MatrixCell]:
    standing = timeliness_of(done_on=done_on, due_on=due_on, on=on)
    if done_on is not None:
        return standing, MatrixCell(standing.value, _("xong %s") % format_date(done_on))
    if due_on is None:
        return standing, MatrixCell("open", _("không có ngày hạn"))
    shown = standing.value
    if standing == Timeliness.IN_TIME:
        shown = "due_soon" if due_on - on <= SOON else "open"
    return standing, MatrixCell(shown, _("hạn %s") % format_date(due_on))


def _bodies(resolved: dict[int, date]) -> Iterator[MatrixBody]:
    versions = OrganisationVersion.objects.filter(organisation__in=resolved).order_by("valid")
    found: dict[int, OrganisationVersion] = {}
    for version in versions:
        lower = version.valid.lower
        day = resolved[version.organisation_id]
        if version.organisation_id not in found or lower is None or lower <= day:
            found[version.organisation_id] = version
    for version in found.values():
        yield MatrixBody(
            version.organisation_id,
            version.short_name if version.kind in BY_SHORT_NAME else version.name,
            OrgKind(version.kind),
            version.subtype,
            version.sort_key,
        )


def _group_of(body: MatrixBody) -> tuple[int, str]:
    if body.kind in {OrgKind.PROVINCIAL, OrgKind.ARMED}:
        return 0, _("Sở, ban, ngành")
    if body.kind == OrgKind.DISTRICT:
        return 1, _("UBND huyện, thị xã, thành phố")
    if body.kind == OrgKind.COMMUNE:
        is_ward = body.subtype == "phường"
        return (2, _("UBND phường")) if is_ward else (3, _("UBND xã"))
    return 4, str(body.kind.label)
