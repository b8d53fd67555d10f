"""The workbook in which a producer tells many harvests, packings, shipments and arrivals at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.people.models import Person
from chuan.core.workbooks.book import Book, Column, Row, Table
from chuan.core.workbooks.cells import Choice, Day, Kind, Number, Text
from chuan.modules.traceability.enums import UNITS
from chuan.modules.traceability.models import FaultyWorkbook, Party, Place, Product, Shipment
from chuan.modules.traceability.queries.registry import shipments_expected

KIND: Final = "traceability-production"
NUMBER: Final = 1
# Lines of each sheet to write in.
LINES: Final = 60
MOST_RECEIVERS: Final = 500
HARVEST, PACKING, SHIPPING, RECEIVING = "harvest", "packing", "shipping", "receiving"
_Thing = TypeVar("_Thing", Party, Place, Product)


def workbook_of(party: Party) -> Book:
    """The form as it is today: with the party's own products and places to choose from."""
    own_places = Place.objects.filter(party=party).order_by("sort_key", "pk")
    own_products = Product.objects.filter(party=party, is_confirmed=True).order_by("sort_key", "pk")
    others = list(
        Party.objects.exclude(pk=party.pk).order_by("sort_key", "pk")[: MOST_RECEIVERS + 1]
    )
    others, are_all = others[:MOST_RECEIVERS], len(others) <= MOST_RECEIVERS
    products = Choice(_options(own_products, lambda one: f"{one.name} – {one.gtin}"))
    places = Choice(_options(own_places, lambda one: one.name))
    receivers = Choice(_options(others, lambda one: one.name))
    when = (
        _column("place", _("Ở đâu"), places, 30),
        _column("day", _("Ngày"), Day(last=timezone.localdate()), 14),
        _column("hour", _("Giờ"), Text(8), 10),
    )
    made = (
        _column("product", _("Sản phẩm"), products, 40),
        _column("number", _("Số lô"), Text(20), 16),
        _column("quantity", _("Số lượng"), _amount(), 14),
        _column(
            "uom", _("Đơn vị tính"), Choice(tuple((code, str(word)) for code, word in UNITS)), 18
        ),
    )
    inputs = _column("inputs", _("Từ những lô nào"), Text(400), 30)
    expires_on = _column("expires_on", _("Hạn dùng"), Day(), 14)
    sent = (
        _column("lot", _("Lô hàng"), Text(40), 20),
        _column("quantity", _("Số lượng"), _amount(), 14),
        _column("receiver", _("Giao cho"), receivers, 40),
    )
    return Book(
        kind=KIND,
        number=NUMBER,
        subject=str(party.pk),
        subject_name=party.name,
        title=_("Ghi sản xuất"),
        guide_title=_("Hướng dẫn"),
        guide=_guide(are_all_receivers=are_all),
        tables=(
            _blank(HARVEST, _("Thu hoạch, đánh bắt"), (*made, *when)),
            _blank(PACKING, _("Chế biến, đóng gói"), (inputs, *made, expires_on, *when)),
            _blank(SHIPPING, _("Xuất hàng"), (*sent, *when)),
            Table(
                RECEIVING,
                _("Nhận hàng"),
                (Column("goods", _("Chuyến hàng"), Text(), 60), *when),
                _expected(party, when),
            ),
        ),
    )


def faulty_workbook_of(person: Person, party: Party) -> FaultyWorkbook | None:
    """The file this person is to mend; without what is in it."""
    return FaultyWorkbook.objects.filter(sent_by=person, party=party).defer("content").first()


def _guide(*, are_all_receivers: bool) -> Sequence[tuple[str, str]]:
    others = _(
        "Tệp chỉ kê được %(n)d đơn vị nhận. Giao cho đơn vị khác: ghi ở trang Xuất hàng trên hệ thống."
    )
    return (
        ("", _("Ghi vào các ô màu vàng; mỗi dòng là một việc. Dòng trống được bỏ qua.")),
        (
            _("Số lô"),
            _(
                "Tối đa 20 chữ không dấu, số, dấu chấm, gạch; trong một sản phẩm, mỗi số lô chỉ dùng "
                "một lần."
            ),
        ),
        (
            _("Từ những lô nào"),
            _(
                "Các số lô cách nhau bằng dấu phẩy, kể cả lô ghi ở trang trước của tệp này. Hai sản "
                "phẩm trùng số lô thì ghi GTIN/số lô."
            ),
        ),
        (
            _("Giờ"),
            _("Ví dụ 7:30. Để trống: thu hoạch 7:00, đóng gói 12:00, xuất 16:00, nhận 17:00."),
        ),
        *(() if are_all_receivers else ((_("Giao cho"), others % {"n": MOST_RECEIVERS}),)),
        ("", _("Gửi lên, hệ thống ghi tất cả hoặc chỉ ra mọi chỗ sai cùng lúc và không ghi gì.")),
    )


def _column(key: str, title: str, kind: Kind, width: int) -> Column:
    return Column(key, title, kind, width, is_writable=True)


def _amount() -> Number:
    return Number(smallest=Decimal("0.001"), places=3)


def _blank(key: str, title: str, columns: Sequence[Column]) -> Table:
    """A sheet of empty lines."""
    rows = [Row(str(number), _empty(columns)) for number in range(1, LINES + 1)]
    return Table(key, title, columns, rows)


def _empty(columns: Sequence[Column]) -> dict[str, Any]:
    return {
        one.key: None if isinstance(one.kind, Number | Day) else ""
        for one in columns
        if one.is_writable
    }


def _expected(party: Party, columns: Sequence[Column]) -> list[Row]:
    """What is on its way; a line that says so where nothing is: a sheet has at least one."""
    rows = [
        Row(str(one.pk), {**_empty(columns), "goods": _goods(one)})
        for one in shipments_expected(Party.objects.filter(pk=party.pk))
    ]
    none = {**_empty(columns), "goods": _("Chưa có chuyến hàng nào đang trên đường đến bạn.")}
    return rows or [Row("0", none, locked=frozenset(one.key for one in columns))]


def _options(rows: Iterable[_Thing], word: Callable[[_Thing], str]) -> tuple[tuple[str, str], ...]:
    """Words to choose from; of two alike the second tells its number as well."""
    found: dict[str, str] = {}
    for row in rows:
        text = word(row)
        found[text if text not in found else f"{text} ({row.pk})"] = str(row.pk)
    return tuple((code, text) for text, code in found.items())


def _goods(shipment: Shipment) -> str:
    goods = ", ".join(f"{one.lot.product.name} {one.lot.number}" for one in shipment.lots.all())
    return f"{goods}; {shipment.sender.name}, {timezone.localtime(shipment.sent_at):%d/%m/%Y}"
