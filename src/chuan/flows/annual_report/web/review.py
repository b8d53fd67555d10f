"""The department's pages: reading one report, commenting, returning, accepting, leaving out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chuan.core.orgs.queries.heirs import ended_bodies
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.views import confirm
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import ReportState
from chuan.flows.annual_report.models import ReportItem, UnitReport
from chuan.flows.annual_report.operations import review as operations
from chuan.flows.annual_report.queries import reports as queries
from chuan.flows.annual_report.queries.days import counted_on, mend_by
from chuan.flows.annual_report.queries.entry import needed_sections
from chuan.flows.annual_report.queries.figures import figures_moved_since
from chuan.flows.annual_report.queries.left_behind import reason_to_exclude
from chuan.flows.annual_report.queries.mending import mending_of
from chuan.flows.annual_report.queries.parts import is_on_time
from chuan.flows.annual_report.web import presenting
from chuan.flows.annual_report.web.common import (
    OpenReport,
    collected_report_or_404,
    kept,
    refuse,
)
from chuan.flows.annual_report.web.forms import CommentForm, ReasonForm, ReturnForm, SectionForm
from chuan.lib.rules import Denied
from chuan.lib.whole_numbers import whole_number


@require_GET
def review_report(request: SignedInRequest, report_id: int) -> HttpResponse:
    opened = collected_report_or_404(request, report_id)
    return _page(request, opened)


def _page(
    request: SignedInRequest,
    opened: OpenReport,
    form: CommentForm | None = None,
    *,
    denied: str = "",
) -> HttpResponse:
    """:param denied: why the comment in the form may not be written; what was typed stays on the page."""
    report, person = opened.report, request.user
    refusal = rules.read_report.refusal(person, report)
    context: dict[str, Any] = {
        "report": report,
        "period": report.period,
        "body": opened.body,
        "state_key": presenting.state_key(report),
        "was_on_time": is_on_time(report, report.period),
        "read_refusal": refusal,
        "refusal": denied,
        "typed": kept(form) if form is not None and denied else [],
        "can_comment": rules.comment_on_report.allows(person, report),
        "can_accept": rules.accept_report.allows(person, report),
        "accept_refusal": rules.accept_report.refusal(person, report),
        "can_return": rules.have_it_mended.allows(person, report),
        "can_exclude": rules.exclude_report.allows(person, report),
        "can_readmit": rules.readmit_report.allows(person, report),
        "is_department": person.holds(
            *rules.DEPARTMENT_ROLES, organisation_id=report.period.managed_by_id
        ),
        "events": presenting.history_events(
            list(report.steps.select_related("made_by").order_by("-made_at", "-pk"))
        ),
    }
    if refusal is None:
        context |= _content(report)
        context["form"] = form or CommentForm()
        _offer_places(context["form"], report, context["items"])
        context["mending"] = _mending(report, context["form"])
        context["unsent_count"] = sum(1 for one in context["comments"] if one.sent_at is None)
    has_errors = form is not None and bool(form.errors)
    status = 403 if denied else 422 if has_errors else 200
    return render(request, "annual_report/review.html", context, status=status)


def _content(report: UnitReport) -> dict[str, Any]:
    assignments = queries.assignments_behind(report)
    items = list(report.items.all())
    places = {pk: place for place, pk in enumerate(assignments)}
    items.sort(key=lambda item: (places.get(item.assignment_id, len(places)), item.pk))
    evidence = queries.evidence_behind(report, [item.assignment_id for item in items])
    comments = list(report.comments.select_related("made_by", "resolved_by").order_by("pk"))
    figures = list(report.figures.order_by("title", "pk"))
    by_item: dict[int, list[Any]] = {}
    by_field: dict[str, list[Any]] = {}
    for comment in comments:
        if comment.item_id is not None:
            by_item.setdefault(comment.item_id, []).append(comment)
        else:
            by_field.setdefault(comment.field, []).append(comment)
    return {
        "items": [
            (
                item,
                assignments.get(item.assignment_id),
                evidence.get(item.assignment_id, ()),
                by_item.get(item.pk, []),
                queries.standing_of(item, assignments.get(item.assignment_id)),
            )
            for item in items
        ],
        "figures": [
            (
                figure,
                {
                    "reported": presenting.amount(
                        presenting.reported_value(figure),
                        figure.unit,
                        presenting.reported_parts(figure),
                    ),
                    "counted": presenting.amount(
                        figure.value, figure.unit, (figure.numerator, figure.denominator)
                    ),
                    "is_overridden": figure.override is not None,
                },
                by_field.get(f"figure:{figure.code}", []),
            )
            for figure in figures
        ],
        "counted_until": counted_on(report.period),
        "sections": [
            (str(label), getattr(report, name), by_field.get(name, []))
            for section in needed_sections(report.period)
            for name, (label, _hint) in SectionForm.FIELDS[section].items()
        ],
        "comments": comments,
        "general_comments": by_field.get("", []),
        "moved": figures_moved_since(report, figures),
    }


def _mending(report: UnitReport, form: CommentForm) -> dict[str, Any] | None:
    """Of a report sent again: what the unit answers, and the parts it changed, by the names of the
    places where comments stand."""
    found = mending_of(report)
    if found is None:
        return None
    names = dict(form.fields["place"].choices)  # type: ignore[attr-defined]
    return {
        "returned_at": found.returned_at,
        "answered": [
            (
                comment,
                names.get(f"item:{comment.item_id}" if comment.item_id else comment.field, ""),
            )
            for comment in found.answered
        ],
        "is_known": found.changed is not None,
        "changed": [
            (names[place], f"#muc-{place.removeprefix('item:')}" if "item:" in place else "")
            for place in found.changed or ()
            if place in names
        ],
    }


def _offer_places(form: CommentForm, report: UnitReport, items: list[Any]) -> None:
    """Every place a comment can stand at; the value says which item and which field."""
    choices = [("", _("Toàn báo cáo"))]
    choices += [
        (
            f"item:{item.pk}",
            f"{assignment.task_code} {assignment.task_short_text}"[:90] if assignment else "–",
        )
        for item, assignment, *_rest in items
    ]
    choices += [
        (f"figure:{figure.code}", _("Số liệu: %(title)s") % {"title": figure.title})
        for figure in report.figures.order_by("title", "pk")
    ]
    choices += [
        (name, str(label))
        for section in needed_sections(report.period)
        for name, (label, _hint) in SectionForm.FIELDS[section].items()
    ]
    form.fields["place"].choices = choices  # type: ignore[attr-defined]


@require_POST
def comment_on_report(request: SignedInRequest, report_id: int) -> HttpResponse:
    opened = collected_report_or_404(request, report_id)
    report = opened.report
    rules.read_report.require(request.user, report)
    form = CommentForm(request.POST)
    _offer_places(form, report, _content(report)["items"])
    if not form.is_valid():
        return _page(request, opened, form)
    item, field = _place(report, form.cleaned_data["place"])
    try:
        operations.comment_on_report(
            actor=request.user,
            report=report,
            item=item,
            field=field,
            text=form.cleaned_data["text"],
            at=timezone.now(),
        )
    except Denied as denied:
        return _page(request, opened, form, denied=str(denied))
    messages.success(request, _("Đã ghi ý kiến. Đơn vị nhận được khi bạn trả lại báo cáo."))
    anchor = f"#muc-{item.pk}" if item else "#y-kien"
    return redirect(reverse("annual_report:review", args=[report.pk]) + anchor)


def _place(report: UnitReport, value: str) -> tuple[ReportItem | None, str]:
    if value.startswith("item:"):
        return get_object_or_404(report.items, pk=int(value.removeprefix("item:"))), "narrative"
    return None, value


@require_POST
def remove_comment(request: SignedInRequest, report_id: int, comment_id: int) -> HttpResponse:
    report = collected_report_or_404(request, report_id).report
    comment = get_object_or_404(report.comments, pk=comment_id)
    comment.report = report
    try:
        operations.remove_comment(actor=request.user, comment=comment, at=timezone.now())
    except Denied as denied:
        return refuse(request, denied, "annual_report:review", report.pk)
    messages.success(request, _("Đã xóa ý kiến chưa gửi."))
    return redirect("annual_report:review", report.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def return_report(request: SignedInRequest, report_id: int) -> HttpResponse:
    opened = collected_report_or_404(request, report_id)
    report = opened.report
    rules.have_it_mended.require(request.user, report)
    unsent = list(report.comments.filter(sent_at__isnull=True).order_by("pk"))
    today = timezone.localdate()
    form = ReturnForm(request.POST or None, initial={"due_on": mend_by(today)})
    form.fields["due_on"].earliest = today  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            operations.return_report(
                actor=request.user,
                report=report,
                due_on=form.cleaned_data["due_on"],
                note=form.cleaned_data["note"],
                at=timezone.now(),
            )
        except Denied as denied:
            return refuse(request, denied, "annual_report:review", report.pk)
        messages.success(
            request,
            _("Đã trả lại báo cáo cho %(name)s, kèm %(count)s ý kiến.")
            % {"name": opened.body.name, "count": len(unsent)},
        )
        return redirect("annual_report:review", report.pk)
    if not unsent:
        messages.error(
            request,
            _(
                "Muốn trả lại, trước hết ghi ít nhất một ý kiến ở chỗ cần chỉnh lý, trong ô “Ý kiến chỉnh lý”."
            ),
        )
        return redirect(reverse("annual_report:review", args=[report.pk]) + "#y-kien")
    was_closed = report.state == ReportState.CLOSED
    consequences = [
        _("Đơn vị nhận thông báo và sửa được báo cáo."),
        _("Bản tổng hợp đã chốt giữ nguyên; phần đính chính vào bản tổng hợp sau.")
        if was_closed
        else _("Báo cáo ra khỏi bản tổng hợp đang làm, nếu đang ở trong đó."),
    ]
    return confirm(
        request,
        title=_("Trả lại báo cáo cho %(name)s?") % {"name": opened.body.name},
        action=_("Trả lại báo cáo"),
        back_url=reverse("annual_report:review", args=[report.pk]),
        lines=[_("Ý kiến gửi kèm:"), *(f"– {one.text}" for one in unsent)],
        consequences=consequences,
        form=form,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def accept_report(request: SignedInRequest, report_id: int) -> HttpResponse:
    opened = collected_report_or_404(request, report_id)
    report = opened.report
    rules.accept_report.require(request.user, report)
    if request.method == "POST":
        try:
            operations.accept_report(
                actor=request.user,
                report=report,
                revision=_revision(request),
                at=timezone.now(),
            )
        except rules.Conflict:
            messages.error(
                request, _("Báo cáo vừa thay đổi sau khi bạn mở. Hãy đọc lại rồi duyệt.")
            )
        except Denied as denied:
            return refuse(request, denied, "annual_report:review", report.pk)
        else:
            messages.success(
                request, _("Đã duyệt báo cáo của %(name)s.") % {"name": opened.body.name}
            )
            return redirect(_next_to_review(request, report))
        return redirect("annual_report:review", report.pk)
    context = {
        "report": report,
        "period": report.period,
        "body": opened.body,
        "moved": figures_moved_since(report, list(report.figures.all())),
    }
    return render(request, "annual_report/accept.html", context)


def _revision(request: SignedInRequest) -> int:
    text = request.POST.get("revision", "")
    return whole_number(text) or 0


def _next_to_review(request: SignedInRequest, report: UnitReport) -> str:
    """The next report that waits, oldest first; the list when none does."""
    following = (
        UnitReport.objects.filter(period=report.period_id, state=ReportState.SUBMITTED)
        .exclude(pk=report.pk)
        .order_by("submitted_at", "pk")
        .first()
    )
    if request.POST.get("then") == "next" and following is not None:
        return reverse("annual_report:review", args=[following.pk])
    return reverse("annual_report:list") + f"?ky={report.period_id}&trang_thai=submitted"


@require_http_methods(["GET", "HEAD", "POST"])
def exclude_report(request: SignedInRequest, report_id: int) -> HttpResponse:
    opened = collected_report_or_404(request, report_id)
    report = opened.report
    rules.exclude_report.require(request.user, report)
    gone = ended_bodies([report.organisation_id], timezone.localdate())
    reason = reason_to_exclude(gone[report.organisation_id]) if gone else ""
    form = ReasonForm(request.POST or None, initial={"reason": reason})
    if request.method == "POST" and form.is_valid():
        operations.exclude_report(
            actor=request.user,
            report=report,
            reason=form.cleaned_data["reason"],
            at=timezone.now(),
        )
        messages.success(
            request, _("Đã loại trừ báo cáo của %(name)s.") % {"name": opened.body.name}
        )
        return redirect(_back(request, report))
    return confirm(
        request,
        title=_("Loại trừ báo cáo của %(name)s?") % {"name": opened.body.name},
        action=_("Loại trừ báo cáo"),
        back_url=_back(request, report),
        consequences=[
            _("Số liệu của cơ quan này không được cộng vào bản tổng hợp."),
            _("Cơ quan được báo kèm lý do. Có thể đưa lại vào bất cứ lúc nào trước khi chốt."),
        ],
        form=form,
        is_destructive=True,
    )


def _back(request: SignedInRequest, report: UnitReport) -> str:
    if request.GET.get("tu") == "tong-hop":
        return reverse("annual_report:collection", args=[report.period_id])
    if request.GET.get("tu") == "con-do":
        return reverse("annual_report:left_behind", args=[report.period_id])
    return reverse("annual_report:review", args=[report.pk])


@require_POST
def readmit_report(request: SignedInRequest, report_id: int) -> HttpResponse:
    opened = collected_report_or_404(request, report_id)
    try:
        operations.readmit_report(actor=request.user, report=opened.report, at=timezone.now())
    except Denied as denied:
        return refuse(request, denied, "annual_report:review", opened.report.pk)
    messages.success(request, _("Đã đưa lại báo cáo của %(name)s.") % {"name": opened.body.name})
    return redirect(_back(request, opened.report))
