"""Figures about plans, for whoever reports. Each docstring is published as the definition."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Least, TruncDate
from django.urls import reverse
from django.utils import timezone

from chuan.core.calendar.engine import add_months
from chuan.core.indicators.registry import Figure, Row, Unit, indicator
from chuan.core.orgs.models import Organisation
from chuan.core.orgs.queries import names_on
from chuan.lib.periods import Period
from chuan.modules.plans.enums import DifficultyState, PartyRole, Timeliness
from chuan.modules.plans.models import Assignment, Difficulty, Evidence, ProgressUpdate
from chuan.modules.plans.queries.assignments import COUNTED, in_year, timeliness_case


@indicator(
    code="plans.tasks_assigned", title="Số nhiệm vụ được giao chủ trì trong năm", unit=Unit.COUNT
)
def tasks_assigned(
    period: Period,
    organisation: Organisation | None,
    plan_id: int | None = None,
    *,
    with_rows: bool = True,
) -> Figure:
    """Số phân công chủ trì có kỳ thực hiện trong năm chứa ngày cuối của kỳ báo cáo; mỗi nhiệm vụ
    của mỗi cơ quan tính một lần; nhiệm vụ chỉ cần một trong nhiều cơ quan làm thì tính một lần, ở
    cơ quan đã làm hoặc được nêu đầu tiên. Phân công đã đóng khi cơ quan không còn thì không tính."""
    return _count(_leads(period, organisation, plan_id), period, with_rows=with_rows)


@indicator(code="plans.tasks_completed", title="Số nhiệm vụ đã hoàn thành", unit=Unit.COUNT)
def tasks_completed(
    period: Period,
    organisation: Organisation | None,
    plan_id: int | None = None,
    *,
    with_rows: bool = True,
) -> Figure:
    """Số phân công chủ trì của năm có ngày hoàn thành không muộn hơn ngày cuối của kỳ báo cáo,
    kể cả hoàn thành trễ hạn."""
    done = _leads(period, organisation, plan_id).filter(standing__in=_DONE)
    return _count(done, period, with_rows=with_rows)


@indicator(
    code="plans.tasks_completed_after_counting",
    title="Số nhiệm vụ năm trước hoàn thành sau ngày chốt số liệu",
    unit=Unit.COUNT,
)
def tasks_completed_after_counting(
    period: Period,
    organisation: Organisation | None,
    plan_id: int | None = None,
    *,
    with_rows: bool = True,
) -> Figure:
    """Số phân công chủ trì có kỳ thực hiện kết thúc trước năm chứa ngày cuối của kỳ báo cáo và có
    ngày hoàn thành trong 12 tháng tính đến ngày cuối đó, tức là sau ngày chốt số liệu của báo cáo
    năm trước; không tính lại vào số nhiệm vụ đã hoàn thành của năm báo cáo."""
    last = period.end - timedelta(days=1)
    # A year's data may end before its period does, and begin after the year before was counted.
    first = min(period.start, add_months(last, -12) + timedelta(days=1))
    rows = _led_by(organisation, plan_id).filter(
        period_end__lte=date(last.year, 1, 1), done_on__gte=first, done_on__lte=_counted_on(period)
    )
    return _count(rows, period, with_rows=with_rows)


@indicator(
    code="plans.tasks_done_on_time", title="Tỷ lệ nhiệm vụ hoàn thành đúng hạn", unit=Unit.PERCENT
)
def tasks_done_on_time(
    period: Period,
    organisation: Organisation | None,
    plan_id: int | None = None,
    *,
    with_rows: bool = True,
) -> Figure:
    """Số phân công chủ trì hoàn thành không muộn hơn hạn, chia cho số phân công chủ trì của năm
    đã đến hạn hoặc đã hoàn thành tính đến ngày cuối của kỳ báo cáo, nhân 100. Nhiệm vụ chưa đến
    hạn và chưa hoàn thành không tính vào mẫu số."""
    counted = _leads(period, organisation, plan_id).exclude(standing=Timeliness.IN_TIME)
    return _share(counted, Q(standing=Timeliness.ON_TIME), period, with_rows=with_rows)


@indicator(code="plans.tasks_overdue", title="Số nhiệm vụ quá hạn", unit=Unit.COUNT)
def tasks_overdue(
    period: Period,
    organisation: Organisation | None,
    plan_id: int | None = None,
    *,
    with_rows: bool = True,
) -> Figure:
    """Số phân công chủ trì của năm đã qua hạn mà chưa hoàn thành, tính đến ngày cuối của kỳ báo
    cáo."""
    late = _leads(period, organisation, plan_id).filter(standing=Timeliness.OVERDUE)
    return _count(late, period, with_rows=with_rows)


@indicator(
    code="plans.assignments_with_update",
    title="Tỷ lệ nhiệm vụ có cập nhật tiến độ",
    unit=Unit.PERCENT,
)
def assignments_with_update(
    period: Period,
    organisation: Organisation | None,
    plan_id: int | None = None,
    *,
    with_rows: bool = True,
) -> Figure:
    """Số phân công chủ trì có ít nhất một lần cập nhật tiến độ trong kỳ báo cáo, chia cho số phân
    công chủ trì của năm, nhân 100. Phân công đã đóng khi cơ quan không còn thì không tính."""
    start, end = _instants(period)
    told = ProgressUpdate.objects.filter(
        assignment=OuterRef("pk"), made_at__gte=start, made_at__lt=end
    )
    return _share(
        _leads(period, organisation, plan_id), Q(Exists(told)), period, with_rows=with_rows
    )


@indicator(code="plans.evidence_count", title="Số minh chứng đã cung cấp", unit=Unit.COUNT)
def evidence_count(
    period: Period,
    organisation: Organisation | None,
    plan_id: int | None = None,
    *,
    with_rows: bool = True,
) -> Figure:
    """Số tệp và liên kết minh chứng thêm vào các phân công chủ trì và phối hợp trong kỳ báo cáo,
    không kể minh chứng đã rút trong kỳ. Minh chứng thay bằng bản mới vẫn tính một lần, theo ngày
    thêm bản đầu tiên; minh chứng rút sau kỳ vẫn tính cho kỳ đó."""
    start, end = _instants(period)
    rows = Evidence.objects.filter(
        Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=end),
        first_added_at__gte=start,
        first_added_at__lt=end,
        replaced_by__isnull=True,  # the last of its versions stands for all
    )
    if organisation is not None:
        rows = rows.filter(assignment__organisation=organisation)
    if plan_id is not None:
        rows = rows.filter(assignment__task__plan=plan_id)
    if not with_rows:
        return Figure.count(rows.count())
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
    period: Period,
    organisation: Organisation | None,
    plan_id: int | None = None,
    *,
    with_rows: bool = True,
) -> Figure:
    """Số vướng mắc các cơ quan nêu trong kỳ báo cáo, không kể vướng mắc đã rút."""
    start, end = _instants(period)
    rows = _difficulties(organisation, plan_id).filter(raised_at__gte=start, raised_at__lt=end)
    if not with_rows:
        return Figure.count(rows.count())
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
    period: Period,
    organisation: Organisation | None,
    plan_id: int | None = None,
    *,
    with_rows: bool = True,
) -> Figure:
    """Số vướng mắc được trả lời hoặc trình cấp tỉnh không muộn hơn hạn trả lời, chia cho số vướng
    mắc có hạn trả lời trong kỳ báo cáo và đã đến hạn, nhân 100. Vướng mắc đã rút không tính."""
    last = _counted_on(period)
    rows = _difficulties(organisation, plan_id).filter(
        answer_due_on__gte=period.start, answer_due_on__lt=period.end, answer_due_on__lte=last
    )
    # The earlier of an answer and an escalation; LEAST passes over what did not happen.
    rows = rows.annotate(dealt_with_on=TruncDate(Least("answered_at", "escalated_at")))
    in_time = Q(dealt_with_on__lte=F("answer_due_on"))
    if not with_rows:
        counted = rows.aggregate(whole=Count("pk"), part=Count("pk", filter=in_time))
        return Figure.share(counted["part"], counted["whole"])
    listed = (
        rows.annotate(counts=Case(When(in_time, then=True), default=False))
        .order_by("answer_due_on", "pk")
        .values_list("pk", "title", "counts")
    )
    found = tuple(
        Row(title, reverse("plans:difficulty", args=[pk]), counts=counts)
        for pk, title, counts in listed
    )
    return Figure.share(sum(row.counts for row in found), len(found), found)


_DONE = (Timeliness.ON_TIME, Timeliness.LATE)


def _leads(period: Period, organisation: Organisation | None, plan_id: int | None) -> QuerySet[Any]:
    """Leading assignments of the year in which the period's last day falls, with their `standing`
    as it was on that day; none that was closed with its body, whose heirs have it now, or is counted
    with another body's."""
    on = _counted_on(period)
    last = period.end - timedelta(days=1)
    rows = _led_by(organisation, plan_id).filter(in_year(last.year))
    return rows.annotate(standing=timeliness_case(on, done=Q(done_on__lte=on)))


