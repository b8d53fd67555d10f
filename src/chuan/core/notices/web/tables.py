from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chuan.core.notices import rules
from chuan.core.notices.enums import MailState
from chuan.core.notices.models import OutgoingMail
from chuan.core.ui.forms import FilterForm
from chuan.core.ui.table_files import NOTHING
from chuan.core.ui.tables import Column, Table
from chuan.core.ui.templatetags.pieces import status


class MailFilter(FilterForm):
    tinh_trang = forms.ChoiceField(
        label=_("Tình trạng"), required=False, choices=[("", _("Tất cả")), *MailState.choices]
    )


def _state(letter: OutgoingMail) -> SafeString:
    return status(f"mail_{letter.state}")


def _again(letter: OutgoingMail) -> SafeString | str:
    if not rules.send_again.allows(letter):
        return NOTHING
    url = reverse("notices:send_again", args=[letter.pk])
    text = _("Gửi lại")
    return format_html('<a href="{}">{}<span class="vh"> {}</span></a>', url, text, letter.address)


class MailTable(Table):
    name = "thu-di"
    caption = _("Thư đi")
    noun = _("thư")
    columns = (
        Column("address", _("Gửi tới"), order="address", is_header=True),
        Column("person.full_name", _("Người nhận")),
        Column("created_at", _("Lập lúc"), order=F("created_at")),
        Column(
            "state",
            _("Tình trạng"),
            order="state",
            cell=_state,
            export=lambda letter: MailState(letter.state).label,
        ),
        Column("attempts", _("Số lần thử"), is_numeric=True),
        Column("last_error", _("Lỗi gần nhất")),
        Column("again", _("Việc"), cell=_again, in_export=False),
    )
    filter_form = MailFilter
    default_order = "-created_at"
    empty_title = _("Chưa có thư nào")
    empty_icon = "mail"

    def filter(
        self, rows: QuerySet[OutgoingMail], chosen: dict[str, Any]
    ) -> QuerySet[OutgoingMail]:
        return rows.filter(state=chosen["tinh_trang"]) if chosen["tinh_trang"] else rows
