from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuan.core.orgs.enums import OrgKind
from chuan.core.ui.forms import FilterForm, VnDateField


class DayForm(FilterForm):
    """The day a page tells of; today when none, or none that can be read, is given."""

    ngay = VnDateField(label=_("Ngày"), required=False)

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
