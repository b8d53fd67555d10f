"""Who may do what with reports and consolidations, and in which state."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.calendar.enums import ExtensionState
from chuan.core.calendar.rules import require_extension_move, require_other_person
from chuan.core.orgs.queries.heirs import ended_bodies
from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.core.people.queries import inherited_organisation_ids
from chuan.flows.annual_report.enums import (
    OPEN_FOR_ENTRY,
    REPORT_MOVES,
    ConsolidationState,
    ReportState,
)
from chuan.flows.annual_report.models import (
    Consolidation,
    FilledWorkbook,
    ReportExtension,
    ReportingPeriod,
    UnitReport,
)
from chuan.lib.rules import Denied, rule
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import facade as plans

UNIT_ROLES = (Role.UNIT_CLERK, Role.UNIT_HEAD)
DEPARTMENT_ROLES = (Role.DEPARTMENT_COORDINATOR, Role.DEPARTMENT_LEADER)
OVERSIGHT_ROLES = (Role.PROVINCIAL_LEADER, Role.AUDITOR)
# The machine is kept running by somebody who has no business with what is in the reports.
READING_ROLES = (*UNIT_ROLES, *DEPARTMENT_ROLES, *OVERSIGHT_ROLES)


class Conflict(Exception):
    """Somebody saved after this person opened the page; nothing was overwritten.

    `stored` is the row as it is now.
    """

    def __init__(self, stored: models.Model) -> None:
        super().__init__(_("Nội dung này vừa được người khác sửa."))
        self.stored = stored


# ---------------------------------------------------------------- reading


def reporting_organisation_ids(person: Person) -> frozenset[int]:
    """The bodies whose reports a person writes or signs, and those they did it for until these were
    dissolved."""
    return person.organisation_ids(*UNIT_ROLES) | person.archived_organisation_ids(*UNIT_ROLES)


def readable_organisation_ids(person: Person) -> frozenset[int]:
    """Those, and the bodies that their own took over whole: they go on with what these left open."""
    return reporting_organisation_ids(person) | inherited_organisation_ids(person, *UNIT_ROLES)


@rule
def see_reports(actor: Person) -> None:
    """Whoever has a part in the plan, or had one until their body was dissolved, sees who has
    reported; a system administrator does not."""
    if not actor.holds(*READING_ROLES) and not actor.archived_organisation_ids(*UNIT_ROLES):
        raise Denied(_("Bạn chưa có nhiệm vụ nào trong việc báo cáo."))


@rule
def read_report(actor: Person, report: UnitReport) -> None:
    """A unit reads its own report, also when it is no more, and those of a body it took over whole;
    the department and those above it what has been sent."""
    if report.organisation_id in readable_organisation_ids(actor):
        return
    from_above = actor.holds(
        *DEPARTMENT_ROLES, organisation_id=report.period.managed_by_id
    ) or actor.holds(*OVERSIGHT_ROLES)
    if not from_above:
        raise Denied(_("Báo cáo này của một cơ quan khác."))
    if report.first_submitted_at is None:
        raise Denied(_("Cơ quan này chưa gửi báo cáo nên chưa xem được nội dung."))


@rule
def see_consolidations(actor: Person, period: ReportingPeriod) -> None:
    """The department that consolidates, and those who watch over it."""
    if not (
        actor.holds(*DEPARTMENT_ROLES, organisation_id=period.managed_by_id)
        or actor.holds(*OVERSIGHT_ROLES)
    ):
        raise Denied(_("Chỉ cơ quan tổng hợp và lãnh đạo tỉnh xem được bản tổng hợp."))


@rule
def see_territories(actor: Person) -> None:
    """Totals of a whole province are for those who collect reports and those who watch over them."""
    if not actor.holds(*DEPARTMENT_ROLES, *OVERSIGHT_ROLES):
        raise Denied(_("Chỉ cơ quan tổng hợp và lãnh đạo tỉnh xem được số liệu theo địa bàn."))


# ---------------------------------------------------------------- periods


@rule
def open_period(actor: Person, managed_by_id: int) -> None:
    """Reports are called for by a coordinator of the department that manages the plan."""
    if not actor.holds(Role.DEPARTMENT_COORDINATOR, organisation_id=managed_by_id):
        raise Denied(_("Chỉ chuyên viên tổng hợp của cơ quan thường trực mở được kỳ báo cáo."))


@rule
def open_periods(actor: Person) -> None:
    """The page that calls for reports is for coordinators; of which plan, `open_period` says."""
    if not actor.holds(Role.DEPARTMENT_COORDINATOR):
        raise Denied(_("Chỉ chuyên viên tổng hợp của cơ quan thường trực mở được kỳ báo cáo."))


@rule
def change_period(actor: Person, period: ReportingPeriod) -> None:
    """The days of a period are changed by the coordinators who opened it."""
    _require_coordinator(actor, period)


# ---------------------------------------------------------------- the unit's side


@rule
def enter_report(actor: Person, report: UnitReport, on: date) -> None:
    """A report is written by its unit's clerks, while the period is open."""
    if not actor.holds(Role.UNIT_CLERK, organisation_id=report.organisation_id):
        raise Denied(_("Chỉ cán bộ đầu mối của cơ quan nhập được báo cáo này."))
    _require_open_for_entry(report)
    _require_period_open(report, on)


