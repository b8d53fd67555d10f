"""What citizens reported, for the department."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.forms import FilterForm, Form, VnLongTextField
from chuan.core.ui.search import Fold
from chuan.core.ui.tables import Column, Table, link
from chuan.core.ui.templatetags.pieces import tag
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.scanned import read_text
from chuan.modules.traceability.models import ProblemReport, Product
from chuan.modules.traceability.operations.reports import close_problem
from chuan.modules.traceability.web.frame import page, save


class ProblemFilters(FilterForm):
    tinh_trang = forms.ChoiceField(
        label=gettext_lazy("Tình trạng"),
        required=False,
        choices=[("", gettext_lazy("Tất cả")), *ProblemReport.State.choices],
    )
    hang_loat = forms.ChoiceField(
        label=gettext_lazy("Gửi hàng loạt"),
        required=False,
        choices=[("", gettext_lazy("Tất cả")), ("khong", gettext_lazy("Không kể"))],
    )
    loai = forms.ChoiceField(
        label=gettext_lazy("Loại"),
        required=False,
        choices=[("", gettext_lazy("Tất cả")), *ProblemReport.Kind.choices],
    )


def _state(row: ProblemReport) -> Any:
    if row.is_bulk and row.state == ProblemReport.State.OPEN:
        return tag("", gettext_lazy("Gửi hàng loạt"), "copy")
    if row.state == ProblemReport.State.OPEN:
        return tag("warn", row.get_state_display(), "clock")
    return tag("done", row.get_state_display(), "check")


class ProblemTable(Table):
    name = "phan-anh"
    caption = gettext_lazy("Phản ánh của người quét mã")
    noun = gettext_lazy("phản ánh")
    search = ("search_key",)
    search_hint = gettext_lazy("lời phản ánh")
    filter_form = ProblemFilters
    default_order = "-sent_at"
    empty_title = gettext_lazy("Chưa có phản ánh nào")
    empty_icon = "message-question"
    columns = (
        Column(
            "text",
            gettext_lazy("Phản ánh"),
            is_header=True,
            css="wide",
            cell=lambda row: link(
                reverse("traceability:problem", args=[row.pk]),
                row.text[:120],
                row.get_kind_display(),
            ),
        ),
        Column("uri", gettext_lazy("Mã"), css="ref", value=lambda row: row.uri.split("/", 3)[-1]),
        Column("sent_at", gettext_lazy("Gửi lúc"), order="sent_at", css="ref"),
        Column(
            "state",
            gettext_lazy("Tình trạng"),
            cell=_state,
            export=lambda row: row.get_state_display(),
        ),
    )

    def filter(self, rows: Any, chosen: dict[str, Any]) -> Any:
        if chosen.get("tinh_trang"):
            rows = rows.filter(state=chosen["tinh_trang"])
        if chosen.get("hang_loat"):
            rows = rows.filter(is_bulk=False)
        if chosen.get("loai"):
            rows = rows.filter(kind=chosen["loai"])
        return rows


class CloseForm(Form):
    outcome = VnLongTextField(
        label=gettext_lazy("Kết quả xử lý"),
        max_length=2000,
        rows=4,
        help_text=gettext_lazy("Đã kiểm tra gì, kết luận, chuyển cho ai."),
    )


@require_safe
def problems(request: SignedInRequest) -> HttpResponseBase:
    rules.read_problems.require(request.user)
    rows = ProblemReport.objects.annotate(search_key=Fold("text"))
    table = ProblemTable(request, rows)
    return table.download() or page(request, "problems", "problems", table=table)


def problem(request: SignedInRequest, problem_id: int) -> HttpResponse:
    rules.read_problems.require(request.user)
    found = get_object_or_404(ProblemReport.objects.select_related("closed_by"), pk=problem_id)
    form = CloseForm(request.POST or None)

    def act() -> None:
        close_problem(
            actor=request.user,
            report=found,
            outcome=form.cleaned_data["outcome"],
            at=timezone.now(),
        )

    if request.method == "POST" and form.is_valid() and save(form, act):
        messages.success(request, _("Đã ghi kết quả. Thông tin liên hệ của người gửi đã được xóa."))
        return redirect("traceability:problem", problem_id=found.pk)
    scanned = read_text(found.uri)
    product = None
    if scanned is not None and scanned.gtin:
        product = Product.objects.filter(gtin=scanned.gtin).select_related("party").first()
    return page(
        request,
        "problem",
        "problems",
        status=422 if form.errors else 200,
        report=found,
        form=form,
        scanned=scanned,
        product=product,
        can_close=rules.close_problem.allows(request.user, found),
    )
