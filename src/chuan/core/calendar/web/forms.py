from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from chuan.core.calendar.engine import Deadline, WorkingCalendar
from chuan.core.ui.forms import (
    Form,
    VnDateField,
    VnIntegerField,
    VnLongTextField,
    VnTextField,
)

BEFORE, WORKING_DAYS, DAYS, MONTHS = "truoc", "ngay-lam-viec", "ngay", "thang"
LONGEST = {WORKING_DAYS: 1000, DAYS: 3650, MONTHS: 120}


class DeadlineForm(Form):
    """A deadline somebody wants to work out: from a day, in one of the ways documents set one."""

    moc = VnDateField(label=_("Ngày mốc"))
    cach = forms.ChoiceField(
        label=_("Cách tính"),
        widget=forms.RadioSelect,
        initial=WORKING_DAYS,
        choices=[
            (BEFORE, _("Trước ngày mốc")),
            (WORKING_DAYS, _("Trong số ngày làm việc kể từ ngày mốc")),
            (DAYS, _("Trong số ngày kể từ ngày mốc")),
            (MONTHS, _("Trong số tháng kể từ ngày mốc")),
        ],
    )
    so = VnIntegerField(
        label=_("Số ngày, số tháng"),
        required=False,
        smallest=1,
        help_text=_("Bỏ trống nếu tính “trước ngày mốc”."),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        way, number = given.get("cach"), given.get("so")
        if way in LONGEST and "so" not in self.errors:
            if number is None:
                self.add_error("so", _g("Nhập số ngày hoặc số tháng, ví dụ 10."))
            elif number > LONGEST[way]:
                self.add_error("so", _g("Số này quá lớn: tối đa %s.") % LONGEST[way])
        return given

    def deadline(self, calendar: WorkingCalendar) -> Deadline:
        """What the valid form asks for."""
        day, number = self.cleaned_data["moc"], self.cleaned_data.get("so") or 0
        match self.cleaned_data["cach"]:
            case "truoc":
                return calendar.before_day(day)
            case "ngay-lam-viec":
                return calendar.working_days_after(day, number)
            case "ngay":
                return calendar.days_after(day, number)
            case _other:
                return calendar.months_after(day, number)


class ExtensionForm(Form):
    """More time for what somebody owes."""

    proposed_due_on = VnDateField(label=_("Đề nghị gia hạn đến hết ngày"))
    reason = VnLongTextField(
        label=_("Lý do"),
        help_text=_("Việc gì chưa xong, vì sao, và cần thêm thời gian để làm gì."),
        max_length=3000,
        rows=5,
    )


class GrantForm(Form):
    """Until when, on what basis, and which version of the request the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    due_on = VnDateField(
        label=_("Gia hạn đến hết ngày"), help_text=_("Có thể khác ngày cơ quan đề nghị.")
    )
    basis = VnTextField(
        label=_("Căn cứ"),
        help_text=_("Văn bản hoặc ý kiến chỉ đạo cho phép; hiện cùng với hạn mới."),
        max_length=500,
    )
