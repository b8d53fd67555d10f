from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuan.core.ui.table_files import show
from chuan.core.ui.tables import Column, Table, link
from chuan.core.ui.templatetags.pieces import status, unbroken
from chuan.modules.traceability.models import Recall, RecallItem
from chuan.modules.traceability.queries import master
from chuan.modules.traceability.titles import amount, unit
from chuan.modules.traceability.web.recall_forms import ItemFilters, RecallFilters


class RecallTable(Table):
    name = "thu-hoi"
    caption = gettext_lazy("Đợt thu hồi")
    noun = gettext_lazy("đợt")
    filter_form = RecallFilters
    default_order = "-opened_at"
    empty_title = gettext_lazy("Chưa có đợt thu hồi nào")
    empty_text = gettext_lazy(
        "Khi một lô hàng có vấn đề, mở đợt thu hồi để biết hàng đã đi đâu, ai đang giữ."
    )
    empty_icon = "package"
    columns = (
        Column(
            "title",
            gettext_lazy("Đợt thu hồi"),
            is_header=True,
            css="wide",
            cell=lambda row: link(reverse("chains:recall", args=[row.pk]), row.title),
        ),
        Column(
            "state",
            gettext_lazy("Trạng thái"),
            cell=lambda row: status(f"recall_{row.state}"),
            export=lambda row: row.get_state_display(),
            order="state",
        ),
        Column("item_count", gettext_lazy("Số mã hàng"), is_numeric=True, order="item_count"),
        Column("out_count", gettext_lazy("Còn phải thu hồi"), is_numeric=True, order="out_count"),
        Column("last_run_at", gettext_lazy("Truy tìm gần nhất"), order="last_run_at", css="nowrap"),
        Column("opened_at", gettext_lazy("Ngày mở"), order="opened_at", css="nowrap"),
    )

    def filter(self, rows: QuerySet[Recall], chosen: dict[str, Any]) -> QuerySet[Recall]:
        wanted = chosen.get("trang_thai")
        return rows.filter(state=wanted) if wanted else rows


