"""More time, exceptions from a closed year, the end of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuan.core.calendar.web.forms import ExtensionForm as CommonExtensionForm
from chuan.core.files.web.fields import UploadField
from chuan.core.ui.forms import (
    Form,
    VnDateField,
    VnLongTextField,
    VnTextField,
)
from chuan.modules.plans.models import Plan
from chuan.modules.plans.web.forms.common import Versioned


class ExtensionForm(CommonExtensionForm):
    """What a body asks for; a file only where it has one to show."""

    content = UploadField(label=_("Văn bản, tài liệu kèm theo"), required=False)


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