@rule
def fill_in_workbook(actor: Person, report: UnitReport, on: date) -> None:
    """Whoever may write a report may write it offline, once it was begun."""
    enter_report.require(actor, report, on=on)
    if report.started_at is None:
        raise Denied(_("Bấm “Bắt đầu báo cáo” trước khi tải bảng tính."))


@rule
def use_workbook(actor: Person, filled: FilledWorkbook, on: date) -> None:
    """A workbook is taken over, or dropped, by the clerk who sent it back."""
    fill_in_workbook.require(actor, filled.report, on=on)
    if filled.sent_by_id != actor.pk:
        raise Denied(_("Bảng tính này do người khác gửi lên."))


@rule
def give_back_report(actor: Person, report: UnitReport) -> None:
    """A head who will not sign yet hands the report back to the clerk."""
    _require_head(actor, report)
    _require_open_for_entry(report)
    if report.ready_at is None:
        raise Denied(_("Báo cáo chưa được trình ký nên không có gì để chuyển lại."))


@rule
def submit_report(actor: Person, report: UnitReport, on: date) -> None:
    """A report is sent by the unit's head, who wrote none of it (four eyes)."""
    _require_head(actor, report)
    _require_open_for_entry(report)
    _require_move(report, ReportState.SUBMITTED)
    _require_period_open(report, on)
    if actor.pk in report.author_ids or actor.pk == report.entered_by_id:
        raise Denied(
            _("Người ký gửi không thể là người nhập. Báo cáo này do bạn nhập: người khác phải gửi.")
        )


@rule
def withdraw_submission(actor: Person, report: UnitReport, on: date) -> None:
    """The unit may take a report back to mend it until the department has accepted it."""
    _require_head(actor, report)
    if report.state != ReportState.SUBMITTED:
        raise Denied(_("Chỉ rút lại được báo cáo đã gửi mà chưa được duyệt."))
    _require_period_open(report, on)


@rule
def ask_for_more_time(actor: Person, report: UnitReport) -> None:
    """The head asks for more time to send it, before or after the due day, while it is to be sent."""
    _require_head(actor, report)
    if report.state != ReportState.DRAFT or report.first_submitted_at is not None:
        raise Denied(_("Báo cáo đã gửi nên không xin gia hạn gửi nữa."))


@rule
def withdraw_extension(actor: Person, extension: ReportExtension) -> None:
    """The head of the body that asked takes it back while it waits."""
    _require_head(actor, extension.report)
    require_extension_move(extension, ExtensionState.WITHDRAWN)


