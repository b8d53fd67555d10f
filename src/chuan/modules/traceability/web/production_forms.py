from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chuan.core.people.models import Person
from chuan.core.ui.forms import Form, VnDateField, VnDecimalField, VnIntegerField, VnTextField
from chuan.lib.language import shown_number
from chuan.modules.traceability.engine.labels import A_SHEET, MOST, CodeKind
from chuan.modules.traceability.enums import UNITS
from chuan.modules.traceability.models import Lot, Party, Place, Product, Shipment
from chuan.modules.traceability.queries import master
from chuan.modules.traceability.queries.registry import (
    parties_told_by,
    shipments_expected,
    with_what_is_left,
)

UNITS_OF = {**dict(UNITS), "": _("cái")}
# How many lots are offered: of older ones the next step has long been told.
RECENT = 60


class LotField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Lot) -> str:
        return f"{obj.product.name} – {obj.number} ({timezone.localtime(obj.made_at):%d/%m/%Y})"


class _WhenAndWhere(Form):
    """Where and when; the choices are those of the parties this person speaks for."""

    place = forms.ModelChoiceField(
        label=_("Ở đâu"),
        queryset=Place.objects.none(),
        error_messages={"required": _("Chọn nơi làm việc này.")},
    )
    day = VnDateField(label=_("Ngày"))
    hour = forms.TimeField(
        label=_("Giờ"),
        widget=forms.TimeInput(attrs={"type": "time", "class": "w-8"}, format="%H:%M"),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parties = parties_told_by(person)
        now = timezone.localtime()
        self.fields["day"].initial, self.fields["hour"].initial = now.date(), now.time()
        self._offer("place", Place.objects.filter(party__in=self.parties).order_by("sort_key"))
        if "product" in self.fields:
            products = Product.objects.filter(party__in=self.parties, is_confirmed=True)
            products = products.order_by("sort_key")
            self._offer("product", products)

    def _offer(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        field.queryset = rows  # type: ignore[attr-defined]
        if len(rows[:2]) == 1:
            field.initial = rows[0].pk

    def _lots(self) -> Any:
        own = Lot.objects.filter(product__party__in=self.parties)
        recent = own.order_by("-made_at", "pk").values("pk")[:RECENT]
        return own.filter(pk__in=recent).select_related("product").order_by("-made_at", "pk")

    @property
    def at(self) -> datetime:
        day, hour = self.cleaned_data["day"], self.cleaned_data["hour"]
        return timezone.make_aware(datetime.combine(day, hour))


class HarvestForm(_WhenAndWhere):
    product = forms.ModelChoiceField(label=_("Sản phẩm"), queryset=Product.objects.none())
    number = VnTextField(
        label=_("Số lô"), max_length=20, help_text=_("Ví dụ ngày và số thứ tự: 261122-1.")
    )
    quantity = VnDecimalField(label=_("Số lượng"), places=3, smallest=0)
    uom = forms.ChoiceField(label=_("Đơn vị tính"), choices=UNITS)
    field_order: tuple[str, ...] = ("product", "number", "quantity", "uom", "place", "day", "hour")


class PackingForm(HarvestForm):
    inputs = LotField(
        label=_("Từ những lô nào"),
        queryset=Lot.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    expires_on = VnDateField(label=_("Hạn dùng"), required=False)
    field_order = (
        *("inputs", "product", "number", "quantity", "uom", "expires_on"),
        *("place", "day", "hour"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["inputs"].queryset = self._lots()  # type: ignore[attr-defined]


class ShippingForm(_WhenAndWhere):
    lot = forms.ModelChoiceField(label=_("Lô hàng"), queryset=Lot.objects.none())
    quantity = VnDecimalField(
        label=_("Số lượng"), places=3, smallest=0, help_text=_("Theo đơn vị tính của lô.")
    )
    receiver = forms.ModelChoiceField(
        label=_("Giao cho"),
        queryset=Party.objects.none(),
        help_text=_("Chưa có tên bên nhận thì nhờ cơ quan phụ trách thêm."),
    )
    field_order = ("lot", "quantity", "receiver", "place", "day", "hour")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["lot"]
        field.queryset = with_what_is_left(self._lots())  # type: ignore[attr-defined]
        field.label_from_instance = _lot_with_what_is_left  # type: ignore[attr-defined]
        others = Party.objects.exclude(pk__in=self.parties).order_by("sort_key", "pk")
        self.fields["receiver"].queryset = others  # type: ignore[attr-defined]


def _lot_with_what_is_left(lot: Any) -> str:
    """:param lot: one of `with_what_is_left`."""
    names = {
        "lot": f"{lot.product.name} – {lot.number}",
        "left": shown_number(lot.left.normalize()),
        "unit": UNITS_OF.get(lot.uom, lot.uom),
    }
    return gettext("%(lot)s, còn %(left)s %(unit)s") % names


class ShipmentField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Shipment) -> str:
        return words_of(obj)


def words_of(shipment: Shipment) -> str:
    """What is in a shipment, from whom, since when; with its number where it has one on a label."""
    goods = ", ".join(f"{one.lot.product.name} {one.lot.number}" for one in shipment.lots.all())
    words = f"{goods}, {shipment.sender.name} ({timezone.localtime(shipment.sent_at):%d/%m/%Y})"
    number = "" if shipment.uri.startswith("urn:") else master.shown(shipment.uri)
    return f"{words}, {number}" if number else words


class ReceivingForm(_WhenAndWhere):
    shipment = ShipmentField(label=_("Chuyến hàng"), queryset=Shipment.objects.none())
    field_order = ("shipment", "place", "day", "hour")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("shipment", shipments_expected(self.parties))


class LabelForm(Form):
    count = VnIntegerField(label=_("Số nhãn"), smallest=1, largest=MOST, initial=A_SHEET)
    first = VnIntegerField(
        label=_("Đánh số sê-ri từ"),
        smallest=1,
        largest=99_999_999,
        required=False,
        help_text=_("Để trống nếu mọi nhãn của lô giống nhau."),
    )
    kind = forms.ChoiceField(
        label=_("Loại mã trên nhãn"),
        choices=[
            (CodeKind.QR.value, _("Mã QR: điện thoại quét mở trang truy xuất")),
            (CodeKind.DATAMATRIX.value, _("GS1 DataMatrix: máy quét của kho, quầy hàng")),
        ],
        initial=CodeKind.QR.value,
        widget=forms.RadioSelect,
        required=False,
    )

    def clean_kind(self) -> str:
        return str(self.cleaned_data["kind"] or CodeKind.QR.value)
