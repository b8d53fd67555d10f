"""Reports as pages show them: words and looks of states, rows of task lists, points of a history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from chuan.core.calendar.queries import working_calendar
from chuan.core.indicators.registry import Unit
from chuan.core.people.enums import SigningForm
from chuan.core.ui.components import Event, Lineage
from chuan.flows.annual_report.enums import ReportState, StepKind
from chuan.flows.annual_report.models import ReportFigure, ReportItem, ReportStep, UnitReport
from chuan.lib.language import format_percent, shown_number
from chuan.modules.plans import facade as plans

STATE_KEYS = {
    ReportState.DRAFT: "in_entry",
    ReportState.SUBMITTED: "submitted",
    ReportState.RETURNED: "returned",
    ReportState.ACCEPTED: "approved",
    ReportState.CONSOLIDATED: "consolidated",
    ReportState.CLOSED: "done",
    ReportState.EXCLUDED: "excluded",
}

UNIT_WORDS = {Unit.COUNT.value: "", Unit.PERCENT.value: "%", Unit.VND.value: "đồng"}

_STEP_ICONS = {
    StepKind.OPENED: "calendar",
    StepKind.STARTED: "pencil",
    StepKind.MADE_READY: "send",
    StepKind.GIVEN_BACK: "corner-up-left",
    StepKind.SUBMITTED: "send",
    StepKind.WITHDRAWN: "corner-up-left",
    StepKind.RETURNED: "corner-up-left",
    StepKind.ACCEPTED: "check",
    StepKind.EXCLUDED: "ban",
    StepKind.READMITTED: "plus",
    StepKind.CONSOLIDATED: "stack-2",
    StepKind.LEFT_OUT: "ban",
    StepKind.CLOSED: "lock",
    StepKind.URGED: "bell",
}
_BAD_STEPS = frozenset({StepKind.RETURNED, StepKind.EXCLUDED, StepKind.GIVEN_BACK})


def state_key(report: UnitReport) -> str:
    """The key of a report's state on the status shelf; not yet opened is a state of its own."""
    if report.state == ReportState.DRAFT and report.started_at is None:
        return "not_started"
    return STATE_KEYS[ReportState(report.state)]


def item_key(
    item: ReportItem, *, comment_count: int, assignment: plans.AssignmentRef | None
) -> str:
    """The key of one task's line in the report."""
    if comment_count:
        return "returned"
    if assignment is not None and assignment.heading_only:
        return "heading_only"
    lacks = (
        assignment is not None
        and item.achievement == plans.Achievement.COMPLETE
        and not assignment.is_proven
    )
    if lacks:
        return "no_evidence"
    if item.is_finished:
        return "written"
    return "in_entry" if item.narrative or item.outlook else "not_started"


def days_left(due_on: date, today: date) -> str:
    """“còn 5 ngày làm việc”, “hôm nay là ngày cuối”, “quá hạn 3 ngày làm việc”."""
    if due_on == today:
        return _("hôm nay là ngày cuối")
    calendar = working_calendar()
    if due_on > today:
        number = calendar.working_days_between(today, due_on)
        return _("còn %(number)s ngày làm việc") % {"number": shown_number(number)}
    number = calendar.working_days_between(due_on, today)
    return _("quá hạn %(number)s ngày làm việc") % {"number": shown_number(number)}


def lineage_of(figure: ReportFigure, *, with_url: bool = True) -> Lineage:
    """A figure of a report with where it comes from."""
    is_share = figure.unit == Unit.PERCENT
    if is_share and figure.denominator:
        source = _("%(part)s/%(whole)s hồ sơ") % {
            "part": shown_number(figure.numerator or 0),
            "whole": shown_number(figure.denominator),
        }
    elif figure.rows:
        source = _("%(count)s hồ sơ") % {"count": shown_number(len(figure.rows))}
    else:
        source = ""
    return Lineage(
        label=figure.title,
        counted=figure.value,
        unit="" if reported_value(figure) is None else UNIT_WORDS.get(figure.unit, figure.unit),
        reported=figure.override,
        reason=figure.override_reason,
        source=source,
        source_url=(
            reverse("annual_report:figure", args=[figure.report_id, figure.pk]) + "#ho-so"
            if with_url and figure.rows
            else ""
        ),
        as_of=figure.counted_at,
        definition=figure.definition,
        places=1 if is_share else 0,
    )