@rule
def decide_extension(actor: Person, extension: ReportExtension) -> None:
    """The department that collects the reports decides while it waits, never who asked."""
    managed_by = extension.report.period.managed_by_id
    if not actor.holds(*DEPARTMENT_ROLES, organisation_id=managed_by):
        raise Denied(_("Chỉ cơ quan tổng hợp quyết định gia hạn gửi báo cáo."))
    require_extension_move(extension, ExtensionState.GRANTED)
    require_other_person(actor, extension)


@rule
def ask_to_open(actor: Person, report: UnitReport, on: date) -> None:
    """The body of a report that is locked by its period's day asks to open the lock."""
    if not actor.holds(*UNIT_ROLES, organisation_id=report.organisation_id):
        raise Denied(_("Chỉ cơ quan của báo cáo xin mở khóa tại đây."))
    _require_open_for_entry(report)
    if not is_locked(report, on):
        raise Denied(_("Báo cáo này không bị khóa."))


# ---------------------------------------------------------------- the department's side


@rule
def comment_on_report(actor: Person, report: UnitReport) -> None:
    """A coordinator writes what has to be mended in a report that was sent."""
    _require_coordinator(actor, report.period)
    if ReportState.RETURNED not in REPORT_MOVES[ReportState(report.state)] or (
        report.state == ReportState.EXCLUDED
    ):
        raise Denied(_("Chỉ ghi ý kiến vào báo cáo đã gửi."))


@rule
def return_report(actor: Person, report: UnitReport) -> None:
    """A coordinator asks the unit to mend a report, also one that was accepted or closed."""
    _require_coordinator(actor, report.period)
    if report.state == ReportState.EXCLUDED:
        raise Denied(_("Báo cáo đang bị loại trừ. Đưa lại vào trước khi yêu cầu chỉnh lý."))
    _require_move(report, ReportState.RETURNED)


@rule
def have_it_mended(actor: Person, report: UnitReport) -> None:
    """What a coordinator sends back needs somebody to mend it: nobody does of a body that is no more."""
    return_report.require(actor, report)
    if ended_bodies([report.organisation_id], timezone.localdate()):
        raise Denied(
            _("Cơ quan đã kết thúc nên không ai chỉnh lý được báo cáo này. Duyệt hoặc loại trừ.")
        )


@rule
def accept_report(actor: Person, report: UnitReport) -> None:
    """A coordinator accepts a report that was sent; not one they wrote or signed themselves."""
    _require_coordinator(actor, report.period)
    if report.state == ReportState.EXCLUDED:
        raise Denied(_("Báo cáo đang bị loại trừ. Đưa lại vào trước khi duyệt."))
    _require_move(report, ReportState.ACCEPTED)
    if report.state != ReportState.SUBMITTED:
        raise Denied(_("Chỉ duyệt được báo cáo đã gửi."))
    if actor.pk in report.author_ids or actor.pk in {report.entered_by_id, report.submitted_by_id}:
        raise Denied(_("Bạn đã nhập hoặc ký báo cáo này, nên người khác phải duyệt."))


@rule
def exclude_report(actor: Person, report: UnitReport) -> None:
    """A coordinator leaves a report, or a body that sent none, out of consolidation."""
    _require_coordinator(actor, report.period)
    _require_move(report, ReportState.EXCLUDED)


@rule
def readmit_report(actor: Person, report: UnitReport) -> None:
    """A coordinator puts an excluded report back to where it stood."""
    _require_coordinator(actor, report.period)
    if report.state != ReportState.EXCLUDED:
        raise Denied(_("Báo cáo này không bị loại trừ."))


@rule
def urge(actor: Person, period: ReportingPeriod) -> None:
    """A coordinator urges the bodies that have not reported."""
    _require_coordinator(actor, period)


# ---------------------------------------------------------------- consolidation


@rule
def consolidate(actor: Person, period: ReportingPeriod) -> None:
    """A coordinator of the managing department adds the reports up."""
    _require_coordinator(actor, period)


