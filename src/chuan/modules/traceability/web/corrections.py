"""Taking back a lot or a shipment that was told wrongly."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.forms import Form, VnTextField
from chuan.modules.traceability import rules
from chuan.modules.traceability.models import Lot, Shipment
from chuan.modules.traceability.operations import corrections
from chuan.modules.traceability.queries import master, registry
from chuan.modules.traceability.web.frame import page, save


class ReasonForm(Form):
    reason = VnTextField(
        label=gettext_lazy("Ghi nhầm điều gì"),
        max_length=300,
        help_text=gettext_lazy("Ví dụ: 125 kg, đã gõ 1.250 kg."),
    )


@dataclass(frozen=True, slots=True)
class _Words:
    title: Promise
    lead: Promise
    action: Promise
    done: Promise


_LOT = _Words(
    gettext_lazy("Bỏ lô ghi nhầm"),
    gettext_lazy("Lô không còn trong danh sách; số lô dùng lại được. Sau đó ghi lại cho đúng."),
    gettext_lazy("Bỏ lô này"),
    gettext_lazy("Đã bỏ lô ghi nhầm. Ghi lại cho đúng nếu cần."),
)
_SHIPMENT = _Words(
    gettext_lazy("Bỏ chuyến hàng ghi nhầm"),
    gettext_lazy("Hàng được tính là chưa xuất. Nhãn của kiện này không dùng lại."),
    gettext_lazy("Bỏ chuyến hàng này"),
    gettext_lazy("Đã bỏ chuyến hàng ghi nhầm. Ghi lại cho đúng nếu cần."),
)


def lot(request: SignedInRequest, lot_id: int) -> HttpResponse:
    visible = registry.lots_visible_to(request.user).select_related("product__party")
    found = get_object_or_404(visible, pk=lot_id)
    rules.tell_production.require(request.user, found.product.party)
    back = reverse("traceability:lot", args=[found.pk])
    return _take_back(request, found, f"{found.product.name}, {found.number}", _LOT, back)


def shipment(request: SignedInRequest, shipment_id: int) -> HttpResponse:
    sent = Shipment.objects.select_related("sender", "receiver")
    found = get_object_or_404(
        sent.filter(sender__in=registry.parties_told_by(request.user)), pk=shipment_id
    )
    sub = f"{found.receiver.name}, {master.shown(found.uri)}"
    return _take_back(request, found, sub, _SHIPMENT, reverse("traceability:production"))


def _take_back(
    request: SignedInRequest, told: Lot | Shipment, sub: str, words: _Words, back: str
) -> HttpResponse:
    form = ReasonForm(request.POST or None)

    def act() -> None:
        corrections.take_back(
            actor=request.user, told=told, reason=form.cleaned_data["reason"], at=timezone.now()
        )

    if request.method == "POST" and form.is_valid() and save(form, act):
        messages.success(request, str(words.done))
        return redirect("traceability:production")
    return page(
        request,
        "form",
        "production",
        status=422 if form.errors else 200,
        form=form,
        back=back,
        sub=sub,
        title=words.title,
        lead=words.lead,
        action=words.action,
    )
