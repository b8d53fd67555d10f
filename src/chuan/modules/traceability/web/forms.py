"""Forms of parties, places, products and papers: their fields are the facts of the operations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuan.core.files.web.fields import UploadField
from chuan.core.orgs.models import Organisation
from chuan.core.ui.forms import Form, VnDateField, VnDecimalField, VnLongTextField, VnTextField
from chuan.modules.traceability.models import Party, Place

PICTURES = ("jpg", "jpeg", "png", "webp")
PAPERS = ("pdf", *PICTURES)


class PartyForm(Form):
    name = VnTextField(label=_("Tên đơn vị"), max_length=300)
    name_en = VnTextField(label=_("Tên tiếng Anh"), max_length=300, required=False)
    address = VnTextField(
        label=_("Địa chỉ"),
        max_length=300,
        help_text=_("Số nhà, đường hoặc thôn; xã, phường; tỉnh. Người tiêu dùng thấy dòng này."),
    )
    tax_code = VnTextField(label=_("Mã số thuế"), max_length=14, required=False)
    gln = VnTextField(
        label=_("Mã GLN"),
        max_length=20,
        required=False,
        help_text=_("13 chữ số, nếu đã được cấp."),
    )
    company_prefix = VnTextField(
        label=_("Mã doanh nghiệp GS1"),
        max_length=12,
        required=False,
        help_text=_("6 đến 12 chữ số đầu của các mã vạch; có thì kiện hàng được đánh số SSCC."),
    )
    phone = VnTextField(label=_("Điện thoại"), max_length=30, required=False)
    email = forms.EmailField(label=_("Thư điện tử"), required=False)
    website = forms.URLField(label=_("Trang mạng"), required=False, assume_scheme="https")


class OrganisationForm(Form):
    organisation = forms.ModelChoiceField(
        label=_("Cơ quan, đơn vị trong danh mục"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("Không gắn với đơn vị nào"),
        help_text=_("Người có tài khoản ở đơn vị này tự quản lý sản phẩm và ghi sản xuất."),
    )

    def __init__(self, *args: Any, choices: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - it stands above
        field.queryset = Organisation.objects.filter(pk__in=[pk for pk, _name in choices])
        field.choices = [("", field.empty_label), *choices]


class PlaceForm(Form):
    party = forms.ModelChoiceField(label=_("Đơn vị"), queryset=Party.objects.none())
    kind = forms.ChoiceField(label=_("Loại địa điểm"), choices=Place.Kind.choices)
    name = VnTextField(label=_("Tên địa điểm"), max_length=300)
    address = VnTextField(label=_("Địa chỉ"), max_length=300)
    local_code = VnTextField(
        label=_("Mã số vùng trồng, số đăng ký tàu"), max_length=40, required=False
    )
    gln = VnTextField(
        label=_("Mã GLN"),
        max_length=20,
        required=False,
        help_text=_("13 chữ số, nếu đã được cấp."),
    )
    latitude = VnDecimalField(label=_("Vĩ độ"), places=5, smallest=-90, largest=90, required=False)
    longitude = VnDecimalField(
        label=_("Kinh độ"), places=5, smallest=-180, largest=180, required=False
    )
    is_public = forms.BooleanField(
        label=_("Cho người quét mã thấy tên và địa chỉ nơi này"), required=False, initial=True
    )


class ProductForm(Form):
    party = forms.ModelChoiceField(label=_("Đơn vị"), queryset=Party.objects.none())
    gtin = VnTextField(
        label=_("Mã GTIN"),
        max_length=20,
        help_text=_("8, 12, 13 hoặc 14 chữ số in dưới mã vạch."),
    )
    name = VnTextField(label=_("Tên sản phẩm"), max_length=300)
    name_en = VnTextField(label=_("Tên tiếng Anh"), max_length=300, required=False)
    brand = VnTextField(label=_("Thương hiệu, nhãn hiệu"), max_length=200, required=False)
    category = VnTextField(label=_("Nhóm sản phẩm"), max_length=200)
    net_content = VnTextField(label=_("Quy cách, khối lượng tịnh"), max_length=100, required=False)
    description = VnLongTextField(label=_("Mô tả"), max_length=2000, rows=4, required=False)
    origin = VnTextField(label=_("Xuất xứ"), max_length=200)
    target_market = VnTextField(label=_("Thị trường mục tiêu"), max_length=200)
    standard = VnTextField(label=_("Tiêu chuẩn áp dụng"), max_length=300, required=False)
    safety_note = VnLongTextField(
        label=_("Cảnh báo an toàn, cách dùng và bảo quản"), max_length=2000, rows=3, required=False
    )
    picture = UploadField(
        label=_("Hình ảnh sản phẩm"),
        kinds=PICTURES,
        required=False,
        help_text=_("Ảnh JPG, PNG hoặc WebP. Ảnh lớn được thu nhỏ để mở nhanh trên điện thoại."),
    )
    picture_text = VnTextField(
        label=_("Mô tả ảnh"),
        max_length=200,
        required=False,
        help_text=_("Một câu cho người không nhìn được ảnh."),
    )


class CertificateForm(Form):
    title = VnTextField(label=_("Tên giấy chứng nhận, phiếu kết quả"), max_length=300)
    number = VnTextField(label=_("Số"), max_length=100, required=False)
    issuer = VnTextField(label=_("Tổ chức cấp"), max_length=300)
    issued_on = VnDateField(label=_("Ngày cấp"))
    valid_until = VnDateField(label=_("Có hiệu lực đến hết ngày"), required=False)
    lot = VnTextField(
        label=_("Chỉ cho lô số"),
        max_length=20,
        required=False,
        help_text=_("Để trống nếu áp dụng cho mọi lô."),
    )
    file = UploadField(
        label=_("Bản chụp"),
        kinds=PAPERS,
        required=False,
        help_text=_("PDF hoặc ảnh. Người quét mã mở được tệp này."),
    )
