from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chuan.core.ui.forms import FilterForm, Form, VnDateField, VnLongTextField, VnTextField
from chuan.modules.traceability.engine.typed import NotAnIdentifier, everything_of, read_typed
from chuan.modules.traceability.engine.walk import Mode
from chuan.modules.traceability.enums import Fate, Outcome, RecallState
from chuan.modules.traceability.queries.master import shown
from chuan.modules.traceability.queries.registry import places_called, words_of_place

_MOST_IDENTIFIERS = 500
# Places of one name that a message tells apart.
_MOST_NAMED = 5
ANY = [("", _("Tất cả"))]
MODES = [
    (Mode.STRICT.value, _("Đúng vai trò và thời gian: chỉ hàng thật sự liên quan")),
    (Mode.GDST.value, _("Thận trọng: mọi thứ từng liên quan, kể cả trước đó")),
]


class RecallFilters(FilterForm):
    trang_thai = forms.ChoiceField(
        label=_("Trạng thái"), choices=ANY + RecallState.choices, required=False
    )


class ItemFilters(FilterForm):
    tinh_trang = forms.ChoiceField(
        label=_("Theo sự kiện"), choices=ANY + Fate.choices, required=False
    )
    ket_qua = forms.ChoiceField(
        label=_("Kết quả xử lý"), choices=ANY + Outcome.choices, required=False
    )


class OpenRecallForm(Form):
    organisation = forms.ChoiceField(label=_("Cơ quan phụ trách"))
    title = VnTextField(
        label=_("Tên đợt thu hồi"),
        max_length=200,
        help_text=_("Ví dụ: Cá ngừ đóng hộp lô R1 nhiễm khuẩn."),
    )
    reason = VnLongTextField(
        label=_("Lý do"), max_length=3000, help_text=_("Phát hiện gì, ở đâu, theo kết quả nào.")
    )
    identifiers = forms.CharField(
        label=_("Mã hàng"),
        required=False,
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Mỗi dòng một mã, như in trên nhãn: (01)08934567123457(10)L1, mã vạch 13 số, liên kết "
            "quét từ mã QR. Chỉ ghi mã sản phẩm thì tìm mọi lô của sản phẩm đó."
        ),
    )
    place = VnTextField(
        label=_("Địa điểm"),
        max_length=650,
        required=False,
        help_text=_(
            "Tên, mã vùng trồng, số tàu hoặc mã GLN (13 số) của nơi hàng đã đi qua, kể cả các kho, "
            "phòng bên trong."
        ),
        widget=forms.TextInput(attrs={"list": "dia-diem", "autocomplete": "off"}),
    )
    since = VnDateField(label=_("Từ ngày"), required=False)
    until = VnDateField(label=_("Đến hết ngày"), required=False)
    mode = forms.ChoiceField(
        label=_("Cách truy tìm"), choices=MODES, widget=forms.RadioSelect, initial=Mode.STRICT.value
    )

    def __init__(self, *args: Any, organisations: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(organisations)
        self.fields["organisation"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["organisation"].widget = forms.HiddenInput()
            self.initial.setdefault("organisation", choices[0][0])

    def clean_identifiers(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["identifiers"].splitlines()]
        lines = [line for line in lines if line]
        if len(lines) > _MOST_IDENTIFIERS:
            raise forms.ValidationError(
                gettext("Mã hàng: nhiều nhất %(count)d dòng. Hãy chia thành nhiều đợt.")
                % {"count": _MOST_IDENTIFIERS}
            )
        read, wrong = [], []
        for number, line in enumerate(lines, start=1):
            try:
                read.append(everything_of(read_typed(line)))
            except NotAnIdentifier:
                wrong.append(
                    gettext("Mã hàng, dòng %(line)d: không đọc được “%(text)s”. Kiểm tra lại số.")
                    % {"line": number, "text": line[:80]}
                )
        if wrong:
            raise forms.ValidationError(wrong[:20])
        return read

    def clean_place(self) -> str:
        told = self.cleaned_data["place"]
        if not told:
            return ""
        text = told.replace(" ", "")
        try:
            return read_typed(f"(414){text}" if text.isdecimal() and len(text) == 13 else text)
        except NotAnIdentifier:
            if text.isdecimal():
                raise forms.ValidationError(
                    gettext("Địa điểm: mã GLN có 13 số, số cuối là số kiểm tra. Kiểm tra lại số.")
                ) from None
        return _place_called(told)

    @property
    def begins_at(self) -> datetime | None:
        return _begin(self.cleaned_data["since"])

    @property
    def ends_at(self) -> datetime | None:
        """The first instant that no longer counts."""
        day = self.cleaned_data["until"]
        return _begin(day + timedelta(days=1)) if day else None


def _place_called(text: str) -> str:
    found = places_called(text)
    if len(found) == 1:
        return found[0].uri
    if not found:
        raise forms.ValidationError(
            gettext(
                "Địa điểm: chưa ai khai “%(text)s”. Chọn trong các gợi ý khi gõ, hoặc ghi mã GLN."
            )
            % {"text": text[:80]}
        )
    named = "; ".join(words_of_place(one) for one in found[:_MOST_NAMED])
    raise forms.ValidationError(
        gettext("Địa điểm: có nhiều nơi tên này. Ghi rõ một nơi: %(places)s.") % {"places": named}
    )


def as_on_a_label(told: str) -> str:
    """An identifier from another page, as it would be typed; as it came where that could not be read."""
    try:
        uri = read_typed(told)
        is_same = read_typed(shown(uri)) == uri
    except NotAnIdentifier:
        return told
    return shown(uri) if is_same else told


def _begin(day: Any) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None


class Versioned(Form):
    """A form that remembers which version of the thing its page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class IssueForm(Versioned):
    basis = VnTextField(
        label=_("Quyết định thu hồi"),
        max_length=200,
        help_text=_("Số, ký hiệu và ngày của văn bản."),
    )
    advice = VnLongTextField(
        label=_("Yêu cầu đối với cơ sở đang giữ hàng"),
        max_length=2000,
        help_text=_("Việc phải làm và liên hệ ai. Câu này có trong thông báo gửi cơ sở."),
    )
    public_text = VnLongTextField(
        label=_("Nội dung cho người tiêu dùng"),
        max_length=1000,
        help_text=_(
            "Người quét mã đọc đúng câu này: hàng có vấn đề gì, ảnh hưởng thế nào. Không ghi tên "
            "người, nguồn tin hay việc đang điều tra."
        ),
    )
    phone = forms.CharField(
        label=_("Đường dây thu hồi"),
        required=False,
        max_length=20,
        validators=[RegexValidator(r"^[0-9+ .]{3,20}$", _("Số điện thoại chỉ gồm chữ số."))],
        help_text=_("Người tiêu dùng gọi số này để trả hàng hoặc hỏi thêm."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )


class ConclusionForm(Versioned):
    conclusion = VnLongTextField(label=_("Kết luận"), max_length=3000)


class OutcomeForm(Form):
    outcome = forms.ChoiceField(
        label=_("Kết quả"),
        choices=[one for one in Outcome.choices if one[0] != Outcome.OPEN],
        widget=forms.RadioSelect,
    )
    happened_on = VnDateField(label=_("Ngày xử lý"))
    note = VnLongTextField(
        label=_("Ghi chú"),
        max_length=2000,
        required=False,
        help_text=_("Số biên bản, người chứng kiến, số lượng thực tế."),
    )
