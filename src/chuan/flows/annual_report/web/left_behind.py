"""What bodies that are no more left open in one period, and what is done about each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.status import statuses
from chuan.core.ui.tables import Column, Table, link
from chuan.core.ui.templatetags.pieces import status
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import LeftFate, ReportState
from chuan.flows.annual_report.operations.left_behind import (
    exclude_left_reports,
    readmit_left_reports,
)
from chuan.flows.annual_report.queries.left_behind import LeftReport, left_behind
from chuan.flows.annual_report.web import presenting
from chuan.flows.annual_report.web.common import period_or_404, refuse
from chuan.flows.annual_report.web.forms import LeftForm
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import format_number
from chuan.lib.whole_numbers import whole_number

# Of a district a dozen communes took over; the file and the body's own page name all of them.
MOST_HEIRS = 3
_EACH_A_PART = gettext_lazy("mỗi cơ quan một phần")


def _heirs(one: LeftReport) -> str:
    """Everybody who goes on; where none took over everything, that is said once."""
    heirs = one.body.heirs
    names = [
        heir.name
        if heir.is_whole or _is_shared_out(one)
        else _("%(name)s (một phần)") % {"name": heir.name}
        for heir in heirs
    ]
    return "; ".join(names) + (f" ({_EACH_A_PART})" if _is_shared_out(one) else "")


def _is_shared_out(one: LeftReport) -> bool:
    return len(one.body.heirs) > 1 and not any(heir.is_whole for heir in one.body.heirs)


def _heirs_cell(one: LeftReport) -> Any:
    """Who goes on, and how far they are with their own report where one took over everything."""
    heirs = one.body.heirs
    if not heirs:
        return _("Chưa ghi cơ quan tiếp nhận")
    shared = _is_shared_out(one)
    names = format_html_join(
        SafeString("<br>"),
        "{}{}",
        (
            (
                link(reverse("orgs:show", args=[heir.organisation_id]), heir.name),
                "" if heir.is_whole or shared else format_html(" ({})", _("một phần")),
            )
            for heir in heirs[:MOST_HEIRS]
        ),
    )
    rest = len(heirs) - MOST_HEIRS
    more = [_and_others(rest)] if rest > 0 else []
    more += [str(_EACH_A_PART)] if shared else []
    if more:
        names = format_html('{}<span class="sub">{}</span>', names, "; ".join(more))
    if one.heirs_report is None:
        return names
    return format_html("{}<br>{}", names, status(presenting.STATE_KEYS[one.heirs_report]))


def _and_others(count: int) -> str:
    words = ngettext(
        "và %(count)s cơ quan tiếp nhận khác", "và %(count)s cơ quan tiếp nhận khác", count
    )
    return words % {"count": format_number(count)}


def _heirs_report(one: LeftReport) -> str:
    if one.heirs_report is None:
        return ""
    return str(statuses[presenting.STATE_KEYS[one.heirs_report]].label)


def _decide(one: LeftReport) -> Any:
    exclude = format_html(
        '<a class="btn btn-sm nowrap" href="{}?tu=con-do">{}<span class="vh"> – {}</span></a>',
        reverse("annual_report:exclude", args=[one.id]),
        _("Loại trừ…"),
        one.body.name,
    )
    if one.state != ReportState.SUBMITTED:
        return exclude
    return format_html(
        '<span class="row"><a class="btn btn-sm btn-go nowrap" href="{}">{}'
        '<span class="vh"> – {}</span></a>{}</span>',
        reverse("annual_report:review", args=[one.id]),
        _("Xem và duyệt"),
        one.body.name,
        exclude,
    )


class LeftTable(Table):
    """Open reports of bodies that are no more."""

    name = "bao-cao-con-do"
    caption = gettext_lazy("Báo cáo còn dở của cơ quan đã kết thúc")
    noun = gettext_lazy("báo cáo")
    search = ("body.name",)
    search_hint = gettext_lazy("tên cơ quan, không cần dấu")
    empty_title = gettext_lazy("Không còn báo cáo nào bỏ dở")
    empty_icon = "circle-check"
    columns: ClassVar[Sequence[Column]] = (
        Column(
            "body",
            gettext_lazy("Cơ quan"),
            value=lambda one: one.body.name,
            cell=lambda one: link(reverse("annual_report:review", args=[one.id]), one.body.name),
            order=True,
            is_header=True,
            css="wide",
        ),
        Column(
            "ended_on",
            gettext_lazy("Kết thúc từ"),
            value=lambda one: one.body.ended_on,
            order=True,
            css="nowrap",
        ),
        Column(
            "state",
            gettext_lazy("Báo cáo"),
            value=lambda one: str(statuses[presenting.STATE_KEYS[one.state]].label),
            cell=lambda one: status(presenting.STATE_KEYS[one.state]),
        ),
        Column(
            "heirs", gettext_lazy("Cơ quan tiếp nhận"), value=_heirs, cell=_heirs_cell, css="wide"
        ),
        Column(
            "heirs_report",
            gettext_lazy("Báo cáo của cơ quan tiếp nhận"),
            value=_heirs_report,
            on_page=False,
        ),
    )


class DecidedTable(LeftTable):
    """The same for those who decide, one by one or several at once."""

    select_name = "chon"
    select_form = "xu-ly"
    columns: ClassVar[Sequence[Column]] = (
        *LeftTable.columns,
        Column("decide", gettext_lazy("Việc"), cell=_decide, in_export=False),
    )

    def key_of(self, row: LeftReport) -> str:
        return str(row.id)

    def name_of(self, row: LeftReport) -> str:
        return row.body.name


@require_GET
def show_left_behind(request: SignedInRequest, period_id: int) -> HttpResponse:
    """For those who collect or oversee: each open report, who goes on, and the sum over all."""
    period = period_or_404(request, period_id)
    left = left_behind(period, timezone.localdate())
    may_decide = rules.change_period.allows(request.user, period)
    table = (DecidedTable if may_decide else LeftTable)(request, list(left.reports))
    return table.download() or render(
        request,
        "annual_report/left_behind.html",
        {
            "period": period,
            "table": table,
            "sum": left.sum,
            "excluded": left.excluded,
            "may_decide": may_decide,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def decide_left_behind(request: SignedInRequest, period_id: int) -> HttpResponse:
    """What is about to become of the chosen reports; sent, it becomes of all of them."""
    period = period_or_404(request, period_id)
    rules.change_period.require(request.user, period)
    back = reverse("annual_report:left_behind", args=[period.pk])
    waiting = left_behind(period, timezone.localdate()).reports
    given = request.POST if request.method == "POST" else request.GET
    chosen = set(given.getlist("chon"))
    rows = [one for one in waiting if "tat-ca" in given or str(one.id) in chosen]
    if not rows:
        messages.error(request, _("Chọn ít nhất một báo cáo."))
        return redirect(back)
    form = LeftForm(
        request.POST or None,
        initial={"fate": LeftFate.HAND_ON, "reason": _("Cơ quan kết thúc hoạt động do sắp xếp")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            done = exclude_left_reports(
                actor=request.user,
                period=period,
                seen=_seen(request.POST.getlist("thay")),
                fate=LeftFate(form.cleaned_data["fate"]),
                reason=form.cleaned_data["reason"],
                basis=form.cleaned_data["basis"],
                at=timezone.now(),
            )
        except Denied as denied:
            form.add_error(None, str(denied))
        else:
            messages.success(
                request,
                ngettext(
                    "Đã xử lý %(count)s báo cáo. Đưa lại được ở cuối trang này.",
                    "Đã xử lý %(count)s báo cáo. Đưa lại được ở cuối trang này.",
                    len(done),
                )
                % {"count": format_number(len(done))},
            )
            return redirect(back)
    context = {"period": period, "form": form, "rows": [_shown(one) for one in rows]}
    return render(
        request,
        "annual_report/left_decide.html",
        context,
        status=422 if form.errors else 200,
    )


@require_POST
def readmit_left_behind(request: SignedInRequest, period_id: int) -> HttpResponse:
    """The way back: these wait for a decision again."""
    period = period_or_404(request, period_id)
    chosen = {pk for one in request.POST.getlist("chon") if (pk := whole_number(one)) is not None}
    try:
        done = readmit_left_reports(
            actor=request.user, period=period, report_ids=chosen, at=timezone.now()
        )
    except Denied as denied:
        return refuse(request, denied, "annual_report:left_behind", period.pk)
    messages.success(
        request,
        ngettext(
            "Đã đưa lại %(count)s báo cáo, chờ quyết định.",
            "Đã đưa lại %(count)s báo cáo, chờ quyết định.",
            len(done),
        )
        % {"count": format_number(len(done))},
    )
    return redirect("annual_report:left_behind", period.pk)


def _seen(given: Sequence[str]) -> dict[int, int]:
    """Revisions by report, as the preview wrote them down."""
    pairs = (
        (whole_number(pk), whole_number(revision))
        for pk, _dash, revision in (one.partition("-") for one in given)
    )
    return {pk: revision for pk, revision in pairs if pk is not None and revision is not None}


def _shown(one: LeftReport) -> dict[str, Any]:
    return {
        "told": one,
        "state_key": presenting.STATE_KEYS[one.state],
        "heirs": _heirs(one),
        "heirs_key": presenting.STATE_KEYS[one.heirs_report] if one.heirs_report else "",
        "is_sent": one.state == ReportState.SUBMITTED,
    }
