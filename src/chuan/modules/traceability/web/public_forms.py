from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from chuan.core.ui.forms import Form, VnLongTextField, VnTextField
from chuan.modules.traceability.models import ProblemReport


class ReportForm(Form):
    kind = forms.ChoiceField(
        label=_("Bạn muốn báo điều gì?"),
        choices=ProblemReport.Kind.choices,
        widget=forms.RadioSelect,
    )
    text = VnLongTextField(
        label=_("Bạn thấy gì?"),
        max_length=2000,
        rows=4,
        help_text=_("Ví dụ: tem bị dán lại, hạn dùng in trên gói khác trên trang."),
    )
    where_bought = VnTextField(
        label=_("Mua ở đâu"),
        max_length=300,
        required=False,
        help_text=_("Cửa hàng, chợ, trang mạng."),
    )
    contact = VnTextField(
        label=_("Điện thoại hoặc thư điện tử"),
        max_length=200,
        required=False,
        help_text=_("Chỉ để hỏi lại bạn; xóa khi xử lý xong."),
    )
