"""Forms over the duties of bodies that are no more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chuan.core.ui.forms import FilterForm, Form, VnDateField, VnLongTextField, VnTextField
from chuan.lib.vietnamese import format_date, format_number
from chuan.modules.plans.enums import PASSED_ON, FateKind
from chuan.modules.plans.models import Assignment
from chuan.modules.plans.queries.fates import Suggestion, VanishedBody
from chuan.modules.plans.web.import_forms import KnownNames


class BodyFilters(FilterForm):
    con = forms.ChoiceField(
        label=gettext_lazy("Tình trạng"),
        choices=[
            ("", gettext_lazy("Tất cả")),
            ("chua", gettext_lazy("Còn chưa quyết định")),
            ("cho", gettext_lazy("Chờ duyệt")),
            ("xong", gettext_lazy("Đã quyết định hết")),
        ],
        required=False,
    )


class ProposeForm(Form):
    """Which duties, what becomes of them, who goes on, from when and by which text."""

    bodies = forms.MultipleChoiceField(
        label=gettext_lazy("Cơ quan đã kết thúc"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Chọn ít nhất một cơ quan.")},
    )
    tasks = forms.MultipleChoiceField(
        label=gettext_lazy("Nhiệm vụ"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Chọn ít nhất một nhiệm vụ.")},
    )
    years = forms.MultipleChoiceField(
        label=gettext_lazy("Năm của phân công"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Chọn ít nhất một năm.")},
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Cách xử lý"),
        choices=[
            (FateKind.CLOSE, gettext_lazy("Đóng: không ai làm tiếp, phần đã làm vẫn được tính")),
            (FateKind.TRANSFER, gettext_lazy("Chuyển cho một cơ quan")),
            (
                FateKind.CLONE,
                gettext_lazy("Giao cho từng cơ quan kế thừa, mỗi cơ quan một phân công"),
            ),
            (FateKind.DEPARTMENT, gettext_lazy("Giao cho một sở, ngành")),
            (FateKind.LAPSE, gettext_lazy("Chấm dứt: văn bản bãi bỏ nghĩa vụ này")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Chọn cách xử lý.")},
    )
    receiver = VnTextField(
        label=gettext_lazy("Cơ quan nhận"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"list": "co-quan-dang-hoat-dong", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "Cần khi giao cho sở, ngành. Khi chuyển cho một cơ quan, bỏ trống thì mỗi cơ quan chuyển "
            "cho cơ quan kế thừa của mình theo danh mục."
        ),
    )
    from_day = VnDateField(
        label=gettext_lazy("Áp dụng từ ngày"),
        required=False,
        help_text=gettext_lazy("Bỏ trống thì từ ngay sau ngày cuối của từng cơ quan."),
    )
    basis = VnTextField(
        label=gettext_lazy("Văn bản làm căn cứ"),
        max_length=500,
        help_text=gettext_lazy("Số, ký hiệu, ngày của văn bản quyết định việc này."),
    )
    clause = VnTextField(
        label=gettext_lazy("Điều, khoản"), max_length=200, required=False, empty_value=""
    )
    note = VnLongTextField(
        label=gettext_lazy("Ghi chú cho người duyệt"), max_length=500, required=False
    )

    def __init__(
        self,
        *args: Any,
        listed: Sequence[VanishedBody],
        rows: Sequence[Assignment],
        suggestions: Mapping[int, Suggestion],
        known: KnownNames,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.listed, self.rows = listed, rows
        self.suggestions, self.known = suggestions, known
        self._choices("bodies", [(str(one.organisation_id), _labelled(one)) for one in listed])
        tasks = {row.task_id: row.task for row in rows}
        in_order = sorted(tasks.values(), key=lambda task: (task.position, task.pk))
        self._choices("tasks", [(str(task.pk), str(task)) for task in in_order])
        years = sorted({row.year for row in rows})
        self._choices("years", [(str(year), str(year)) for year in years])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - declared above
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return data
        kind, receiver = FateKind(data["kind"]), data["receiver"]
        if receiver and self.known.find(receiver) is None:
            message = _(
                "Không có cơ quan đang hoạt động nào tên “%(name)s”. Chọn tên trong danh sách."
            )
            self.add_error("receiver", message % {"name": receiver})
        elif kind == FateKind.DEPARTMENT and not receiver:
            self.add_error("receiver", _("Nhập tên sở, ngành nhận nhiệm vụ."))
        elif receiver and kind not in {FateKind.TRANSFER, FateKind.DEPARTMENT}:
            self.add_error(
                "receiver", _("Cách xử lý đã chọn không có cơ quan nhận riêng. Bỏ trống.")
            )
        elif not self.chosen:
            self.add_error("tasks", _("Không có phân công nào ứng với các lựa chọn này."))
        return data

    @property
    def chosen(self) -> list[Assignment]:
        """The open assignments of these bodies, tasks and years."""
        bodies = {int(pk) for pk in self.cleaned_data["bodies"]}
        tasks = {int(pk) for pk in self.cleaned_data["tasks"]}
        years = {int(year) for year in self.cleaned_data["years"]}
        return [
            row
            for row in self.rows
            if row.organisation_id in bodies and row.task_id in tasks and row.year in years
        ]

    @property
    def receivers(self) -> dict[int, Collection[int]]:
        """Who goes on, by the body that is no more."""
        kind = FateKind(self.cleaned_data["kind"])
        if kind not in PASSED_ON:
            return {}
        bodies = {row.organisation_id for row in self.chosen}
        named = (
            self.known.find(self.cleaned_data["receiver"])
            if self.cleaned_data["receiver"]
            else None
        )
        if named is not None:
            return {pk: (named,) for pk in bodies}
        return {pk: self.suggestions[pk].heirs for pk in bodies}

    def days(self, ended: Mapping[int, date]) -> list[tuple[Assignment, date]]:
        day = self.cleaned_data["from_day"]
        return [(row, day or ended[row.organisation_id]) for row in self.chosen]


def _labelled(one: VanishedBody) -> str:
    return _("%(name)s, kết thúc %(day)s (%(count)s)") % {
        "name": one.name,
        "day": format_date(one.ended_on),
        "count": ngettext("%(n)s nghĩa vụ", "%(n)s nghĩa vụ", one.undecided)
        % {"n": format_number(one.undecided)},
    }


class ReasonForm(Form):
    reason = VnLongTextField(label=gettext_lazy("Lý do"), max_length=500, required=False)
