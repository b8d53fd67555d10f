"""What is asked of a coordinating body, and its part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuan.core.ui.forms import (
    Form,
    VnDateField,
    VnLongTextField,
)
from chuan.modules.plans.enums import (
    Achievement,
)
from chuan.modules.plans.web.forms.common import Versioned


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
