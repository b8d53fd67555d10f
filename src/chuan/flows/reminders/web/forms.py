from __future__ import annotations

import enum

from django import forms
from django.utils.translation import gettext_lazy as _

from chuan.core.notices.queries import Wishes
from chuan.core.ui.forms import Form


class Way(enum.StrEnum):
    """The ways of being told that a person chooses between."""

    DAILY_AND_URGENT = "ngay-va-khan"
    DAILY = "moi-sang"
    NONE = "khong-thu"

    @classmethod
    def of(cls, wishes: Wishes) -> Way:
        if not wishes.by_mail:
            return cls.NONE
        return cls.DAILY_AND_URGENT if wishes.urgent_at_once else cls.DAILY

    @property
    def wishes(self) -> Wishes:
        return Wishes(self != Way.NONE, self == Way.DAILY_AND_URGENT)


class MailForm(Form):
    way = forms.ChoiceField(
        label=_("Thư điện tử"),
        choices=[
            (
                Way.DAILY_AND_URGENT.value,
                _(
                    "Một thư mỗi sáng ngày làm việc; gửi ngay khi báo cáo bị trả lại hoặc bị đôn đốc"
                ),
            ),
            (Way.DAILY.value, _("Chỉ một thư mỗi sáng ngày làm việc")),
            (Way.NONE.value, _("Không gửi thư, chỉ hiện trong hệ thống")),
        ],
        widget=forms.RadioSelect,
    )
