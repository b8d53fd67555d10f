from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuan.core.ui.forms import (
    FilterForm,
    Form,
    VnDateField,
    VnDecimalField,
    VnFileField,
    VnIntegerField,
    VnLongTextField,
    VnTextField,
)
from chuan.core.workbooks.opening import MOST_BYTES
from chuan.flows.annual_report.enums import LeftFate, PeriodKind, ReportSection, ReportState
from chuan.flows.annual_report.queries.days import ONE_DAY
from chuan.flows.annual_report.queries.entry import NARRATIVE_LIMIT, SECTION_LIMIT
from chuan.flows.annual_report.queries.stretches import Called, faults_of
from chuan.modules.plans import facade as plans

ACHIEVEMENT_HINTS = {
    plans.Achievement.NO_EVIDENCE: _("Đã làm nhưng chưa có tài liệu chứng minh."),
    plans.Achievement.NOT_STARTED: _("Chưa có việc nào được làm trong kỳ."),
    plans.Achievement.LIMITED: _("Dưới một nửa việc của năm."),
    plans.Achievement.SUBSTANTIAL: _("Việc chính đã xong, còn phần nhỏ."),
    plans.Achievement.COMPLETE: _("Xong cả năm và có minh chứng."),
}


class ItemForm(Form):
    """What a report says about one task. `version` is that of the page."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    narrative = VnLongTextField(
        label=_("Kết quả thực hiện"),
        help_text=_("Nêu kết quả, số lượng, địa bàn. Không liệt kê cuộc họp."),
        rows=8,
        max_length=NARRATIVE_LIMIT,
        required=False,
    )
    outlook = VnLongTextField(
        label=_("Ước cả năm"),
        help_text=_("Việc sẽ làm từ ngày chốt số liệu đến hết năm."),
        rows=3,
        max_length=NARRATIVE_LIMIT,
        required=False,
    )
    achievement = forms.ChoiceField(
        label=_("Mức đạt"),
        widget=forms.RadioSelect,
        required=False,
        choices=[(kind.value, kind.label) for kind in plans.Achievement],
    )
    percent = VnIntegerField(label=_("Tiến độ"), smallest=0, largest=100, required=False)
    is_finished = forms.BooleanField(label=_("Đã viết xong mục này"), required=False)


class SectionForm(Form):
    """The texts of one part of the report; its fields depend on the part."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    is_finished = forms.BooleanField(label=_("Đã viết xong phần này"), required=False)

    FIELDS = {
        ReportSection.SUMMARY: {
            "summary": (
                _("Kết quả nổi bật"),
                _("Hai đến ba đoạn: việc quan trọng nhất trong kỳ và tác động của nó."),
            ),
        },
        ReportSection.DIFFICULTIES: {
            "difficulties": (
                _("Khó khăn, vướng mắc"),
                _("Vướng mắc đã nêu trong kỳ được điền sẵn. Sửa, bổ sung, hoặc ghi “Không có”."),
            ),
            "proposals": (
                _("Kiến nghị, đề xuất"),
                _("Ghi rõ kiến nghị với cơ quan nào."),
            ),
        },
        ReportSection.NEXT_YEAR: {
            "next_year": (
                _("Phương hướng năm sau"),
                _("Nhiệm vụ trọng tâm, thời gian và nguồn lực dự kiến."),
            ),
        },
    }

    def __init__(self, *args: Any, section: ReportSection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        texts = {
            name: VnLongTextField(
                label=label, help_text=hint, rows=8, max_length=SECTION_LIMIT, required=False
            )
            for name, (label, hint) in self.FIELDS[section].items()
        }
        self.fields = {**texts, **self.fields}

    def texts(self) -> dict[str, str]:
        return {
            name: self.cleaned_data[name]
            for name in self.fields
            if name not in {"version", "is_finished"}
        }


class OverrideCountForm(Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    value = VnDecimalField(label=_("Số đơn vị báo cáo"), places=0, smallest=0)
    reason = VnLongTextField(
        label=_("Lý do khác với hệ thống"),
        help_text=_("Ví dụ: 2 cuộc kiểm tra liên ngành chưa nhập vào hệ thống."),
        rows=2,
        max_length=500,
    )


class OverrideShareForm(Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    numerator = VnIntegerField(label=_("Tử số"), smallest=0)
    denominator = VnIntegerField(label=_("Mẫu số"), smallest=1)
    reason = VnLongTextField(
        label=_("Lý do khác với hệ thống"),
        help_text=_("Ví dụ: 3 hồ sơ giấy chưa nhập vào hệ thống."),
        rows=2,
        max_length=500,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        part, whole = cleaned.get("numerator"), cleaned.get("denominator")
        if part is not None and whole is not None and part > whole:
            self.add_error("numerator", _("Tử số không thể lớn hơn mẫu số."))
        return cleaned


class EstimateForm(Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    outlook = VnDecimalField(
        label=_("Ước cả năm"),
        help_text=_("Gồm cả số đã thực hiện. Để trống nếu không ước."),
        places=0,
        smallest=0,
        required=False,
    )


class WorkbookForm(Form):
    workbook = VnFileField(
        label=_("Tệp đã điền"),
        help_text=_("Tệp .xlsx tải từ trang này, tối đa 3 MB."),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        max_megabytes=MOST_BYTES // 1024 // 1024,
    )


class NoteForm(Form):
    note = VnLongTextField(
        label=_("Điều cần sửa"),
        help_text=_("Cán bộ đầu mối đọc được ngay."),
        rows=4,
        max_length=1000,
    )


class WithdrawForm(Form):
    note = VnLongTextField(label=_("Lý do rút lại"), rows=3, max_length=1000, required=False)


class OpenLockForm(Form):
    until = VnDateField(label=_("Mở khóa đến hết ngày"), help_text=_("Sau ngày này tự khóa lại."))
    reason = VnLongTextField(
        label=_("Lý do"),
        help_text=_("Sai ở đâu, cần sửa thành gì. Mọi người theo dõi kế hoạch đọc được."),
        rows=5,
        max_length=3000,
    )


class CommentForm(Form):
    """A comment at a place in the report: `item:12:narrative`, `figure:tests.count`, `summary`."""

    place = forms.ChoiceField(label=_("Ở chỗ"), required=False)
    text = VnLongTextField(
        label=_("Cần chỉnh lý"),
        help_text=_("Nói rõ thiếu gì, sai ở đâu, cần bổ sung tài liệu nào."),
        rows=3,
        max_length=1000,
    )


class ReturnForm(Form):
    due_on = VnDateField(label=_("Hạn gửi lại"), help_text=_("Ngày cuối cùng còn tính."))
    note = VnLongTextField(label=_("Lời nhắn chung"), rows=3, max_length=1000, required=False)


class ReasonForm(Form):
    reason = VnLongTextField(
        label=_("Lý do"),
        help_text=_("Lý do được in trong phụ lục của báo cáo tổng hợp."),
        rows=3,
        max_length=500,
    )


class LeftForm(Form):
    """One decision about several reports of bodies that are no more."""

    fate = forms.ChoiceField(
        label=_("Xử lý thế nào"), choices=LeftFate.choices, widget=forms.RadioSelect
    )
    reason = VnTextField(
        label=_("Lý do"),
        help_text=_("Ngày kết thúc và tên cơ quan tiếp nhận được ghi thêm cho từng cơ quan."),
        max_length=150,
    )
    basis = VnTextField(
        label=_("Căn cứ"),
        help_text=_("Văn bản cho phép, ví dụ Nghị quyết 1664/NQ-UBTVQH15."),
        max_length=100,
    )


class PeriodForm(Form):
    """The days of a new period; the last data day is shown as people say it, “đến hết ngày”."""

    data_from = VnDateField(label=_("Số liệu từ ngày"))
    data_until = VnDateField(label=_("Số liệu đến hết ngày"))
    opens_on = VnDateField(label=_("Mở từ ngày"))
    due_on = VnDateField(label=_("Hạn gửi"), help_text=_("Ngày cuối cùng còn tính đúng hạn."))
    grace_until = VnDateField(
        label=_("Gia hạn chung đến hết ngày"),
        help_text=_("Gửi sau hạn nhưng không muộn hơn ngày này được ghi là trong gia hạn."),
    )
    last_day = VnDateField(
        label=_("Khóa sau ngày"), help_text=_("Từ ngày hôm sau không ai sửa hoặc gửi được nữa.")
    )


class OtherPeriodForm(PeriodForm):
    """A period on other days than a year's. Everything that is wrong is said at once."""

    # What the form and the row call the same days: here the last day counts, there it does not.
    NAMES = {"data_to": "data_until", "locks_on": "last_day"}
    field_order = ("plan", "kind", "basis", "data_from", "data_until", "phrase", "opens_on")

    plan = forms.ChoiceField(label=_("Kế hoạch"))
    kind = forms.ChoiceField(
        label=_("Loại báo cáo"),
        widget=forms.RadioSelect,
        choices=[(kind.value, kind.label) for kind in PeriodKind if kind != PeriodKind.YEARLY],
    )
    basis = VnTextField(
        label=_("Văn bản yêu cầu"),
        help_text=_(
            "Bắt buộc với báo cáo đột xuất, sơ kết, tổng kết. Ví dụ: Công văn số 123/UBND-KGVX ngày 5/6/2026."
        ),
        max_length=200,
        required=False,
    )
    phrase = VnTextField(
        label=_("Cụm từ chỉ kỳ trong văn bản"),
        help_text=_("Ví dụ: quý II năm 2026. Để trống thì ghi theo ngày số liệu."),
        max_length=100,
        required=False,
    )

    def __init__(self, *args: Any, plans_offered: Sequence[plans.PlanRef], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plans = {str(plan.id): plan for plan in plans_offered}
        self.fields["plan"].choices = [  # type: ignore[attr-defined]
            ("", _("Chọn kế hoạch")),
            *((key, plan.short_title) for key, plan in self._plans.items()),
        ]

    def called(self) -> Called:
        given = self.cleaned_data
        until, last = given.get("data_until"), given.get("last_day")
        return Called(
            plan=self._plans.get(given.get("plan", "")),
            kind=given.get("kind", ""),
            phrase=given.get("phrase", ""),
            basis=given.get("basis", ""),
            data_from=given.get("data_from"),
            data_to=until + ONE_DAY if until else None,
            opens_on=given.get("opens_on"),
            due_on=given.get("due_on"),
            grace_until=given.get("grace_until"),
            locks_on=last + ONE_DAY if last else None,
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for fault in faults_of(self.called()):
            self.say(fault.field, fault.text)
        return cleaned

    def say(self, field: str, text: str) -> None:
        """Put what is wrong with a field of the row beside the field of the form."""
        self.add_error(self.NAMES.get(field, field) or None, text)


class ChangeDaysForm(Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    opens_on = VnDateField(label=_("Mở từ ngày"))
    grace_until = VnDateField(label=_("Gia hạn chung đến hết ngày"))
    last_day = VnDateField(label=_("Khóa sau ngày"))
    reason = VnLongTextField(label=_("Lý do"), rows=3, max_length=500)


class TextsForm(Form):
    """The department's own texts of a consolidation."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    opening = VnLongTextField(
        label=_("Mở đầu"), help_text=_("Căn cứ và nội dung báo cáo."), rows=3, required=False
    )
    overall = VnLongTextField(label=_("I. Tình hình chung"), rows=7, required=False)
    difficulties = VnLongTextField(label=_("III. Khó khăn, vướng mắc"), rows=8, required=False)
    proposals = VnLongTextField(label=_("Kiến nghị, đề xuất"), rows=6, required=False)
    next_year = VnLongTextField(label=_("IV. Phương hướng năm sau"), rows=6, required=False)

    def __init__(self, *args: Any, is_yearly: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_yearly:
            del self.fields["next_year"]

    def texts(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.fields if name != "version"}


class TaskTextForm(Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    narrative = VnLongTextField(
        label=_("Bản ghép"),
        help_text=_("Dấu [1], [2] chỉ nguồn; khi in văn bản các dấu này được bỏ."),
        rows=16,
        required=False,
    )


class ReportFilters(FilterForm):
    ky = forms.ChoiceField(label=_("Kỳ báo cáo"), required=False)
    trang_thai = forms.ChoiceField(
        label=_("Trạng thái"),
        required=False,
        choices=[
            ("", _("Tất cả")),
            ("missing", _("Chưa gửi")),
            ("accepted-all", _("Đã duyệt, kể cả đã tổng hợp")),
            *((state.value, state.label) for state in ReportState),
        ],
    )
    nhom = forms.ChoiceField(label=_("Nhóm cơ quan"), required=False)