@rule
def edit_consolidation(actor: Person, consolidation: Consolidation) -> None:
    """A draft is worked on by coordinators; what is closed or superseded never changes."""
    _require_coordinator(actor, consolidation.period)
    if consolidation.state != ConsolidationState.DRAFT:
        raise Denied(
            _("Bản tổng hợp %(number)s %(state)s nên không sửa được. Hãy lập bản mới.")
            % {
                "number": consolidation.number,
                "state": ConsolidationState(consolidation.state).label.lower(),
            }
        )


@rule
def close_consolidation(actor: Person, consolidation: Consolidation) -> None:
    """A leader of the department closes it, never the person who made it (four eyes)."""
    if not actor.holds(Role.DEPARTMENT_LEADER, organisation_id=consolidation.period.managed_by_id):
        raise Denied(_("Chỉ lãnh đạo cơ quan thường trực chốt được bản tổng hợp."))
    if consolidation.state != ConsolidationState.DRAFT:
        raise Denied(_("Bản tổng hợp này không còn ở trạng thái đang tổng hợp."))
    if consolidation.made_by_id == actor.pk:
        raise Denied(_("Người lập bản tổng hợp không thể tự chốt: người khác phải chốt."))


@rule
def make_documents(actor: Person, consolidation: Consolidation) -> None:
    """The department's people draw up the documents of the latest consolidation."""
    if not actor.holds(*DEPARTMENT_ROLES, organisation_id=consolidation.period.managed_by_id):
        raise Denied(_("Chỉ cơ quan tổng hợp tạo được văn bản từ bản tổng hợp."))
    if consolidation.state == ConsolidationState.SUPERSEDED:
        raise Denied(_("Đã có bản tổng hợp sau. Hãy tạo văn bản từ bản mới nhất."))


# ---------------------------------------------------------------- shared conditions


def _require_coordinator(actor: Person, period: ReportingPeriod) -> None:
    if not actor.holds(Role.DEPARTMENT_COORDINATOR, organisation_id=period.managed_by_id):
        raise Denied(_("Chỉ chuyên viên tổng hợp của cơ quan thường trực làm được việc này."))


def _require_head(actor: Person, report: UnitReport) -> None:
    if not actor.holds(Role.UNIT_HEAD, organisation_id=report.organisation_id):
        raise Denied(_("Chỉ thủ trưởng cơ quan, hoặc người được ủy quyền, ký gửi được báo cáo."))


def _require_open_for_entry(report: UnitReport) -> None:
    state = ReportState(report.state)
    if state not in OPEN_FOR_ENTRY:
        raise Denied(
            _("Báo cáo đang ở trạng thái “%(state)s” nên không sửa được.") % {"state": state.label}
        )


def is_locked(report: UnitReport, on: date) -> bool:
    """Whether the period's lock holds for a report: not while it has time of its own, or somebody
    opened the lock for it. The database says the same (`models._LOCKED_ON`)."""
    period = report.period
    if on < period.locks_on:
        return False
    given = (report.returned_due_on, report.extended_due_on)
    if any(day is not None and on <= day for day in given):
        return False
    return not plans.reports_are_open(period.plan_id, report.organisation_id, period.pk)


def _require_period_open(report: UnitReport, on: date) -> None:
    period = report.period
    if on < period.opens_on:
        raise Denied(_("Kỳ báo cáo mở từ ngày %(day)s.") % {"day": format_date(period.opens_on)})
    if is_locked(report, on):
        raise Denied(
            _("Kỳ báo cáo đã khóa từ ngày %(day)s. Xin mở khóa ở trang của báo cáo.")
            % {"day": format_date(period.locks_on)}
        )


def _require_move(report: UnitReport, target: ReportState) -> None:
    current = ReportState(report.state)
    if target not in REPORT_MOVES[current]:
        raise Denied(
            _("Báo cáo ở trạng thái “%(current)s” không chuyển sang “%(target)s” được.")
            % {"current": current.label, "target": target.label}
        )
