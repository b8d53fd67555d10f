"""Taking back a lot or a shipment that was told wrongly."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.forms import Form, VnTextField
from chuan.modules.traceability import rules
from chuan.modules.traceability.models import Shipment
from chuan.modules.traceability.operations import corrections
from chuan.modules.traceability.queries import master, registry
from chuan.modules.traceability.web.frame import page, save


class ReasonForm(Form):
    reason = VnTextField(
        label=gettext_lazy("Ghi nhầm điều gì"),
        max_length=300,
        help_text=gettext_lazy("Ví dụ: 125 kg, đã gõ 1.250 kg."),
    )


def lot(request: SignedInRequest, lot_id: int) -> HttpResponse:
    visible = registry.lots_visible_to(request.user).select_related("product__party")
    found = get_object_or_404(visible, pk=lot_id)
    rules.tell_production.require(request.user, found.product.party)
    return _asked(
        request,
        lambda reason: corrections.take_back_lot(
            actor=request.user, lot=found, reason=reason, at=timezone.now()
        ),
        title=_("Bỏ lô ghi nhầm"),
        sub=f"{found.product.name}, {found.number}",
        lead=_("Lô không còn trong danh sách; số lô dùng lại được. Sau đó ghi lại cho đúng."),
        action=_("Bỏ lô này"),
        words=_("Đã bỏ lô ghi nhầm. Ghi lại cho đúng nếu cần."),
        back=reverse("traceability:lot", args=[found.pk]),
    )


def shipment(request: SignedInRequest, shipment_id: int) -> HttpResponse:
    sent = Shipment.objects.select_related("sender", "receiver")
    found = get_object_or_404(
        sent.filter(sender__in=registry.parties_told_by(request.user)), pk=shipment_id
    )
    return _asked(
        request,
        lambda reason: corrections.take_back_shipment(
            actor=request.user, shipment=found, reason=reason, at=timezone.now()
        ),
        title=_("Bỏ chuyến hàng ghi nhầm"),
        sub=f"{found.receiver.name}, {master.shown(found.uri)}",
        lead=_("Hàng được tính là chưa xuất. Nhãn của kiện này không dùng lại."),
        action=_("Bỏ chuyến hàng này"),
        words=_("Đã bỏ chuyến hàng ghi nhầm. Ghi lại cho đúng nếu cần."),
        back=reverse("traceability:production"),
    )


def _asked(
    request: SignedInRequest, act: Callable[[str], None], *, words: str, back: str, **shown: str
) -> HttpResponse:
    form = ReasonForm(request.POST or None)
    posted = request.method == "POST" and form.is_valid()
    if posted and save(form, lambda: act(form.cleaned_data["reason"])):
        messages.success(request, words)
        return redirect("traceability:production")
    status = 422 if form.errors else 200
    return page(request, "form", "production", status=status, form=form, back=back, **shown)
