"""Where a small producer tells what it did, on a telephone."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuan.core.people.http import SignedInRequest
from chuan.core.people.models import Person
from chuan.lib.rules import Denied
from chuan.lib.whole_numbers import whole_number
from chuan.modules.traceability import rules
from chuan.modules.traceability.enums import PIECES
from chuan.modules.traceability.models import Lot
from chuan.modules.traceability.operations import production
from chuan.modules.traceability.operations.production import NewLot, Shipped
from chuan.modules.traceability.queries import registry as queries
from chuan.modules.traceability.queries.recalled import recalls_of
from chuan.modules.traceability.web.frame import page, save
from chuan.modules.traceability.web.production_forms import (
    UNITS_OF,
    HarvestForm,
    PackingForm,
    ReceivingForm,
    ShippingForm,
    words_of,
)

_MOST_EXPECTED = 20
_MOST_LOTS = 50
# Shipments of a lot that its page tells.
_MOST_SHIPMENTS = 50


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """A producer comes to tell what was done, everybody else to look something up."""
    tells = queries.parties_told_by(request.user).exists()
    return redirect("traceability:production" if tells else "traceability:products")


@require_safe
def start(request: SignedInRequest) -> HttpResponse:
    own = list(queries.parties_told_by(request.user))
    if not own:
        rules.see_everything.require(request.user)
    lots = queries.lots_visible_to(request.user).select_related("product__party")
    newest = list(lots.order_by("-made_at", "pk")[:_MOST_LOTS])
    recalls = recalls_of([one.uri for one in newest])
    return page(
        request,
        "production",
        "production",
        own=own,
        expected=[
            words_of(one)
            for one in queries.shipments_expected(queries.parties_told_by(request.user))[
                :_MOST_EXPECTED
            ]
        ],
        lots=[(one, UNITS_OF.get(one.uom, one.uom), recalls.get(one.uri)) for one in newest],
    )


def tell_harvest(request: SignedInRequest) -> HttpResponse:
    form = HarvestForm(request.POST or None, person=_teller(request))
    done: list[Lot] = []

    def act() -> None:
        given = form.cleaned_data
        new = NewLot(given["product"], given["number"], given["quantity"], _uom(given["uom"]))
        done.append(
            production.tell_harvest(actor=request.user, new=new, place=given["place"], at=form.at)
        )

    return _told(request, form, act, done, _("Ghi thu hoạch, đánh bắt"), _("Đã ghi thu hoạch."))


def tell_packing(request: SignedInRequest) -> HttpResponse:
    form = PackingForm(request.POST or None, person=_teller(request))
    done: list[Lot] = []

    def act() -> None:
        given = form.cleaned_data
        new = NewLot(
            given["product"],
            given["number"],
            given["quantity"],
            _uom(given["uom"]),
            given["expires_on"],
        )
        done.append(
            production.tell_packing(
                actor=request.user,
                new=new,
                inputs=list(given["inputs"]),
                place=given["place"],
                at=form.at,
            )
        )

    return _told(request, form, act, done, _("Ghi chế biến, đóng gói"), _("Đã ghi đóng gói."))


def tell_shipping(request: SignedInRequest) -> HttpResponse:
    form = ShippingForm(
        request.POST or None,
        person=_teller(request),
        initial={"lot": whole_number(request.GET.get("lo", ""))},
    )
    done: list[Lot] = []

    def act() -> None:
        given = form.cleaned_data
        production.tell_shipping(
            actor=request.user,
            goods=[Shipped(given["lot"], given["quantity"])],
            receiver=given["receiver"],
            place=given["place"],
            at=form.at,
        )
        done.append(given["lot"])

    return _told(request, form, act, done, _("Ghi xuất hàng"), _("Đã ghi xuất hàng."))


def tell_receiving(request: SignedInRequest) -> HttpResponse:
    form = ReceivingForm(request.POST or None, person=_teller(request))

    def act() -> None:
        given = form.cleaned_data
        production.tell_receiving(
            actor=request.user, shipment=given["shipment"], place=given["place"], at=form.at
        )

    if request.method == "POST" and form.is_valid() and save(form, act):
        messages.success(request, _("Đã ghi nhận hàng."))
        return redirect("traceability:production")
    if not form.fields["shipment"].queryset.exists():  # type: ignore[attr-defined]
        return page(
            request,
            "form",
            "production",
            form=form,
            title=_("Ghi nhận hàng"),
            back=reverse("traceability:production"),
            nothing=_("Chưa có chuyến hàng nào đang trên đường đến bạn."),
            advice=_(
                "Khi bên giao ghi xuất hàng cho đơn vị bạn, chuyến hàng hiện ở đây. Hàng đã đến mà "
                "chưa thấy thì nhờ bên giao ghi."
            ),
        )
    return _form(request, form, _("Ghi nhận hàng"))


@require_safe
def lot(request: SignedInRequest, lot_id: int) -> HttpResponse:
    visible = queries.lots_visible_to(request.user).select_related("product__party")
    found = get_object_or_404(visible, pk=lot_id)
    return page(
        request,
        "lot",
        "production",
        lot=found,
        unit=UNITS_OF.get(found.uom, found.uom),
        recall=recalls_of([found.uri]).get(found.uri),
        shipments=list(queries.shipments_of(found)[:_MOST_SHIPMENTS]),
        left=queries.left_of(found),
        may_ship=rules.tell_production.allows(request.user, found.product.party),
        sees_chains=rules.see_chains.allows(request.user),
    )


def _teller(request: SignedInRequest) -> Person:
    """:raises Denied: this person speaks for no party."""
    if not queries.parties_told_by(request.user).exists():
        raise Denied(_("Tài khoản của bạn chưa gắn với cơ sở sản xuất nào."))
    return request.user


def _told(
    request: SignedInRequest,
    form: HarvestForm | ShippingForm,
    act: Callable[[], None],
    done: list[Lot],
    title: str,
    words: str,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid() and save(form, act):
        messages.success(request, words)
        return redirect("traceability:lot", lot_id=done[0].pk)
    return _form(request, form, title)


def _form(
    request: SignedInRequest, form: HarvestForm | ShippingForm | ReceivingForm, title: str
) -> HttpResponse:
    return page(
        request,
        "form",
        "production",
        status=422 if form.errors else 200,
        form=form,
        title=title,
        action=_("Ghi"),
        back=reverse("traceability:production"),
    )


def _uom(chosen: str) -> str:
    """Pieces have no unit in events."""
    return "" if chosen == PIECES else chosen
