"""A decision on its way into a plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from chuan.core.files.web.fields import UploadField
from chuan.core.ui.forms import (
    Form,
    VnDateField,
    VnLongTextField,
    VnTextField,
)
from chuan.lib.whole_numbers import whole_number
from chuan.modules.plans.engine.draft import (
    Draft,
    DraftDeliverable,
    DraftTask,
    Titled,
    short_text_of,
)
from chuan.modules.plans.enums import (
    DueKind,
    LeadMode,
)
from chuan.modules.plans.operations.deliverables import Wanted, checked_weights
from chuan.modules.plans.web.forms.common import Versioned


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
    lead_mode = forms.ChoiceField(
        label=_("Khi nhiều cơ quan chủ trì"),
        choices=LeadMode.choices,
        widget=forms.RadioSelect,
        initial=LeadMode.EACH,
        required=False,
        help_text=_(
            "“Chỉ cần một cơ quan làm”: một cơ quan hoàn thành thì các cơ quan khác thôi phải làm, "
            "thống kê tính một lần."
        ),
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
            "lead_mode": LeadMode(data["lead_mode"] or LeadMode.EACH),
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
        "lead_mode": str(task.lead_mode),
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
