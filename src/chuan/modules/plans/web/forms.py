"""Forms over plans: what people type, read the Vietnamese way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from chuan.core.calendar.enums import ExtensionState
from chuan.core.files.web.fields import UploadField
from chuan.core.ui.forms import (
    FilterForm,
    Form,
    VnDateField,
    VnIntegerField,
    VnLongTextField,
    VnTextField,
)
from chuan.lib.whole_numbers import whole_number
from chuan.modules.plans.engine.ages import ages
from chuan.modules.plans.engine.draft import (
    Draft,
    DraftDeliverable,
    DraftTask,
    Titled,
    short_text_of,
)
from chuan.modules.plans.enums import (
    Achievement,
    BodyGroup,
    DifficultyState,
    DueKind,
    EvidenceKind,
    PartyRole,
    Timeliness,
)
from chuan.modules.plans.models import Deliverable, Plan, Section, Task
from chuan.modules.plans.operations.deliverables import Wanted, checked_weights

ANY = [("", _("Tất cả"))]


class Versioned(Form):
    """A form that remembers which version of the thing its page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)


# ---------------------------------------------------------------- lists


class TaskFilters(FilterForm):
    nhom = forms.ChoiceField(label=_("Nhóm nhiệm vụ"), required=False)

    def __init__(self, *args: Any, sections: Iterable[Section], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["nhom"].choices = [  # type: ignore[attr-defined]
            *ANY,
            *((section.code, str(section)) for section in sections),
        ]


# Which assignments a list has: those still to be done or done, or those closed with their bodies.
STILL_OWED, NO_LONGER_OWED = "con", "dong"


class AssignmentFilters(FilterForm):
    vai = forms.ChoiceField(label=_("Vai trò"), choices=ANY + PartyRole.choices, required=False)
    han = forms.ChoiceField(label=_("Thời hạn"), choices=ANY + Timeliness.choices, required=False)
    muc = forms.ChoiceField(label=_("Mức độ"), choices=ANY + Achievement.choices, required=False)
    giao = forms.ChoiceField(
        label=_("Phân công"),
        choices=[*ANY, (STILL_OWED, _("Còn phải làm")), (NO_LONGER_OWED, _("Đã đóng"))],
        required=False,
    )
    nhiem_vu = forms.ChoiceField(label=_("Nhiệm vụ"), required=False)
    nhom = forms.ChoiceField(
        label=_("Nhóm cơ quan"), choices=[*ANY, *BodyGroup.choices], required=False
    )
    qua = forms.ChoiceField(label=_("Quá hạn"), required=False)

    def __init__(self, *args: Any, tasks: Iterable[Task], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["nhiem_vu"]
        choices.choices = [*ANY, *((str(one.pk), str(one)) for one in tasks)]
        choices = self.fields["qua"]
        choices.choices = [*ANY, *((age.code, age.label) for age in ages())]


class DifficultyFilters(FilterForm):
    trang_thai = forms.ChoiceField(
        label=_("Trạng thái"), choices=ANY + DifficultyState.choices, required=False
    )


# ---------------------------------------------------------------- progress and evidence


class UpdateForm(Versioned):
    achievement = forms.ChoiceField(
        label=_("Mức độ hoàn thành"),
        choices=Achievement.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Chọn mức độ hoàn thành.")},
    )
    narrative = VnLongTextField(
        label=_("Đã làm được gì"),
        help_text=_("Kết quả cụ thể, số liệu, thời gian."),
        max_length=5000,
        rows=7,
    )
    percent = VnIntegerField(
        label=_("Tiến độ tự đánh giá"),
        smallest=0,
        largest=100,
        required=False,
        help_text=_("Để trống nếu đồng ý với mức tính từ minh chứng."),
    )
    percent_reason = VnTextField(
        label=_("Lý do khác mức tính từ minh chứng"), max_length=500, required=False
    )
    finished_on = VnDateField(
        label=_("Ngày hoàn thành"),
        required=False,
        help_text=_("Chỉ điền khi đã hoàn thành; để trống là hôm nay."),
    )

    def __init__(self, *args: Any, heading_only: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if heading_only:
            for name in ("narrative", "percent", "percent_reason"):
                del self.fields[name]


class EvidenceForm(Form):
    kind = forms.ChoiceField(
        label=_("Loại minh chứng"),
        choices=EvidenceKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Chọn loại minh chứng.")},
    )
    title = VnTextField(
        label=_("Tên minh chứng"),
        max_length=300,
        help_text=_("Số, ký hiệu và trích yếu văn bản, hoặc mô tả ngắn."),
    )
    deliverable = forms.ChoiceField(label=_("Cho kết quả đầu ra"), required=False)
    content = UploadField(label=_("Tệp"), required=False, is_resumable=True)
    link = VnTextField(
        label=_("Hoặc liên kết"),
        max_length=1000,
        required=False,
        help_text=_("Địa chỉ trang web đăng tin, văn bản; ví dụ https://…"),
    )

    def __init__(self, *args: Any, deliverables: Sequence[Deliverable], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deliverables = {str(item.pk): item for item in deliverables}
        if len(deliverables) > 1:
            choices = [(key, item.title) for key, item in self._deliverables.items()]
            field = self.fields["deliverable"]
            field.choices = [("", _("Chọn kết quả đầu ra")), *choices]  # type: ignore[attr-defined]
            field.required = True
            field.error_messages["required"] = _("Chọn kết quả đầu ra mà minh chứng này chứng tỏ.")
        else:
            del self.fields["deliverable"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        has_file, has_link = bool(data.get("content")), bool(data.get("link"))
        if "content" not in self.errors and has_file == has_link:
            message = (
                _("Chỉ chọn một trong hai: tệp hoặc liên kết.")
                if has_file
                else _("Chọn một tệp hoặc nhập một liên kết.")
            )
            self.add_error("content", ValidationError(message))
        return data

    @property
    def chosen_deliverable(self) -> Deliverable | None:
        return self._deliverables.get(self.cleaned_data.get("deliverable", ""))


class ReplaceForm(Form):
    """A corrected version of one piece of evidence."""

    title = VnTextField(label=_("Tên minh chứng"), max_length=300)
    content = UploadField(label=_("Tệp mới"), required=False, is_resumable=True)
    link = VnTextField(label=_("Hoặc liên kết mới"), max_length=1000, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        has_file, has_link = bool(data.get("content")), bool(data.get("link"))
        if "content" not in self.errors and has_file == has_link:
            self.add_error(
                "content",
                _("Chỉ chọn một trong hai: tệp hoặc liên kết.")
                if has_file
                else _("Chọn một tệp hoặc nhập một liên kết."),
            )
        return data


class ReuseForm(Form):
    """Evidence of another assignment of the same body, to be shown here too."""

    evidence = forms.ChoiceField(
        label=_("Minh chứng đã có"),
        error_messages={"required": _("Chọn minh chứng cần dùng lại.")},
    )
    deliverable = forms.ChoiceField(label=_("Cho kết quả đầu ra"), required=False)

    def __init__(
        self,
        *args: Any,
        known: Sequence[tuple[str, str]],
        deliverables: Sequence[Deliverable],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._deliverables = {str(item.pk): item for item in deliverables}
        self.fields["evidence"].choices = [  # type: ignore[attr-defined]
            ("", _("Chọn minh chứng")),
            *known,
        ]
        if len(deliverables) > 1:
            choices = [(key, item.title) for key, item in self._deliverables.items()]
            field = self.fields["deliverable"]
            field.choices = [("", _("Chọn kết quả đầu ra")), *choices]  # type: ignore[attr-defined]
            field.required = True
            field.error_messages["required"] = _("Chọn kết quả đầu ra mà minh chứng này chứng tỏ.")
        else:
            del self.fields["deliverable"]

    @property
    def chosen_deliverable(self) -> Deliverable | None:
        return self._deliverables.get(self.cleaned_data.get("deliverable", ""))


# ---------------------------------------------------------------- asking coordinators


class AskForm(Form):
    bodies = forms.MultipleChoiceField(
        label=_("Cơ quan phối hợp"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Chọn ít nhất một cơ quan phối hợp.")},
    )
    text = VnLongTextField(
        label=_("Nội dung đề nghị"),
        help_text=_("Cần số liệu, tài liệu hoặc việc gì từ cơ quan phối hợp."),
        max_length=3000,
        rows=5,
    )
    due_on = VnDateField(label=_("Cần có chậm nhất hết ngày"))

    def __init__(
        self, *args: Any, bodies: Sequence[tuple[str, str]], earliest: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bodies"].choices = list(bodies)  # type: ignore[attr-defined]
        day = self.fields["due_on"]
        assert isinstance(day, VnDateField)  # noqa: S101 - declared above
        day.earliest = earliest


class PartForm(Versioned):
    """What is given on request; it carries the version of the request and of the assignment."""

    assignment_version = forms.IntegerField(widget=forms.HiddenInput)
    narrative = VnLongTextField(
        label=_("Phần việc của cơ quan bạn"),
        help_text=_("Cơ quan chủ trì đọc được ngay; nội dung cũng là tiến độ của cơ quan bạn."),
        max_length=5000,
        rows=7,
    )
    achievement = forms.ChoiceField(
        label=_("Mức độ hoàn thành phần phối hợp"),
        choices=Achievement.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Chọn mức độ hoàn thành.")},
    )


class ReasonForm(Form):
    """Why something is taken back."""

    reason = VnTextField(label=_("Lý do"), max_length=300)


class VersionedReasonForm(Versioned):
    reason = VnTextField(label=_("Lý do"), max_length=300)


# ---------------------------------------------------------------- more time


class ExtensionForm(Form):
    """What a body asks for; a file only where it has one to show."""

    proposed_due_on = VnDateField(label=_("Đề nghị gia hạn đến hết ngày"))
    reason = VnLongTextField(
        label=_("Lý do"),
        help_text=_("Việc gì chưa xong, vì sao, và cần thêm thời gian để làm gì."),
        max_length=3000,
        rows=5,
    )
    content = UploadField(label=_("Văn bản, tài liệu kèm theo"), required=False)


class GrantForm(Versioned):
    due_on = VnDateField(
        label=_("Gia hạn đến hết ngày"), help_text=_("Có thể khác ngày cơ quan đề nghị.")
    )
    basis = VnTextField(
        label=_("Căn cứ"),
        help_text=_("Văn bản hoặc ý kiến chỉ đạo cho phép; hiện ở mục “Vì sao ngày này?”."),
        max_length=500,
    )


class ExceptionForm(Form):
    """Which body's results of which closed year; for a report the report's own page asks."""

    year = forms.ChoiceField(label=_("Năm đã chốt"))
    organisation = forms.ChoiceField(label=_("Cơ quan"))
    until = VnDateField(label=_("Mở khóa đến hết ngày"), help_text=_("Sau ngày này tự khóa lại."))
    reason = VnLongTextField(
        label=_("Lý do"),
        help_text=_("Sai ở đâu, cần sửa thành gì. Mọi người theo dõi kế hoạch đọc được."),
        max_length=3000,
        rows=5,
    )

    def __init__(
        self,
        *args: Any,
        years: Sequence[int],
        organisations: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(str(year), str(year)) for year in years]  # type: ignore[attr-defined]
        self.fields["organisation"].choices = list(organisations)  # type: ignore[attr-defined]


class ApproveExceptionForm(Versioned):
    until = VnDateField(label=_("Mở khóa đến hết ngày"), help_text=_("Sau ngày này tự khóa lại."))


class ExtensionFilters(FilterForm):
    trang_thai = forms.ChoiceField(
        label=_("Trạng thái"), choices=ANY + ExtensionState.choices, required=False
    )


# ---------------------------------------------------------------- the whole plan


class EndForm(Versioned):
    """The last day of a plan that ends before its time."""

    last_day = VnDateField(
        label=_("Ngày cuối của kế hoạch"), help_text=_("Ngày này vẫn còn thuộc kế hoạch.")
    )
    replaced_by = forms.ChoiceField(label=_("Kế hoạch thay thế"), required=False)
    basis = VnTextField(
        label=_("Văn bản làm căn cứ"),
        max_length=500,
        help_text=_("Số, ký hiệu, ngày của văn bản quyết định việc này."),
    )

    def __init__(self, *args: Any, plan: Plan, others: Sequence[Plan], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._others = {str(one.pk): one for one in others}
        day, choice = self.fields["last_day"], self.fields["replaced_by"]
        assert isinstance(day, VnDateField)  # noqa: S101 - declared above
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101 - declared above
        day.earliest, day.latest = plan.valid.lower, plan.last_day - timedelta(days=1)
        choice.choices = [
            ("", _("Không có kế hoạch thay thế")),
            *(
                (key, f"{one.short_title} ({one.document.symbol})")
                for key, one in self._others.items()
            ),
        ]

    @property
    def chosen_plan(self) -> Plan | None:
        return self._others.get(self.cleaned_data["replaced_by"])


# ---------------------------------------------------------------- deliverables


class DeliverableForm(Form):
    """One row; an empty title of a new row leaves it out."""

    id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = VnTextField(label=_("Kết quả đầu ra"), max_length=300, required=False)
    weight = VnIntegerField(label=_("Tỷ trọng"), smallest=1, largest=100, required=False)
    kinds = forms.MultipleChoiceField(
        label=_("Minh chứng được chấp nhận"),
        choices=EvidenceKind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    @property
    def wanted(self) -> Wanted | None:
        data = self.cleaned_data
        if not data.get("title"):
            return None
        return Wanted(
            data["title"],
            data.get("weight"),
            tuple(EvidenceKind(kind) for kind in data.get("kinds", ())),
            data.get("id"),
        )


class BaseDeliverables(forms.BaseFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        if not any(self.errors):
            checked_weights(wanted_of(self))


def wanted_of(formset: forms.BaseFormSet[DeliverableForm]) -> list[Wanted]:
    """The rows that have a title, in the order of the page."""
    return [form.wanted for form in formset.forms if form.wanted is not None]


DeliverableFormSet = forms.formset_factory(DeliverableForm, formset=BaseDeliverables, extra=0)


# ---------------------------------------------------------------- difficulties


class RaiseForm(Form):
    organisation = forms.ChoiceField(label=_("Cơ quan nêu"))
    task = forms.ChoiceField(label=_("Về nhiệm vụ"), required=False)
    title = VnTextField(label=_("Tóm tắt"), max_length=200)
    text = VnLongTextField(label=_("Nội dung vướng mắc"), max_length=5000, rows=7)
    proposal = VnLongTextField(
        label=_("Đề xuất hướng xử lý"), max_length=3000, rows=4, required=False
    )

    def __init__(
        self,
        *args: Any,
        organisations: Sequence[tuple[str, str]],
        tasks: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = list(organisations)  # type: ignore[attr-defined]
        self.fields["task"].choices = [  # type: ignore[attr-defined]
            ("", _("Chung cho cả kế hoạch")),
            *tasks,
        ]
        if len(organisations) == 1:
            self.fields["organisation"].widget = forms.HiddenInput()
            self.fields["organisation"].initial = organisations[0][0]


class AnswerForm(Versioned):
    answer = VnLongTextField(label=_("Nội dung trả lời, hướng dẫn"), max_length=5000, rows=8)


class EscalateForm(Versioned):
    escalation = VnLongTextField(
        label=_("Nội dung đề xuất UBND tỉnh xem xét, chỉ đạo"), max_length=5000, rows=8
    )


class SettleForm(Versioned):
    direction = VnLongTextField(
        label=_("Ý kiến chỉ đạo"),
        help_text=_("Ghi rõ số, ngày văn bản chỉ đạo nếu có."),
        max_length=5000,
        rows=8,
    )


# ---------------------------------------------------------------- the wizard


class FileForm(Form):
    managed_by = forms.ChoiceField(label=_("Cơ quan theo dõi kế hoạch"))
    content = UploadField(label=_("Tệp quyết định"), kinds=("docx", "pdf", "txt"))

    def __init__(self, *args: Any, departments: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["managed_by"].choices = list(departments)  # type: ignore[attr-defined]
        if len(departments) == 1:
            self.fields["managed_by"].widget = forms.HiddenInput()
            self.fields["managed_by"].initial = departments[0][0]


class AmendForm(Form):
    content = UploadField(label=_("Tệp quyết định sửa đổi"), kinds=("docx", "pdf", "txt"))
    covers = forms.ChoiceField(
        label=_("Tệp có những nhiệm vụ nào?"),
        choices=[
            ("part", _("Chỉ những nhiệm vụ sửa đổi, bổ sung")),
            ("whole", _("Toàn bộ phụ lục mới; nhiệm vụ không có trong tệp là bị bãi bỏ")),
        ],
        widget=forms.RadioSelect,
        initial="part",
    )


class DocumentForm(Versioned):
    number = VnTextField(label=_("Số"), max_length=10)
    notation = VnTextField(label=_("Ký hiệu"), max_length=64, help_text=_("Ví dụ: QĐ-UBND"))
    issued_on = VnDateField(label=_("Ngày ban hành"))
    issuer = VnTextField(label=_("Cơ quan ban hành"), max_length=300)
    signer = VnTextField(label=_("Người ký"), max_length=200, required=False)
    title = VnLongTextField(label=_("Trích yếu"), max_length=1000, rows=4)
    short_title = VnTextField(
        label=_("Tên gọi ngắn của kế hoạch"),
        max_length=200,
        help_text=_("Dùng trong danh sách và tiêu đề trang."),
    )
    last_day = VnDateField(label=_("Ngày kết thúc kế hoạch"))
    report_due = VnTextField(
        label=_("Báo cáo hằng năm trước ngày"),
        max_length=5,
        required=False,
        help_text=_("Ngày/tháng, ví dụ 20/11. Để trống nếu quyết định không yêu cầu."),
    )
    is_inclusive = forms.BooleanField(label=_("Tính cả ngày đó là đúng hạn"), required=False)
    based_on = VnLongTextField(
        label=_("Văn bản làm căn cứ"),
        help_text=_("Mỗi dòng một số và ký hiệu."),
        rows=5,
        required=False,
    )

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if number and not whole_number(number):
            raise ValidationError(_("Số chỉ gồm chữ số, ví dụ 1029."))
        return number

    def clean_report_due(self) -> str:
        text: str = self.cleaned_data["report_due"]
        if text and _day_and_month(text) is None:
            raise ValidationError(_("Hạn báo cáo viết theo ngày/tháng có thật, ví dụ 20/11."))
        return text

    @property
    def report_day_and_month(self) -> tuple[int | None, int | None]:
        found = _day_and_month(self.cleaned_data["report_due"])
        return found if found else (None, None)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("issued_on"), data.get("last_day")
        if first and last and last <= first:
            self.add_error("last_day", _("Ngày kết thúc kế hoạch phải sau ngày ban hành."))
        return data


class AmendmentForm(DocumentForm):
    """The head of an amending decision; name, last day and reports stay the plan's own."""

    OF_THE_PLAN = ("short_title", "last_day", "report_due", "is_inclusive")

    from_day = VnDateField(
        label=_("Áp dụng từ ngày"),
        help_text=_(
            "Năm đã bắt đầu trước ngày này giữ nội dung cũ; nhiệm vụ có hạn theo ngày đổi ngay."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.OF_THE_PLAN:
            del self.fields[name]


def _day_and_month(text: str) -> tuple[int, int] | None:
    day, _slash, month = text.partition("/")
    found = whole_number(day.strip()) or 0, whole_number(month.strip()) or 0
    longest = {4: 30, 6: 30, 9: 30, 11: 30, 2: 28}
    if not 1 <= found[1] <= 12 or not 1 <= found[0] <= longest.get(found[1], 31):
        return None
    return found


class PointsForm(Versioned):
    """Sections and points of the body, one a line: "I | Tuyên truyền…"."""

    sections = VnLongTextField(label=_("Nhóm nhiệm vụ"), rows=8)
    body_points = VnLongTextField(label=_("Các điểm trong phần chính"), rows=12, required=False)

    def clean_sections(self) -> tuple[Titled, ...]:
        return _titled(self.cleaned_data["sections"])

    def clean_body_points(self) -> tuple[Titled, ...]:
        return _titled(self.cleaned_data["body_points"])


def _titled(text: str) -> tuple[Titled, ...]:
    found: list[Titled] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        code, bar, words = line.partition("|")
        if not bar or not code.strip() or not words.strip():
            raise ValidationError(
                _("Dòng %(number)s: viết mã, dấu | rồi nội dung, ví dụ “I | Tuyên truyền”.")
                % {"number": number}
            )
        if any(one.code == code.strip() for one in found):
            raise ValidationError(_("Mã %(code)s có hai lần.") % {"code": code.strip()})
        found.append(Titled(code.strip(), words.strip()))
    return tuple(found)


def lines_of(titled: Iterable[Titled]) -> str:
    return "\n".join(f"{one.code} | {one.text}" for one in titled)


class DraftTaskForm(Versioned):
    """One task of a draft. What is missing is saved as missing: approval asks for it."""

    code = VnTextField(label=_("Mã"), max_length=16, required=False)
    section = forms.ChoiceField(label=_("Nhóm nhiệm vụ"), required=False)
    text = VnLongTextField(label=_("Nội dung"), rows=7, required=False)
    short_text = VnTextField(
        label=_("Tên gọi ngắn"),
        max_length=160,
        required=False,
        help_text=_("Dùng trong danh sách. Để trống thì lấy phần đầu của nội dung."),
    )
    lead = VnLongTextField(
        label=_("Cơ quan chủ trì"), rows=3, required=False, help_text=_("Mỗi dòng một cơ quan.")
    )
    coordinating = VnLongTextField(
        label=_("Cơ quan phối hợp"), rows=4, required=False, help_text=_("Mỗi dòng một cơ quan.")
    )
    time_text = VnTextField(
        label=_("Thời gian ghi trong quyết định"), max_length=200, required=False
    )
    due_kind = forms.ChoiceField(
        label=_("Loại thời hạn"), choices=[("", _("Chưa rõ")), *DueKind.choices], required=False
    )
    due_on = VnDateField(
        label=_("Ngày hết hạn"),
        required=False,
        help_text=_("Chỉ điền cho nhiệm vụ một lần hoặc nhiều năm."),
    )
    product = VnTextField(label=_("Sản phẩm, kết quả"), max_length=500, required=False)
    deliverables = VnLongTextField(
        label=_("Kết quả đầu ra"),
        rows=3,
        required=False,
        help_text=_(
            "Mỗi dòng một kết quả, có thể thêm tỷ trọng sau dấu |: “Diễn đàn đối thoại | 60”. "
            "Để trống nếu cả nhiệm vụ là một kết quả."
        ),
    )
    body_points = forms.MultipleChoiceField(
        label=_("Thực hiện điểm trong phần chính"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    heading_only = forms.BooleanField(
        label=_("Chỉ theo dõi đầu mục: không ghi nội dung, không nhận tệp"), required=False
    )

    def __init__(self, *args: Any, draft: Draft, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"].choices = [  # type: ignore[attr-defined]
            ("", _("Chọn nhóm")),
            *((one.code, f"{one.code}. {one.text}") for one in draft.sections),
        ]
        self.fields["body_points"].choices = [  # type: ignore[attr-defined]
            (one.code, f"{one.code}) {one.text[:80]}") for one in draft.body_points
        ]
        if not draft.body_points:
            del self.fields["body_points"]

    def clean_deliverables(self) -> tuple[DraftDeliverable, ...]:
        items = tuple(
            _deliverable(line, number)
            for number, line in enumerate(self.cleaned_data["deliverables"].splitlines(), start=1)
            if line.strip()
        )
        if items:
            checked_weights([Wanted(item.title, item.weight) for item in items])
        return items

    def changed_task(self, task: DraftTask) -> dict[str, Any]:
        """The fields of the draft task as the form has them."""
        data = self.cleaned_data
        kinds = {item.title: item.evidence_kinds for item in task.deliverables}
        return {
            "code": data["code"],
            "section": data["section"],
            "text": data["text"],
            "short_text": data["short_text"] or short_text_of(data["text"]),
            "lead": _names(data["lead"]),
            "coordinating": _names(data["coordinating"]),
            "time_text": data["time_text"],
            "due_kind": DueKind(data["due_kind"]) if data["due_kind"] else None,
            "due_on": data["due_on"],
            "product": data["product"],
            "deliverables": tuple(
                DraftDeliverable(item.title, item.weight, kinds.get(item.title, ()))
                for item in data["deliverables"]
            ),
            "body_points": tuple(data.get("body_points", ())),
            "heading_only": data["heading_only"],
        }


def initial_of(task: DraftTask) -> dict[str, Any]:
    return {
        "code": task.code,
        "section": task.section,
        "text": task.text,
        "short_text": task.short_text,
        "lead": "\n".join(task.lead),
        "coordinating": "\n".join(task.coordinating),
        "time_text": task.time_text,
        "due_kind": str(task.due_kind or ""),
        "due_on": task.due_on,
        "product": task.product,
        "deliverables": "\n".join(
            item.title if item.weight is None else f"{item.title} | {item.weight}"
            for item in task.deliverables
        ),
        "body_points": list(task.body_points),
        "heading_only": task.heading_only,
    }


def _names(text: str) -> tuple[str, ...]:
    lines = (line.strip().rstrip(";,").strip() for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))


def _deliverable(line: str, number: int) -> DraftDeliverable:
    title, bar, weight = (part.strip() for part in line.partition("|"))
    if bar and not weight.isdecimal():
        raise ValidationError(
            _("Dòng %(number)s: sau dấu | là tỷ trọng, một số từ 1 đến 100.") % {"number": number}
        )
    return DraftDeliverable(title[:300], int(weight) if bar else None)
