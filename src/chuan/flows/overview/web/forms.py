from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from chuan.core.ui.forms import FilterForm, VnDateField

FROM, TO = "tu", "den"


class BetweenForm(FilterForm):
    """Two days, the first of them earlier; without a second one, until today."""

    tu = VnDateField(label=_("Từ cuối ngày"))
    den = VnDateField(label=_("Đến cuối ngày"), required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        start, end = data.get(FROM), data.get(TO) or self.today
        if start and end > self.today:
            raise ValidationError({TO: _("Chọn ngày không sau hôm nay.")})
        if start and start >= end:
            raise ValidationError({FROM: _("Chọn ngày trước ngày thứ hai.")})
        return data