class PlaceTable(Table):
    """The goods of a recall by holder and place: readable however many there are."""

    name = "noi-giu"
    caption = gettext_lazy("Hàng theo nơi và cơ sở giữ")
    noun = gettext_lazy("nơi")
    per_page = 25
    search = ("place_name", "holder_name")
    search_hint = gettext_lazy("nơi, cơ sở")
    default_order = "-out"
    empty_title = gettext_lazy("Không tìm thấy mã hàng nào")
    empty_text = gettext_lazy(
        "Chưa có sự kiện nào nhắc đến các mã này. Kiểm tra lại mã, hoặc truy tìm lại sau."
    )
    empty_icon = "search"

    def __init__(self, *args: Any, recall: Recall, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.recall = recall

    @property
    def columns(self) -> tuple[Column, ...]:  # type: ignore[override]
        return (
            Column(
                "place_name",
                _("Nơi có hàng"),
                is_header=True,
                css="wide",
                order="place_name",
                cell=self._place,
            ),
            Column("holder_name", _("Cơ sở giữ"), on_page=False),
            Column("place", _("Mã địa điểm"), on_page=False),
            Column("total", _("Số mã hàng"), is_numeric=True, order="total", css="wrap"),
            Column("out", _("Còn phải thu hồi"), is_numeric=True, order="out", css="wrap"),
            Column("transit", _("Đang đi đường"), is_numeric=True, css="wrap"),
            Column("found", _("Đã thấy"), is_numeric=True, css="wrap"),
            Column("returned", _("Đã thu về"), is_numeric=True, css="wrap"),
            Column("destroyed", _("Đã tiêu hủy"), is_numeric=True, css="wrap"),
            Column("newest", _("Sự kiện mới nhất"), order="newest", css="nowrap wrap"),
        )

    def _place(self, row: dict[str, Any]) -> Any:
        return link(
            items_address(
                self.recall, holder=row["holder"], name=row["holder_name"], place=row["place"]
            ),
            row["place_name"] or _("Không rõ nơi"),
            row["holder_name"],
        )

    def totals(self) -> dict[str, Any]:
        names = ("total", "out", "transit", "found", "returned", "destroyed")
        rows = list(self.rows)
        return {name: sum(row[name] for row in rows) for name in names}


class ItemTable(Table):
    name = "ma-hang"
    caption = gettext_lazy("Mã hàng của đợt thu hồi")
    noun = gettext_lazy("mã hàng")
    filter_form = ItemFilters
    search = ("search_key",)
    search_hint = gettext_lazy("mã, sản phẩm, nơi")
    default_order = "product_name"
    select_name = "ma"
    select_form = "ket-qua"
    empty_title = gettext_lazy("Không có mã hàng nào")
    columns = (
        Column(
            "uri",
            gettext_lazy("Mã hàng"),
            is_header=True,
            css="nowrap",
            order="uri",
            cell=lambda row: _called(row),
        ),
        Column(
            "product_name", gettext_lazy("Sản phẩm"), on_page=False, order=("product_name", "uri")
        ),
        Column(
            "quantity",
            gettext_lazy("Còn lại"),
            cell=lambda row: amount_of(row),
            is_numeric=True,
            order="quantity",
        ),
        Column("uom", gettext_lazy("Đơn vị"), on_page=False, value=lambda row: unit(row.uom)),
        Column(
            "fate",
            gettext_lazy("Theo sự kiện"),
            cell=lambda row: status(f"goods_{row.fate}"),
            export=lambda row: row.get_fate_display(),
            order="fate",
        ),
        Column(
            "place_name",
            gettext_lazy("Ở đâu, ai giữ"),
            cell=lambda row: _where(row),
            order="place_name",
            css="wide",
        ),
        Column("holder_name", gettext_lazy("Cơ sở giữ"), on_page=False),
        Column("inside", gettext_lazy("Đóng trong"), on_page=False),
        Column(
            "seen_at",
            gettext_lazy("Sự kiện mới nhất"),
            order="seen_at",
            cell=lambda row: link(
                reverse("chains:events", query={"ma": row.uri}), show(row.seen_at)
            ),
        ),
        Column(
            "outcome",
            gettext_lazy("Kết quả xử lý"),
            cell=lambda row: status(f"outcome_{row.outcome}"),
            export=lambda row: row.get_outcome_display(),
            order="outcome",
        ),
        Column(
            "found_in",
            gettext_lazy("Lần tìm thấy"),
            value=lambda row: row.found_in.number,
            is_numeric=True,
            on_page=False,
        ),
    )

    def filter(self, rows: QuerySet[RecallItem], chosen: dict[str, Any]) -> QuerySet[RecallItem]:
        if chosen.get("tinh_trang"):
            rows = rows.filter(fate=chosen["tinh_trang"])
        if chosen.get("ket_qua"):
            rows = rows.filter(outcome=chosen["ket_qua"])
        return rows

    def name_of(self, row: RecallItem) -> str:
        return master.shown(row.uri)


def _called(row: RecallItem) -> Any:
    address = f"{reverse('chains:chain')}?ma={master.quoted(row.uri)}"
    return link(address, unbroken(master.shown(row.uri)), row.product_name)


def amount_of(row: RecallItem) -> str:
    """How much of it there is, in its unit; nothing where nobody said."""
    return "" if row.quantity is None else amount(row.quantity, row.uom)


def _where(row: RecallItem) -> Any:
    text = row.place_name or _("Không rõ nơi")
    lines = [row.holder_name] if row.holder_name else []
    if row.inside:
        lines.append(_("trong %s") % master.shown(row.inside))
    return format_html("{}<br><span class='muted small'>{}</span>", text, ", ".join(lines))


def items_address(recall: Recall, **narrowed: str) -> str:
    names = {"holder": "co-so", "name": "ten-co-so", "place": "noi", "run": "lan"}
    query = "&".join(f"{names[key]}={master.quoted(value)}" for key, value in narrowed.items())
    return f"{reverse('chains:recall_items', args=[recall.pk])}?{query}"