def _led_by(organisation: Organisation | None, plan_id: int | None) -> QuerySet[Assignment]:
    rows = Assignment.objects.filter(COUNTED, role=PartyRole.LEAD)
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    return rows if plan_id is None else rows.filter(task__plan=plan_id)


def _count(rows: QuerySet[Any], period: Period, *, with_rows: bool) -> Figure:
    if not with_rows:
        return Figure.count(rows.count())
    listed = _rows(rows, Q(), period)
    return Figure.count(len(listed), listed)


def _share(rows: QuerySet[Any], part: Q, period: Period, *, with_rows: bool) -> Figure:
    """The share of the rows that are in the part."""
    if not with_rows:
        found = rows.aggregate(whole=Count("pk"), part=Count("pk", filter=part))
        return Figure.share(found["part"], found["whole"])
    listed = _rows(rows, part, period)
    return Figure.share(sum(row.counts for row in listed), len(listed), listed)


def _rows(rows: QuerySet[Any], part: Q, period: Period) -> tuple[Row, ...]:
    """Two queries: the records, and the names of their bodies."""
    counts = Case(When(part, then=True), default=False) if part else Value(True)
    found = list(
        rows.annotate(counts=counts)
        .order_by("task__plan", "task__position", "pk")
        .values_list("pk", "task__code", "organisation_id", "counts")
    )
    names = names_on({body for _pk, _code, body, _counts in found}, _counted_on(period))
    return tuple(
        Row(f"{code} – {names[body].short_name}", _address(pk), counts=is_counted)
        for pk, code, body, is_counted in found
    )


def _difficulties(organisation: Organisation | None, plan_id: int | None) -> QuerySet[Difficulty]:
    rows = Difficulty.objects.exclude(state=DifficultyState.WITHDRAWN)
    if plan_id is not None:
        rows = rows.filter(plan=plan_id)
    return rows if organisation is None else rows.filter(organisation=organisation)


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