Parts = tuple[int | None, int | None]


def amount(value: Decimal | None, unit: str, parts: Parts | None = None) -> str:
    """A figure as every page writes it: `86,8% (33/38)`, `1.234`, `2.000 đồng`; a dash of nothing."""
    if value is None:
        return "–"
    if unit != Unit.PERCENT:
        return f"{shown_number(value, 0)} {UNIT_WORDS.get(unit, unit)}".strip()
    text = format_percent(value)
    if parts is None or not parts[1]:
        return text
    return f"{text} ({shown_number(parts[0] or 0)}/{shown_number(parts[1])})"


def change(value: Decimal | None, unit: str) -> str:
    """By how much two figures differ, with its sign; shares differ by points, not by percent."""
    if value is None:
        return "–"
    places = 1 if unit == Unit.PERCENT else 0
    text = ("+" if value > 0 else "") + shown_number(value, places)
    if unit == Unit.PERCENT and value:
        return _("%(number)s điểm %%") % {"number": text}
    return text


def reported_value(figure: ReportFigure) -> Decimal | None:
    return figure.value if figure.override is None else figure.override


def reported_parts(figure: ReportFigure) -> Parts:
    """The two numbers of a share, as the unit reports it."""
    if figure.override is None:
        return (figure.numerator, figure.denominator)
    return (figure.override_numerator, figure.override_denominator)


def history_events(steps: Sequence[ReportStep]) -> list[Event]:
    """Newest first."""
    return [
        Event(
            title=StepKind(step.kind).label,
            at=step.made_at,
            icon=_STEP_ICONS[StepKind(step.kind)],
            tone="bad" if step.kind in _BAD_STEPS else ("now" if number == 0 else ""),
            text=step.note,
            meta=list(_step_meta(step)),
        )
        for number, step in enumerate(steps)
    ]


def _step_meta(step: ReportStep) -> Iterable[str]:
    if step.made_by is not None:
        yield str(step.made_by)
    if step.signing_form:
        yield str(SigningForm(step.signing_form).label)
    if step.due_on:
        yield _("hạn gửi lại: hết ngày %(day)s") % {"day": f"{step.due_on:%d/%m/%Y}"}


def road_of(report: UnitReport) -> list[Event]:
    """Where the report is on its way to the province, and what lies ahead."""
    stations = [
        (_("Đang nhập liệu"), {ReportState.DRAFT, ReportState.RETURNED}, "pencil"),
        (_("Thủ trưởng ký gửi"), set(), "send"),
        (_("Cơ quan thường trực duyệt"), {ReportState.SUBMITTED}, "clock"),
        (
            _("Tổng hợp vào báo cáo của tỉnh"),
            {ReportState.ACCEPTED, ReportState.CONSOLIDATED},
            "stack-2",
        ),
        (_("Chốt, báo cáo UBND tỉnh và Bộ"), {ReportState.CLOSED}, "check"),
    ]
    state = ReportState(report.excluded_from or report.state)
    here = next((n for n, (_t, states, _i) in enumerate(stations) if state in states), 0)
    if state in {ReportState.DRAFT, ReportState.RETURNED} and report.ready_at is not None:
        here = 1
    return [
        Event(
            title=title,
            icon=icon if number == here else ("check" if number < here else ""),
            tone="now" if number == here else "",
        )
        for number, (title, _states, icon) in enumerate(stations)
    ]
