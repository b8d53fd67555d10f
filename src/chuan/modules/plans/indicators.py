"""Figures about plans, for whoever reports. Each docstring is published as the definition."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from chuan.core.indicators.registry import Figure, Row, Unit, indicator
from chuan.core.orgs.models import Organisation
from chuan.core.orgs.queries import names_on
from chuan.lib.periods import Period
from chuan.modules.plans.enums import DifficultyState, PartyRole, Timeliness
from chuan.modules.plans.models import (
    Assignment,
    Difficulty,
    Evidence,
    ProgressUpdate,
    timeliness_of,
)
from chuan.modules.plans.queries.assignments import in_year


@dataclass(frozen=True, slots=True)
class _Lead:
    """A leading assignment of the year, as it stood on the day a figure is counted for."""

    id: int
    task_code: str
    year: int
    organisation_id: int
    standing: Timeliness
    has_update: bool = False


@indicator(
    code="plans.tasks_assigned", title="Số nhiệm vụ được giao chủ trì trong năm", unit=Unit.COUNT
)
def tasks_assigned(
    period: Period, organisation: Organisation | None, plan_id: int | None = None
) -> Figure:
    """Số phân công chủ trì có kỳ thực hiện trong năm chứa ngày cuối của kỳ báo cáo; mỗi nhiệm vụ
    của mỗi cơ quan tính một lần."""
    found = _leads(period, organisation, plan_id)
    return Figure.count(len(found), _rows(found, period))


@indicator(code="plans.tasks_completed", title="Số nhiệm vụ đã hoàn thành", unit=Unit.COUNT)
def tasks_completed(
    period: Period, organisation: Organisation | None, plan_id: int | None = None
) -> Figure:
    """Số phân công chủ trì của năm có ngày hoàn thành không muộn hơn ngày cuối của kỳ báo cáo,
    kể cả hoàn thành trễ hạn."""
    done = [one for one in _leads(period, organisation, plan_id) if one.standing in _DONE]
    return Figure.count(len(done), _rows(done, period))


@indicator(
    code="plans.tasks_done_on_time", title="Tỷ lệ nhiệm vụ hoàn thành đúng hạn", unit=Unit.PERCENT
)
def tasks_done_on_time(
    period: Period, organisation: Organisation | None, plan_id: int | None = None
) -> Figure:
    """Số phân công chủ trì hoàn thành không muộn hơn hạn, chia cho số phân công chủ trì của năm
    đã đến hạn hoặc đã hoàn thành tính đến ngày cuối của kỳ báo cáo, nhân 100. Nhiệm vụ chưa đến
    hạn và chưa hoàn thành không tính vào mẫu số."""
    counted = [
        one
        for one in _leads(period, organisation, plan_id)
        if one.standing is not Timeliness.IN_TIME
    ]
    return _share(counted, period, lambda one: one.standing is Timeliness.ON_TIME)


@indicator(code="plans.tasks_overdue", title="Số nhiệm vụ quá hạn", unit=Unit.COUNT)
def tasks_overdue(
    period: Period, organisation: Organisation | None, plan_id: int | None = None
) -> Figure:
    """Số phân công chủ trì của năm đã qua hạn mà chưa hoàn thành, tính đến ngày cuối của kỳ báo
    cáo."""
    late = [
        one for one in _leads(period, organisation, plan_id) if one.standing is Timeliness.OVERDUE
    ]
    return Figure.count(len(late), _rows(late, period))


@indicator(
    code="plans.assignments_with_update",
    title="Tỷ lệ nhiệm vụ có cập nhật tiến độ",
    unit=Unit.PERCENT,
)
def assignments_with_update(
    period: Period, organisation: Organisation | None, plan_id: int | None = None
) -> Figure:
    """Số phân công chủ trì có ít nhất một lần cập nhật tiến độ trong kỳ báo cáo, chia cho số phân
    công chủ trì của năm, nhân 100."""
    start, end = _instants(period)
    told = ProgressUpdate.objects.filter(
        assignment=OuterRef("pk"), made_at__gte=start, made_at__lt=end
    )
    found = _leads(period, organisation, plan_id, has_update=Exists(told))
    return _share(found, period, lambda one: one.has_update)


@indicator(code="plans.evidence_count", title="Số minh chứng đã cung cấp", unit=Unit.COUNT)
def evidence_count(
    period: Period, organisation: Organisation | None, plan_id: int | None = None
) -> Figure:
    """Số tệp và liên kết minh chứng thêm vào các phân công chủ trì và phối hợp trong kỳ báo cáo,
    không kể minh chứng đã rút."""
    start, end = _instants(period)
    rows = Evidence.objects.filter(added_at__gte=start, added_at__lt=end, withdrawn_at__isnull=True)
    if organisation is not None:
        rows = rows.filter(assignment__organisation=organisation)
    if plan_id is not None:
        rows = rows.filter(assignment__task__plan=plan_id)
    listed = rows.order_by("assignment__task__position", "pk").values_list(
        "title", "assignment__task__code", "assignment_id"
    )
    return Figure.count(
        len(listed),
        tuple(Row(f"{code}: {title}", _address(assignment)) for title, code, assignment in listed),
    )


@indicator(
    code="plans.difficulties_raised", title="Số vướng mắc đã nêu bằng văn bản", unit=Unit.COUNT
)
def difficulties_raised(
    period: Period, organisation: Organisation | None, plan_id: int | None = None
) -> Figure:
    """Số vướng mắc các cơ quan nêu trong kỳ báo cáo, không kể vướng mắc đã rút."""
    start, end = _instants(period)
    rows = _difficulties(organisation, plan_id).filter(raised_at__gte=start, raised_at__lt=end)
    listed = rows.order_by("raised_at", "pk").values_list("pk", "title")
    return Figure.count(
        len(listed),
        tuple(Row(title, reverse("plans:difficulty", args=[pk])) for pk, title in listed),
    )


@indicator(
    code="plans.difficulties_answered_on_time",
    title="Tỷ lệ vướng mắc được xử lý đúng hạn",
    unit=Unit.PERCENT,
)
def difficulties_answered_on_time(
    period: Period, organisation: Organisation | None, plan_id: int | None = None
) -> Figure:
    """Số vướng mắc được trả lời hoặc trình cấp tỉnh không muộn hơn hạn trả lời, chia cho số vướng
    mắc có hạn trả lời trong kỳ báo cáo và đã đến hạn, nhân 100. Vướng mắc đã rút không tính."""
    last = _counted_on(period)
    rows = _difficulties(organisation, plan_id).filter(
        answer_due_on__gte=period.start, answer_due_on__lt=period.end, answer_due_on__lte=last
    )
    listed = rows.order_by("answer_due_on", "pk").values_list(
        "pk", "title", "answer_due_on", "answered_at", "escalated_at"
    )
    found = tuple(
        Row(
            title,
            reverse("plans:difficulty", args=[pk]),
            counts=_dealt_with_by(due_on, answered_at, escalated_at),
        )
        for pk, title, due_on, answered_at, escalated_at in listed
    )
    return Figure.share(sum(row.counts for row in found), len(found), found)


_DONE = frozenset({Timeliness.ON_TIME, Timeliness.LATE})


def _leads(
    period: Period,
    organisation: Organisation | None,
    plan_id: int | None,
    *,
    has_update: Any = None,
) -> list[_Lead]:
    """Leading assignments of the year in which the period's last day falls; one query."""
    on = _counted_on(period)
    last = period.end - timedelta(days=1)
    rows: QuerySet[Assignment] = Assignment.objects.filter(in_year(last.year), role=PartyRole.LEAD)
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    if plan_id is not None:
        rows = rows.filter(task__plan=plan_id)
    wanted = ["pk", "task__code", "year", "organisation_id", "done_on", "due_on"]
    if has_update is not None:
        rows = rows.annotate(told=has_update)
        wanted.append("told")
    found = []
    for pk, code, year, body, done_on, due_on, *told in rows.order_by(
        "task__plan", "task__position", "pk"
    ).values_list(*wanted):
        done_by_then = done_on if done_on is not None and done_on <= on else None
        standing = timeliness_of(done_on=done_by_then, due_on=due_on, on=on)
        found.append(_Lead(pk, code, year, body, standing, bool(told and told[0])))
    return found


