from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chuan.core.ui.forms import FilterForm
from chuan.core.ui.tables import Column, Table, link
from chuan.core.ui.templatetags.pieces import tag
from chuan.modules.traceability.models import Place, Product


def _is_sure(row: Place | Product) -> SafeString:
    return (
        tag("done", _("Đã đối chiếu"), "check")
        if row.is_confirmed
        else tag("warn", _("Chờ xác nhận"))
    )


class ProductTable(Table):
    name = "san-pham"
    caption = _("Sản phẩm")
    noun = _("sản phẩm")
    search = ("search_key",)
    search_hint = _("tên, nhãn hiệu hoặc GTIN")
    default_order = "name"
    empty_title = _("Chưa có sản phẩm nào")
    empty_text = _("Sản phẩm đã khai ở đây có trang cho người quét mã và in được nhãn.")
    empty_icon = "package"
    columns = (
        Column(
            "name",
            _("Sản phẩm"),
            is_header=True,
            order="sort_key",
            cell=lambda row: link(
                reverse("traceability:product", args=[row.pk]), row.name, row.brand
            ),
        ),
        Column("gtin", _("GTIN"), order="gtin", css="ref"),
        Column(
            "is_confirmed", _("Đối chiếu mã"), order="is_confirmed", cell=lambda row: _is_sure(row)
        ),
        Column("category", _("Nhóm"), order="category"),
        Column("party.name", _("Đơn vị"), order="party__sort_key"),
        Column("brand", _("Nhãn hiệu"), on_page=False),
        Column("description", _("Mô tả"), on_page=False),
        Column("target_market", _("Thị trường mục tiêu"), on_page=False),
        Column("origin", _("Xuất xứ"), on_page=False),
        Column("standard", _("Tiêu chuẩn áp dụng"), on_page=False),
    )


class PartyTable(Table):
    name = "don-vi"
    caption = _("Đơn vị tham gia")
    noun = _("đơn vị")
    search = ("search_key",)
    search_hint = _("tên, mã số thuế, GLN hoặc địa chỉ")
    default_order = "name"
    empty_title = _("Chưa có đơn vị nào")
    empty_icon = "building"
    columns = (
        Column(
            "name",
            _("Đơn vị"),
            is_header=True,
            order="sort_key",
            cell=lambda row: link(
                reverse("traceability:party", args=[row.pk]), row.name, row.address
            ),
        ),
        Column("address", _("Địa chỉ"), on_page=False),
        Column("tax_code", _("Mã số thuế"), order="tax_code", css="ref"),
        Column("gln", _("GLN"), order="gln", css="ref"),
        Column("product_count", _("Sản phẩm"), is_numeric=True, order="product_count"),
        Column("phone", _("Điện thoại"), on_page=False),
        Column("email", _("Thư điện tử"), on_page=False),
    )


def _place(row: Any) -> SafeString:
    """The name with the address below; a link for whoever may change the place."""
    if row.may_change:
        return link(reverse("traceability:change-place", args=[row.pk]), row.name, row.address)
    return format_html('{}<span class="sub">{}</span>', row.name, row.address)


class PlaceFilters(FilterForm):
    loai = forms.ChoiceField(
        label=_("Loại"), required=False, choices=[("", _("Tất cả")), *Place.Kind.choices]
    )


class PlaceTable(Table):
    name = "dia-diem"
    caption = _("Địa điểm")
    noun = _("địa điểm")
    search = ("search_key",)
    search_hint = _("tên, GLN, mã vùng trồng hoặc địa chỉ")
    filter_form = PlaceFilters
    default_order = "name"
    empty_title = _("Chưa có địa điểm nào")
    empty_text = _("Vùng trồng, tàu cá, cơ sở, kho, nơi bán: nơi mà hàng đi qua.")
    empty_icon = "map-pin"
    columns = (
        Column(
            "name",
            _("Địa điểm"),
            is_header=True,
            order="sort_key",
            cell=lambda row: _place(row),
        ),
        Column("address", _("Địa chỉ"), on_page=False),
        Column("kind", _("Loại"), value=lambda row: row.get_kind_display()),
        Column("party.name", _("Đơn vị"), order="party__sort_key"),
        Column("local_code", _("Mã ngành"), order="local_code", css="ref"),
        Column("gln", _("GLN"), order="gln", css="ref"),
        Column(
            "is_confirmed", _("Đối chiếu mã"), order="is_confirmed", cell=lambda row: _is_sure(row)
        ),
        Column(
            "is_public",
            _("Người quét mã"),
            cell=lambda row: (
                tag("", _("Thấy"), "eye") if row.is_public else tag("", _("Không thấy"), "lock")
            ),
        ),
    )

    def filter(self, rows: Any, chosen: dict[str, Any]) -> Any:
        return rows.filter(kind=chosen["loai"]) if chosen.get("loai") else rows
