"""What a body says of an assignment: how far it is, evidence, products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from chuan.core.files.web.fields import UploadField
from chuan.core.ui.forms import (
    Form,
    VnDateField,
    VnIntegerField,
    VnLongTextField,
    VnTextField,
)
from chuan.modules.plans.enums import (
    Achievement,
    EvidenceKind,
)
from chuan.modules.plans.models import Deliverable
from chuan.modules.plans.operations.deliverables import Wanted, checked_weights
from chuan.modules.plans.web.forms.common import Versioned


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