def _share(found: list[_Lead], period: Period, counts: Callable[[_Lead], bool]) -> Figure:
    part = sum(counts(one) for one in found)
    return Figure.share(part, len(found), _rows(found, period, counts))


def _rows(
    found: Iterable[_Lead], period: Period, counts: Callable[[_Lead], bool] | None = None
) -> tuple[Row, ...]:
    listed = list(found)
    names = names_on({one.organisation_id for one in listed}, _counted_on(period))
    return tuple(
        Row(
            f"{one.task_code} – {names[one.organisation_id].short_name}",
            _address(one.id),
            counts=counts is None or counts(one),
        )
        for one in listed
    )


def _difficulties(organisation: Organisation | None, plan_id: int | None) -> QuerySet[Difficulty]:
    rows = Difficulty.objects.exclude(state=DifficultyState.WITHDRAWN)
    if plan_id is not None:
        rows = rows.filter(plan=plan_id)
    return rows if organisation is None else rows.filter(organisation=organisation)


def _dealt_with_by(
    due_on: date | None, answered_at: datetime | None, escalated_at: datetime | None
) -> bool:
    """Whether the earlier of an answer and an escalation came no later than the day."""
    moments = [moment for moment in (answered_at, escalated_at) if moment is not None]
    if due_on is None or not moments:
        return False
    return timezone.localdate(min(moments)) <= due_on


def _counted_on(period: Period) -> date:
    """The period's last day, or today while the period runs."""
    return min(period.end - timedelta(days=1), timezone.localdate())


def _instants(period: Period) -> tuple[datetime, datetime]:
    zone = timezone.get_default_timezone()
    return (
        datetime.combine(period.start, time.min, zone),
        datetime.combine(period.end, time.min, zone),
    )


def _address(assignment_id: int) -> str:
    return reverse("plans:assignment", args=[assignment_id])
