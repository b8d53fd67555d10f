"""The department's desk: what is public, and the preview before anything becomes so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.forms import Form, VnLongTextField, VnTextField
from chuan.core.ui.views import confirm
from chuan.flows.annual_report.models import Consolidation
from chuan.flows.portal import operations, rules
from chuan.flows.portal.enums import PublicationKind
from chuan.flows.portal.models import Publication
from chuan.flows.portal.parsing.fields import resources
from chuan.flows.portal.queries import drafts
from chuan.flows.portal.queries.desk import desks
from chuan.flows.portal.queries.drafts import Draft
from chuan.flows.portal.queries.public import RESOURCE_AT
from chuan.lib.rules import Denied
from chuan.modules.plans import facade as plans


class AnswerForm(Form):
    question = VnTextField(
        label=gettext_lazy("Câu hỏi công khai"),
        help_text=gettext_lazy("Viết lại để người dân hiểu; không nêu tên người, cơ quan hỏi."),
        max_length=300,
    )
    answer = VnLongTextField(
        label=gettext_lazy("Trả lời công khai"),
        help_text=gettext_lazy("Bỏ những phần chỉ dùng nội bộ và thông tin cá nhân."),
        max_length=5000,
        rows=8,
    )


class ReasonForm(Form):
    reason = VnTextField(label=gettext_lazy("Lý do gỡ"), max_length=300)


@require_safe
def show_desk(request: SignedInRequest) -> HttpResponse:
    rules.see_desk.require(request.user)
    found = desks(request.user)
    context = {
        "must_renew": any(one.must_renew for one in found),
        "desks": [
            {
                "desk": one,
                "may_publish": rules.publish.allows(request.user, one.plan.managed_by_id),
                "may_withdraw": request.user.holds(
                    *rules.DESK, organisation_id=one.plan.managed_by_id
                ),
            }
            for one in found
        ],
    }
    return render(request, "portal/desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def publish_plan(request: SignedInRequest, plan_id: int) -> HttpResponse:
    plan = _plan_or_404(plan_id)
    rules.publish.require(request.user, plan.managed_by_id)

    def publish() -> Publication:
        return operations.publish_plan(
            actor=request.user,
            plan_id=plan_id,
            seen=request.POST.get("seen", ""),
            at=timezone.now(),
        )

    return _preview_or_publish(
        request,
        _("Công khai kế hoạch %s?") % plan.symbol,
        lambda: drafts.plan_draft(plan_id),
        publish,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def publish_results(request: SignedInRequest, consolidation_id: int) -> HttpResponse:
    made = get_object_or_404(Consolidation.objects.select_related("period"), pk=consolidation_id)
    rules.publish.require(request.user, made.period.managed_by_id)

    def publish() -> Publication:
        return operations.publish_results(
            actor=request.user,
            consolidation=made,
            seen=request.POST.get("seen", ""),
            at=timezone.now(),
        )

    return _preview_or_publish(
        request,
        _("Công khai kết quả: %s?") % made.period.title,
        lambda: drafts.results_draft(made),
        publish,
        documents_stay_inside=drafts.documents_stay_inside(made),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def publish_answer(request: SignedInRequest, plan_id: int, difficulty_id: int) -> HttpResponse:
    """First the public wording, then the preview of it, then the act."""
    plan = _plan_or_404(plan_id)
    rules.publish.require(request.user, plan.managed_by_id)
    difficulty = operations.answered(plan_id, difficulty_id)
    form = AnswerForm(
        request.POST or None,
        initial={"question": difficulty.title, "answer": difficulty.answer},
    )
    context: dict[str, Any] = {"difficulty": difficulty, "form": form}
    if request.method != "POST" or not form.is_valid() or "change" in request.POST:
        status = 422 if form.errors else 200
        return render(request, "portal/answer_words.html", context, status=status)
    words = {name: form.cleaned_data[name] for name in ("question", "answer")}
    draft = drafts.answer_draft(difficulty, **words)

    def publish() -> Publication:
        return operations.publish_answer(
            actor=request.user,
            difficulty_id=difficulty_id,
            plan_id=plan_id,
            at=timezone.now(),
            **words,
        )

    return _preview_or_publish(
        request, _("Công khai câu hỏi và trả lời này?"), lambda: draft, publish, kept=words
    )


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: SignedInRequest, publication_id: int) -> HttpResponse:
    publication = get_object_or_404(Publication.objects.defer("content"), pk=publication_id)
    plan = _plan_or_404(publication.plan_id)
    rules.withdraw.require(request.user, publication, plan.managed_by_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.withdraw_publication(
                actor=request.user,
                publication=publication,
                reason=form.cleaned_data["reason"],
                at=timezone.now(),
            )
        except Denied as denied:
            messages.error(request, str(denied))
        else:
            messages.success(request, _("Đã gỡ. Bản lưu tạm của trình duyệt mất sau 5 phút."))
        return redirect("publishing:desk")
    consequences = (
        [_("Kết quả và hỏi đáp của kế hoạch này cũng không còn hiện ra.")]
        if publication.kind == PublicationKind.PLAN
        else []
    )
    return confirm(
        request,
        title=_("Gỡ khỏi trang công khai?"),
        action=_("Gỡ"),
        back_url=reverse("publishing:desk"),
        lines=[plan.short_title, str(PublicationKind(publication.kind).label)],
        consequences=consequences,
        form=form,
        is_destructive=True,
    )


def _preview_or_publish(
    request: SignedInRequest,
    title: str,
    draw: Callable[[], Draft],
    publish: Callable[[], Publication],
    kept: dict[str, str] | None = None,
    *,
    documents_stay_inside: bool = False,
) -> HttpResponse:
    """The preview, and on its button the act; a preview that is no longer true is shown anew."""
    try:
        if request.method == "POST" and "publish" in request.POST:
            try:
                publish()
            except operations.PreviewOutdated:
                messages.warning(
                    request, _("Nội dung vừa thay đổi. Hãy xem lại trước khi công khai.")
                )
            except ValidationError as fault:
                messages.error(request, " ".join(fault.messages))
            else:
                messages.success(request, _("Đã công khai. Người dân thấy ngay từ bây giờ."))
                return redirect("publishing:desk")
        draft = draw()
    except Denied as denied:
        messages.error(request, str(denied))
        return redirect("publishing:desk")
    context = {
        "title": title,
        "draft": draft,
        "documents_stay_inside": documents_stay_inside,
        "blocks": _blocks(draft),
        "kept": [(name, value) for name, value in (kept or {}).items()],
    }
    return render(request, "portal/preview.html", context)


def _blocks(draft: Draft) -> list[dict[str, Any]]:
    """The content itself, every field with its name: a single row as facts, many as a table."""
    english = get_language() == "en"
    blocks = []
    for place, content in draft.content.items():
        resource = resources()[RESOURCE_AT[place]]
        fields = [(field.name, field.en if english else field.vi) for field in resource.fields]
        rows = content if isinstance(content, list) else [content]
        blocks.append(
            {
                "place": place,
                "title": resource.en if english else resource.vi,
                "is_table": isinstance(content, list),
                "labels": [label for _name, label in fields],
                "rows": [[(label, _shown(row[name])) for name, label in fields] for row in rows],
            }
        )
    return blocks


def _shown(value: Any) -> str:
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return _("Có") if value else _("Không")
    if isinstance(value, list):
        return "; ".join(value)
    return str(value)


def _plan_or_404(plan_id: int) -> plans.PlanRef:
    found = plans.plans([plan_id])
    if plan_id not in found:
        raise Http404
    return found[plan_id]
