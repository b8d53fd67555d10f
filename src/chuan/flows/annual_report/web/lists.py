"""The list of reports: a unit's own through the years, or everybody's in one period."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from chuan.core.orgs.web.searching import BodySearch
from chuan.core.people.enums import Role
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Choice
from chuan.core.ui.forms import FilterForm
from chuan.core.ui.past import Look, look
from chuan.core.ui.status import statuses
from chuan.core.ui.tables import Column, Rows, Table, link
from chuan.core.ui.templatetags.pieces import status
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import HAS_ACCEPTED_CONTENT, NOT_SENT, PeriodKind, ReportState
from chuan.flows.annual_report.models import ReportingPeriod, UnitReport
from chuan.flows.annual_report.queries import reports as queries
from chuan.flows.annual_report.queries.bodies import group_label
from chuan.flows.annual_report.queries.entry import needed_sections
from chuan.flows.annual_report.queries.parts import is_excused, is_on_time
from chuan.flows.annual_report.queries.past import as_of, counts_then
from chuan.flows.annual_report.web import presenting
from chuan.flows.annual_report.web.forms import ReportFilters
from chuan.modules.plans import facade as plans


def _address(report: UnitReport) -> str:
    return reverse("annual_report:show", args=[report.pk])


def _state_key(report: UnitReport) -> str:
    """Of today, or of the day the list looks back on."""
    then = getattr(report, "state_then", None)
    return presenting.STATE_KEYS[ReportState(then)] if then else presenting.state_key(report)


def _state(report: UnitReport) -> SafeString:
    return status(_state_key(report))


def _state_text(report: UnitReport) -> str:
    return str(statuses[_state_key(report)].label)


def _progress(report: UnitReport) -> tuple[int, int]:
    sections = needed_sections(report.period)
    written = sum(1 for one in sections if one in report.finished_sections)
    needed = report.needed_count  # type: ignore[attr-defined]
    finished = report.finished_count  # type: ignore[attr-defined]
    return finished + written, needed + len(sections)


def _progress_text(report: UnitReport) -> str:
    # How far a report was on an earlier day nobody has written down.
    if report.started_at is None or hasattr(report, "state_then"):
        return ""
    done, total = _progress(report)
    return f"{done}/{total}"


def _sent(report: UnitReport) -> Any:
    sent = report.first_submitted_at
    if sent is None or (hasattr(report, "told_until") and sent >= report.told_until):
        return None
    return timezone.localdate(sent)


def _on_time(report: UnitReport) -> str:
    if hasattr(report, "told_until") and _sent(report) is None:
        return ""
    on_time = is_on_time(report, report.period)
    if on_time is None:
        if report.is_paused:
            return _("Đang xin gia hạn")
        return _("Quá hạn") if report.last_day_on_time < timezone.localdate() else ""
    if on_time:
        return _("Đúng hạn")
    if is_excused(report, report.period):
        return _("Gửi sau hạn, trong gia hạn")
    return _("Gửi sau hạn")


class CollectedTable(BodySearch):
    """Every body's report in one period, for the department and those above it."""

    name = "bao-cao"
    caption = gettext_lazy("Báo cáo của các cơ quan")
    noun = gettext_lazy("báo cáo")
    search = ("body_search",)
    search_hint = gettext_lazy("tên cơ quan, không cần dấu")
    default_order = "body"
    columns = (
        Column(
            "body",
            gettext_lazy("Cơ quan"),
            value=lambda row: row.body_name,
            cell=lambda row: link(_review_address(row), row.body_name),
            order=["body_group", "body_sort"],
            is_header=True,
            css="wide",
        ),
        Column(
            "state",
            gettext_lazy("Trạng thái"),
            cell=_state,
            export=_state_text,
            order="state",
        ),
        Column(
            "progress", gettext_lazy("Đã viết xong"), value=_progress_text, order="finished_count",
            is_numeric=True,
        ),
        Column(
            "sent", gettext_lazy("Ngày gửi"), value=_sent, order="first_submitted_at",
            is_numeric=True,
        ),
        Column("on_time", gettext_lazy("Thời hạn"), value=_on_time, css="nowrap"),
    )  # fmt: skip

    def __init__(
        self, request: HttpRequest, rows: Rows, period: ReportingPeriod, looked: Look
    ) -> None:
        super().__init__(request, rows if looked.past is None else as_of(rows, looked.past))
        self.period = period
        self.state_field = "state" if looked.past is None else "state_then"

    def make_filter_form(self, data: Any) -> FilterForm:
        form = ReportFilters(data)
        periods = queries.collected_periods(self.request.user)  # type: ignore[arg-type]
        form.fields["ky"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), one.title) for one in periods
        ]
        form.fields["ky"].initial = str(self.period.pk)
        form.fields["nhom"].choices = [  # type: ignore[attr-defined]
            ("", _("Tất cả")),
            *((str(place), group_label(place)) for place in range(6)),
        ]
        return form

    def filter(self, rows: Rows, chosen: dict[str, Any]) -> Rows:
        if chosen.get("trang_thai") == "missing":
            rows = rows.filter(**{f"{self.state_field}__in": NOT_SENT})
        elif chosen.get("trang_thai") == "accepted-all":
            rows = rows.filter(**{f"{self.state_field}__in": HAS_ACCEPTED_CONTENT})
        elif chosen.get("trang_thai"):
            rows = rows.filter(**{self.state_field: chosen["trang_thai"]})
        if chosen.get("nhom"):
            rows = rows.filter(body_group=int(chosen["nhom"]))
        return rows

    def group_of(self, row: UnitReport) -> str:
        return group_label(row.body_group)  # type: ignore[attr-defined]


