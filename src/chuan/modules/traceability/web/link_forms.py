"""Forms of resolver links: one link, a file of them, a scan to try."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from chuan.core.ui.forms import FilterForm, Form, VnFileField, VnTextField
from chuan.core.workbooks.opening import MOST_BYTES
from chuan.modules.traceability.enums import LINK_TYPES
from chuan.modules.traceability.models import Party

TYPES = [(name, word) for name, word in LINK_TYPES.items()]
_LANGUAGES = [("vi", _("Tiếng Việt")), ("en", _("Tiếng Anh"))]


class LinkForm(Form):
    party = forms.ModelChoiceField(label=_("Đơn vị"), queryset=Party.objects.none())
    anchor = VnTextField(
        label=_("Mã"),
        max_length=400,
        help_text=_(
            "Số dưới mã vạch, hoặc viết như 01/08934567000017/10/LO1, 00/…, 414/…; liên kết của sản"
            " phẩm dùng cho cả lô và từng cái."
        ),
    )
    link_type = forms.ChoiceField(label=_("Loại liên kết"), choices=TYPES)
    href = VnTextField(
        label=_("Địa chỉ"),
        max_length=1000,
        help_text=_(
            "Bắt đầu bằng https://. {gtin}, {lot}, {serial}, {key} được thay bằng phần tương ứng của"
            " mã vừa quét."
        ),
    )
    title = VnTextField(
        label=_("Tên liên kết"),
        max_length=200,
        help_text=_("Người quét thấy tên này khi có nhiều liên kết để chọn."),
    )
    language = VnTextField(
        label=_("Ngôn ngữ"),
        max_length=35,
        required=False,
        help_text=_("Viết như vi, en hoặc en-GB. Để trống nếu dùng cho mọi ngôn ngữ."),
    )
    media_type = VnTextField(
        label=_("Kiểu nội dung"),
        max_length=100,
        required=False,
        help_text=_("Viết như text/html, application/json. Để trống nếu không cần phân biệt."),
    )
    context = VnTextField(
        label=_("Ngữ cảnh"),
        max_length=50,
        required=False,
        help_text=_("Chữ do đơn vị tự đặt, ví dụ export; chỉ dùng khi máy quét gửi kèm chữ đó."),
    )
    is_default = forms.BooleanField(label=_("Người quét mã đến thẳng địa chỉ này"), required=False)


class LinkFilters(FilterForm):
    loai = forms.ChoiceField(label=_("Loại"), required=False, choices=[("", _("Tất cả")), *TYPES])


class LinkFileForm(Form):
    party = forms.ModelChoiceField(label=_("Đơn vị"), queryset=Party.objects.none())
    table = VnFileField(
        label=_("Tệp liên kết"),
        kinds=("csv", "xlsx"),
        max_megabytes=MOST_BYTES // 1024 // 1024,
    )


class TryForm(Form):
    """What a scanner sends along; nothing is stored."""

    marks_optional = False

    ma = VnTextField(
        label=_("Mã, số dưới mã vạch hoặc địa chỉ trong mã QR"),
        max_length=400,
    )
    loai = forms.ChoiceField(
        label=_("Loại liên kết"),
        required=False,
        choices=[("", _("Mặc định, như khi quét bằng điện thoại")), *TYPES],
    )
    ngon_ngu = forms.ChoiceField(
        label=_("Ngôn ngữ của máy"),
        required=False,
        choices=[*_LANGUAGES, ("", _("Không nói"))],
        initial="vi",
    )
    kieu = forms.ChoiceField(
        label=_("Muốn nhận"),
        required=False,
        choices=[
            ("", _("Gì cũng được")),
            ("text/html", _("Trang cho người đọc")),
            ("application/json", _("Dữ liệu cho máy")),
            ("application/pdf", _("Tài liệu PDF")),
        ],
    )
    ngu_canh = VnTextField(label=_("Ngữ cảnh"), max_length=50, required=False)
