"""What does not fit in the chains of the province: the list, and one of them with its evidence."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.forms import FilterForm, Form, VnLongTextField
from chuan.core.ui.tables import Column, Table, link
from chuan.core.ui.templatetags.pieces import tag, unbroken
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.checks import checks, sources_of
from chuan.modules.traceability.models import ChainCheck, ChainFinding
from chuan.modules.traceability.operations.findings import close_finding
from chuan.modules.traceability.queries import master
from chuan.modules.traceability.queries.findings import (
    evidence_of,
    findings_visible_to,
    with_product_names,
)
from chuan.modules.traceability.titles import title_of_step
from chuan.modules.traceability.web.frame import save

_ANY = ("", gettext_lazy("Tất cả"))
# Things of one event that a page names.
_MOST_NAMED = 5


class FindingFilters(FilterForm):
    quy_tac = forms.ChoiceField(label=gettext_lazy("Quy tắc"), required=False)
    tinh_trang = forms.ChoiceField(
        label=gettext_lazy("Tình trạng"),
        required=False,
        choices=[_ANY, *ChainFinding.State.choices],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules_of = [(check.key, check.title) for check in checks]
        self.fields["quy_tac"].choices = [_ANY, *rules_of]  # type: ignore[attr-defined]


def title_of(finding: ChainFinding) -> str:
    """Of a rule that is no more, its key."""
    found = next((check for check in checks if check.key == finding.rule), None)
    return str(found.title) if found else finding.rule


def _state(row: ChainFinding) -> SafeString:
    if row.state == ChainFinding.State.OPEN:
        return tag("warn", row.get_state_display(), "clock")
    if row.state == ChainFinding.State.CLOSED:
        return tag("done", row.get_state_display(), "check")
    return tag("", row.get_state_display(), "ban")


def _thing(row: Any) -> SafeString:
    return format_html(
        '{}<span class="num">{}</span><span class="sub">{}</span>',
        format_html("{}<br>", row.product_name) if row.product_name else "",
        unbroken(master.shown(row.uri)),
        row.place_name,
    )


class FindingTable(Table):
    name = "khong-khop"
    caption = gettext_lazy("Chỗ không khớp")
    noun = gettext_lazy("chỗ")
    search = ("search_key",)
    search_hint = gettext_lazy("mã hàng, nơi, nội dung")
    filter_form = FindingFilters
    default_order = "-happened_at"
    empty_title = gettext_lazy("Chưa thấy chỗ nào không khớp")
    empty_text = gettext_lazy("Mỗi đêm hệ thống xem lại các chuỗi vừa có sự kiện mới.")
    empty_icon = "circle-check"
    columns = (
        Column(
            "rule",
            gettext_lazy("Chỗ không khớp"),
            is_header=True,
            css="wide",
            order="rule",
            cell=lambda row: link(
                reverse("chains:finding", args=[row.pk]), title_of(row), row.text
            ),
            export=lambda row: title_of(row),
        ),
        Column("text", gettext_lazy("Nội dung"), on_page=False),
        Column(
            "uri",
            gettext_lazy("Mã hàng"),
            value=lambda row: master.shown(row.uri),
            cell=lambda row: _thing(row),
        ),
        Column("product_name", gettext_lazy("Sản phẩm"), on_page=False),
        Column("place_name", gettext_lazy("Nơi"), on_page=False),
        Column("happened_at", gettext_lazy("Xảy ra lúc"), order="happened_at", css="ref"),
        Column(
            "state",
            gettext_lazy("Tình trạng"),
            cell=_state,
            export=lambda row: row.get_state_display(),
            order="state",
        ),
        Column(
            "event_ids",
            gettext_lazy("Sự kiện"),
            on_page=False,
            value=lambda row: ", ".join(map(str, row.event_ids)),
        ),
        Column("reason", gettext_lazy("Kết quả xem xét"), on_page=False),
    )

    def completed(self, rows: QuerySet[ChainFinding]) -> Any:
        return with_product_names(rows)

    def filter(self, rows: QuerySet[ChainFinding], chosen: dict[str, Any]) -> Any:
        if chosen.get("quy_tac"):
            rows = rows.filter(rule=chosen["quy_tac"])
        if chosen.get("tinh_trang"):
            rows = rows.filter(state=chosen["tinh_trang"])
        return rows


class CloseFindingForm(Form):
    reason = VnLongTextField(
        label=gettext_lazy("Kết quả xem xét"),
        max_length=2000,
        rows=4,
        help_text=gettext_lazy("Đã kiểm tra gì, với ai, vì sao không cần làm thêm."),
    )


@require_safe
def list_findings(request: SignedInRequest) -> HttpResponse:
    rules.see_chains.require(request.user)
    table = FindingTable(request, findings_visible_to(request.user))
    context = {"table": table, "last": ChainCheck.objects.order_by("-until").first()}
    return table.download() or render(request, "traceability/findings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def show_finding(request: SignedInRequest, finding_id: int) -> HttpResponse:
    rules.see_chains.require(request.user)
    finding = get_object_or_404(
        with_product_names(findings_visible_to(request.user)), pk=finding_id
    )
    form = CloseFindingForm(request.POST or None)

    def act() -> None:
        close_finding(
            actor=request.user,
            finding=finding,
            reason=form.cleaned_data["reason"],
            at=timezone.now(),
        )

    if request.method == "POST":
        rules.close_finding.require(request.user, finding)
        if form.is_valid() and save(form, act):
            messages.success(request, _("Đã ghi kết quả xem xét."))
            return redirect("chains:finding", finding_id=finding.pk)
    evidence = evidence_of(finding)
    context = {
        "finding": finding,
        "title": title_of(finding),
        "shown": master.shown(finding.uri),
        "sources": sources_of(finding.rule),
        "evidence": [
            {
                "id": seen.event_id,
                "step": title_of_step(seen.step),
                "word": seen.step,
                "at": seen.at,
                "place": place,
                "things": [master.shown(part.uri) for part in seen.parts[:_MOST_NAMED]],
                "more": max(len(seen.parts) - _MOST_NAMED, 0),
            }
            for seen, place in evidence
        ],
        "is_some_away": len(evidence) < len(finding.event_ids),
        "form": form,
        "may_close": rules.close_finding.allows(request.user, finding),
    }
    status = 422 if form.errors else 200
    return render(request, "traceability/finding.html", context, status=status)
