"""What the demonstration shows beside the yearly reports: more time asked for, a quarter that bodies
left open when they were dissolved, a review over two years of a smaller plan, and a workbook that
came back with mistakes in it."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
from django.utils import timezone

from chuan.core.workbooks.drawing import draw
from chuan.flows.annual_report.demo_writing import Department, Writers, send, write
from chuan.flows.annual_report.enums import PeriodKind, ReportState
from chuan.flows.annual_report.models import UnitReport
from chuan.flows.annual_report.operations import (
    consolidation,
    entry,
    extensions,
    periods,
    review,
    workbook,
)
from chuan.flows.annual_report.queries.days import ONE_DAY, ProposedDays
from chuan.flows.annual_report.queries.workbook import workbook_of
from chuan.lib.periods import Period

REVIEWED_FROM = date(2025, 3, 20)
REVIEW_BASIS = "Công văn số 9010/UBND-KGVX ngày 16/10/2026 (minh họa)"
REASON = (
    "Hai chuyên viên đầu mối chuyển công tác trong tháng 10; người mới đang nhận bàn giao hồ sơ."
)
GRANTED = "Công văn số 9012/SKHCN-TĐC ngày 18/11/2026 (minh họa)"
REFUSED = "Đơn vị đã được nhắc từ tháng 10 và còn đủ thời gian; gửi theo hạn chung."
# How the requests in turn came out, and how many days before the due day they were made.
OUTCOMES = (("waiting", 1), ("granted", 6), ("refused", 9), ("waiting", 2))
# What bodies that were dissolved left of the quarter they ended with, one each.
LEFT_OPEN = ("sent", "begun", "not begun")
# What somebody types into a workbook that it does not take.
MISTYPED = {"percent": "chín mươi", "achievement": "Gần xong", "is_finished": "rồi"}


def ask_for_more_time(
    plan_id: int, year: int, *, writers: Mapping[int, Writers], department: Department
) -> None:
    """Heads of bodies that are still writing ask for ten days more."""
    writing = (
        UnitReport.objects.filter(
            period__plan=plan_id,
            period__year=year,
            period__kind=PeriodKind.YEARLY,
            state=ReportState.DRAFT,
            entered_by__isnull=False,
            organisation__in=writers,
        )
        .select_related("period")
        .order_by("pk")
    )
    for report, (outcome, days_before) in zip(writing, OUTCOMES, strict=False):
        due_on = report.period.due_on
        asked_at = _at(due_on - timedelta(days=days_before))
        asked = extensions.ask_for_more_time(
            actor=writers[report.organisation_id].head,
            report=report,
            reason=REASON,
            proposed_due_on=due_on + timedelta(days=10),
            at=asked_at,
        )
        decided: dict[str, Any] = {
            "actor": department.leader,
            "extension": asked,
            "version": asked.version,
            "at": asked_at + timedelta(days=1),
        }
        if outcome == "granted":
            extensions.grant_more_time(**decided, due_on=due_on + timedelta(days=7), basis=GRANTED)
        elif outcome == "refused":
            extensions.refuse_more_time(**decided, reason=REFUSED)


def report_on_a_quarter(
    plan_id: int,
    quarter: Period,
    *,
    phrase: str,
    writers: Mapping[int, Writers],
    left_open: Sequence[int],
    department: Department,
    say: Callable[[str], None],
) -> None:
    """Reports on a quarter at whose end bodies were dissolved. Of those `left_open` the first had
    sent its own, the second begun it, the third not begun: nobody can write these any more."""
    due_on = quarter.end - ONE_DAY
    period = periods.open_other_period(
        actor=department.coordinator,
        plan_id=plan_id,
        kind=PeriodKind.QUARTERLY,
        phrase=phrase,
        days=ProposedDays(
            data_from=quarter.start,
            data_to=quarter.end,
            data_why=[],
            opens_on=due_on - timedelta(days=20),
            due_on=due_on,
            due_why=[],
            grace_until=due_on + timedelta(days=10),
            locks_on=due_on + timedelta(days=3650),
        ),
        at=_at(due_on - timedelta(days=20)),
    )
    reports = period.reports.filter(organisation__in=writers).select_related("period__plan")
    rows = list(reports.order_by("pk"))
    stages = dict(zip(left_open, LEFT_OPEN, strict=True))
    for report in rows:
        body = report.organisation_id
        stage, people = stages.get(body, "accepted"), writers[body]
        if stage == "not begun":
            continue
        write(report, people, _at(due_on - timedelta(days=9)), whole=stage != "begun")
        if stage == "begun":
            continue
        sent = send(report, people, _at(due_on - timedelta(days=3)))
        if stage == "accepted":
            review.accept_report(
                actor=department.coordinator,
                report=sent,
                revision=sent.revision,
                at=_at(due_on + timedelta(days=8)),
            )
    say(f"{period.title}: {len(rows)} đơn vị, {len(stages)} cơ quan đã kết thúc để dở")


def review_two_years(
    plan_id: int,
    *,
    writers: Mapping[int, Writers],
    department: Department,
    left_alone: int,
    open_on: date,
    say: Callable[[str], None],
) -> None:
    """A mid-term review: most bodies sent theirs, it was added up once, one body works offline.

    :param left_alone: the body whose clerk sent back a workbook with mistakes in it.
    """
    due_on = open_on + timedelta(days=40)
    period = periods.open_other_period(
        actor=department.coordinator,
        plan_id=plan_id,
        kind=PeriodKind.MID_TERM,
        phrase="giai đoạn 2025–2026",
        days=ProposedDays(
            data_from=REVIEWED_FROM,
            data_to=open_on,
            data_why=[],
            opens_on=open_on,
            due_on=due_on,
            due_why=[],
            grace_until=due_on + timedelta(days=10),
            locks_on=due_on + timedelta(days=120),
        ),
        at=_at(open_on),
        basis=REVIEW_BASIS,
    )
    reports = period.reports.filter(organisation__in=writers).select_related("period__plan")
    for report in reports.order_by("pk"):
        people = writers[report.organisation_id]
        if report.organisation_id == left_alone:
            _send_back_mistyped(report, people, _at(open_on + timedelta(days=12)))
            continue
        write(report, people, _at(open_on + timedelta(days=8)))
        sent = send(report, people, _at(open_on + timedelta(days=10)))
        review.accept_report(
            actor=department.coordinator,
            report=sent,
            revision=sent.revision,
            at=_at(open_on + timedelta(days=11)),
        )
    consolidation.consolidate(
        actor=department.coordinator, period=period, at=_at(open_on + timedelta(days=13))
    )
    say(f"{period.title}: {len(reports)} đơn vị, một bảng tính cần sửa")


def _send_back_mistyped(report: UnitReport, people: Writers, at: datetime) -> None:
    entry.start_report(actor=people.clerk, report=report, at=at - timedelta(days=1))
    report.refresh_from_db()
    book = workbook_of(report)
    drawn = openpyxl.load_workbook(io.BytesIO(draw(book)))
    for table in book.tables:
        titles = {one.title: MISTYPED[one.key] for one in table.columns if one.key in MISTYPED}
        sheet = drawn[table.title]
        for row in sheet.iter_rows():
            found = [cell for cell in row if cell.value in titles]
            for cell in found:
                sheet.cell(cell.row + 1, cell.column, titles[cell.value])
    filled = io.BytesIO()
    drawn.save(filled)
    workbook.send_back_workbook(
        actor=people.clerk,
        report=report,
        name="bao-cao-so-ket-dien-ngoai-tuyen.xlsx",
        content=filled.getvalue(),
        at=at,
    )


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(10, 15)))
