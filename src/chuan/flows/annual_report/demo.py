"""The reports of two years: the first closed, the second in the middle of coming in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from hashlib import blake2b

from django.utils import timezone

from chuan.core.people.models import Person
from chuan.flows.annual_report.demo_asking import ask_for_more_time as ask_for_more_time
from chuan.flows.annual_report.demo_asking import report_on_a_quarter as report_on_a_quarter
from chuan.flows.annual_report.demo_asking import review_two_years as review_two_years
from chuan.flows.annual_report.demo_writing import Department as Department
from chuan.flows.annual_report.demo_writing import Writers as Writers
from chuan.flows.annual_report.demo_writing import send, write
from chuan.flows.annual_report.models import ReportingPeriod, UnitReport
from chuan.flows.annual_report.operations import (
    consolidation,
    periods,
    review,
)
from chuan.flows.annual_report.queries.days import proposed_days
from chuan.flows.annual_report.queries.parts import revision_of
from chuan.modules.plans import facade as plans


def close_year(
    plan_id: int,
    year: int,
    *,
    writers: Mapping[int, Writers],
    department: Department,
    open_on: date,
    reviewed_on: date,
    say: Callable[[str], None],
) -> None:
    """Every report of a year written, sent, accepted, added up and closed."""
    period = _open(plan_id, year, open_on, department)
    for report in _reports(period, writers):
        write(report, writers[report.organisation_id], _at(open_on + timedelta(days=8)))
        sent = send(report, writers[report.organisation_id], _at(open_on + timedelta(days=20)))
        review.accept_report(
            actor=department.coordinator,
            report=sent,
            revision=sent.revision,
            at=_at(reviewed_on),
        )
    say(f"báo cáo năm {year}: {len(writers)} đơn vị, đã duyệt")
    draft = consolidation.consolidate(
        actor=department.coordinator, period=period, at=_at(reviewed_on + timedelta(days=3))
    )
    consolidation.close_consolidation(
        actor=department.leader,
        consolidation=draft,
        revision=revision_of(draft),
        at=_at(reviewed_on + timedelta(days=9)),
    )
    say(f"bản tổng hợp năm {year} đã chốt")


def run_year(
    plan_id: int,
    year: int,
    *,
    writers: Mapping[int, Writers],
    left_alone: Sequence[int],
    department: Department,
    open_on: date,
    today: date,
    say: Callable[[str], None],
) -> None:
    """Reports of the year that runs: most accepted, some at every other stage.

    The bodies `left_alone` have not begun: whoever tries the product writes theirs.
    """
    period = _open(plan_id, year, open_on, department)
    counts: dict[str, int] = {}
    for report in _reports(period, writers):
        stage = "chưa bắt đầu" if report.organisation_id in left_alone else _stage(report)
        counts[stage] = counts.get(stage, 0) + 1
        people = writers[report.organisation_id]
        if stage == "chưa bắt đầu":
            continue
        sent_on = _sent_on(report, period, today)
        write(report, people, _at(sent_on - timedelta(days=4)), whole=stage != "đang nhập")
        if stage == "đang nhập":
            continue
        sent = send(report, people, _at(sent_on))
        if stage == "đã duyệt":
            review.accept_report(
                actor=department.coordinator, report=sent, revision=sent.revision, at=_at(today)
            )
        elif stage == "chỉnh lý":
            _return(sent, department.coordinator, today)
    say(f"báo cáo năm {year}: " + ", ".join(f"{n} {stage}" for stage, n in counts.items()))


def _open(plan_id: int, year: int, open_on: date, department: Department) -> ReportingPeriod:
    days = proposed_days(plans.plan(plan_id), year)
    days = replace(
        days,
        opens_on=open_on,
        grace_until=max(days.grace_until, date(year, 12, 15)),
        locks_on=date(year + 1, 3, 31),
    )
    return periods.open_period(
        actor=department.coordinator, plan_id=plan_id, year=year, at=_at(open_on), days=days
    )


def _reports(period: ReportingPeriod, writers: Mapping[int, Writers]) -> list[UnitReport]:
    rows = period.reports.filter(organisation__in=writers).select_related("period__plan")
    return list(rows.order_by("pk"))


def _return(report: UnitReport, coordinator: Person, today: date) -> None:
    item = report.items.order_by("pk").first()
    review.comment_on_report(
        actor=coordinator,
        report=report,
        item=item,
        field="narrative",
        text="Nêu rõ số cơ sở đã kiểm tra và kết quả xử lý; hiện mới ghi chung.",
        at=_at(today - timedelta(days=1)),
    )
    review.return_report(
        actor=coordinator,
        report=report,
        due_on=today + timedelta(days=5),
        note="Bổ sung số liệu rồi gửi lại.",
        at=_at(today - timedelta(days=1)),
    )


def _stage(report: UnitReport) -> str:
    dice = _draw(report, "stage", 100)
    for stage, below in (("đã duyệt", 82), ("đã gửi", 88), ("chỉnh lý", 91), ("đang nhập", 96)):
        if dice < below:
            return stage
    return "chưa bắt đầu"


def _sent_on(report: UnitReport, period: ReportingPeriod, today: date) -> date:
    """Most in the last two weeks before the due day, one in twelve after it; all of them once the
    data were complete."""
    days_before = _draw(report, "sent", 14)
    late = _draw(report, "late", 12) == 0
    day = period.due_on + timedelta(days=2) if late else period.due_on - timedelta(days=days_before)
    return min(day, today - timedelta(days=2))


def _draw(report: UnitReport, what: str, size: int) -> int:
    key = f"{report.period.year}|{report.organisation_id}|{what}"
    return int.from_bytes(blake2b(key.encode(), digest_size=4).digest(), "big") % size


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(10, 15)))
