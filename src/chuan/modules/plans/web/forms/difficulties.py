"""Difficulties: raising, answering, passing on, settling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuan.core.ui.forms import (
    Form,
    VnLongTextField,
    VnTextField,
)
from chuan.modules.plans.web.forms.common import Versioned


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