def _review_address(report: UnitReport) -> str:
    return reverse("annual_report:review", args=[report.pk])


class OwnTable(Table):
    """The reports of one's own bodies, newest period first."""

    name = "bao-cao-cua-toi"
    caption = gettext_lazy("Báo cáo của cơ quan tôi")
    noun = gettext_lazy("báo cáo")
    can_export = False
    empty_title = gettext_lazy("Chưa có kỳ báo cáo nào")
    empty_text = gettext_lazy("Khi cơ quan thường trực mở kỳ báo cáo, báo cáo của bạn hiện ở đây.")
    columns = (
        Column(
            "period",
            gettext_lazy("Kỳ báo cáo"),
            value=lambda row: row.period.title,
            cell=lambda row: link(_address(row), row.period.title, row.body_name),
            is_header=True,
            css="wide",
        ),
        Column("state", gettext_lazy("Trạng thái"), cell=_state, export=_state_text),
        Column("progress", gettext_lazy("Đã viết xong"), value=_progress_text, is_numeric=True),
        Column(
            "due", gettext_lazy("Hạn gửi"), value=lambda row: row.period.due_on, is_numeric=True
        ),
        Column("sent", gettext_lazy("Ngày gửi"), value=_sent, is_numeric=True),
        Column("on_time", gettext_lazy("Thời hạn"), value=_on_time, css="nowrap"),
    )


@require_GET
def list_reports(request: SignedInRequest) -> HttpResponse:
    """One's own reports first; below, everybody's for those who collect or oversee them."""
    rules.see_reports.require(request.user)
    periods = list(queries.collected_periods(request.user))
    period = _chosen(periods, request.GET.get("ky", ""))
    own = queries.listed(queries.own_reports(request.user))
    own_table = OwnTable(request, own) if rules.reporting_organisation_ids(request.user) else None
    collected = None
    counts = None
    looked = look(request, since=timezone.localdate(period.opened_at) if period else None)
    if period is not None:
        visible = queries.reports_visible_to(request.user).filter(period=period)
        collected = CollectedTable(request, queries.listed(visible), period, looked)
        download = collected.download()
        if download is not None:
            return download
        counts = (
            queries.counts_of([period])[period.pk]
            if looked.past is None
            else counts_then(visible, looked.past)
        )
    context = {
        "looked": looked,
        "own": own_table,
        "period": period,
        "collected": collected,
        "counts": counts,
        "choices": _choices(request, period, counts, looked.tail) if period and counts else [],
        "openable": _openable(request),
        "sees_territories": rules.see_territories.allows(request.user),
    }
    return render(request, "annual_report/list.html", context)


def _chosen(periods: list[ReportingPeriod], asked: str) -> ReportingPeriod | None:
    return next((one for one in periods if str(one.pk) == asked), periods[0] if periods else None)


def _choices(
    request: SignedInRequest, period: ReportingPeriod, counts: queries.PeriodCounts, tail: str
) -> list[Choice]:
    """Everything, and then every state a report can be in, once: their counts add up."""
    now = request.GET.get("trang_thai", "")
    base = f"?ky={period.pk}{tail}"
    ready_made = [
        ("", _("Tất cả"), counts.expected),
        ("missing", _("Chưa gửi"), counts.missing),
        (ReportState.SUBMITTED.value, _("Chờ duyệt"), counts.to_review),
        (ReportState.RETURNED.value, _("Trả lại, đang chỉnh lý"), counts.returned),
        (ReportState.ACCEPTED.value, _("Chờ tổng hợp"), counts.of(ReportState.ACCEPTED)),
        (ReportState.CONSOLIDATED.value, _("Đã tổng hợp"), counts.of(ReportState.CONSOLIDATED)),
        (ReportState.CLOSED.value, _("Hoàn thành"), counts.of(ReportState.CLOSED)),
        (ReportState.EXCLUDED.value, _("Loại trừ"), counts.excluded),
    ]
    return [
        Choice(label, f"{base}&trang_thai={key}" if key else base, count, is_current=now == key)
        for key, label, count in ready_made
    ]


def _openable(request: SignedInRequest) -> list[tuple[str, str, bool]]:
    """What this coordinator may call reports for: title, address, and whether it is a year of a plan
    in force; last, the page for other stretches."""
    departments = request.user.organisation_ids(Role.DEPARTMENT_COORDINATOR)
    if not departments:
        return []
    year = timezone.localdate().year
    opened = set(
        ReportingPeriod.objects.filter(
            managed_by__in=departments, kind=PeriodKind.YEARLY
        ).values_list("plan_id", "year")
    )
    years = [
        (
            _("Mở kỳ báo cáo năm %(year)s: %(plan)s") % {"year": year, "plan": plan.short_title},
            reverse("annual_report:open_period", args=[plan.id, year]),
            True,
        )
        for plan in plans.plans_managed_by(departments)
        if (plan.id, year) not in opened and plan.first_day.year <= year <= plan.last_day.year
    ]
    return [*years, (_("Mở kỳ báo cáo khác"), reverse("annual_report:open_other_period"), False)]
