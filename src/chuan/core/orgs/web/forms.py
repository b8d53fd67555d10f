from __future__ import annotations

from datetime import date
from typing import Any, Self

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuan.core.orgs.enums import OrgKind
from chuan.core.ui.forms import FilterForm, VnDateField
from chuan.lib.vietnamese import format_date


class DayForm(FilterForm):
    """The day a page tells of; today when none, or none that can be read, is given."""

    ngay = VnDateField(label=_("Ngày"), required=False)

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """The form as asked for, with today filled in where nothing is asked."""
        asked = request.GET.get("ngay", "")
        return cls({"ngay": asked or format_date(timezone.localdate())})

    @property
    def day(self) -> date:
        self.is_valid()
        return self.cleaned_data.get("ngay") or timezone.localdate()


class OrganisationFilters(DayForm):
    loai = forms.ChoiceField(
        label=_("Loại"),
        required=False,
        choices=[("", _("Tất cả")), *OrgKind.choices],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["loai", "ngay"])
