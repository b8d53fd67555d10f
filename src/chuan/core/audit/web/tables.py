from __future__ import annotations

import json
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from chuan.core.audit import queries, titles
from chuan.core.audit.models import Entry
from chuan.core.ui.forms import FilterForm, VnDateField, VnTextField
from chuan.core.ui.tables import Column, Table
from chuan.core.ui.templatetags.boxes import more
from chuan.core.ui.templatetags.pieces import tag


class EntryFilters(FilterForm):
    ai = VnTextField(label=_("Người thực hiện"), required=False, max_length=200)
    viec = forms.ChoiceField(label=_("Việc"), required=False)
    doi_tuong = VnTextField(label=_("Đối tượng"), required=False, max_length=200)
    tu = VnDateField(label=_("Từ ngày"), required=False)
    den = VnDateField(label=_("Đến hết ngày"), required=False)

    def __init__(self, *args: Any, among: frozenset[str] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["viec"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        by_title = sorted(titles.choices(among), key=lambda choice: choice[1])
        field.choices = [("", _("Tất cả")), *by_title]


def sentence(entry: Entry) -> str:
    """What was done to what: “Phê duyệt kế hoạch: Kế hoạch số 1029”."""
    return f"{titles.title_of(entry.action)}: {entry.subject_name}"


def _who(entry: Entry) -> Any:
    if entry.actor_id is not None:
        return entry.actor_name
    return tag("line", _g("Hệ thống"), "server")


def _what(entry: Entry) -> Any:
    details = ""
    if entry.details:
        rows = format_html_join(
            "",
            "<div><dt>{}</dt><dd>{}</dd></div>",
            ((key, _plain(value)) for key, value in sorted(entry.details.items())),
        )
        details = more(format_html('<dl class="facts facts-2">{}</dl>', rows), _g("Chi tiết"))
    return format_html("{}{}", sentence(entry), details)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _seal(entry: Entry) -> Any:
    seal = getattr(entry, "seal", None)
    if seal is None:
        return tag("bad", _g("Chưa niêm"), "alert-octagon")
    return format_html(
        '<span class="num">{}</span><span class="sub"><code>{}</code></span>',
        seal.position,
        bytes(seal.hash).hex()[:8],
    )


def _seal_hash(entry: Entry) -> str:
    """Empty for a line nobody sealed: one that was written behind the ledger's back."""
    seal = getattr(entry, "seal", None)
    return "" if seal is None else bytes(seal.hash).hex()


class EntryTable(Table):
    """Lines of the ledger, newest first."""

    name = "nhat-ky"
    caption = _("Nhật ký")
    noun = _("dòng")
    per_page = 50
    empty_title = _("Nhật ký chưa có dòng nào")
    empty_icon = "history"
    columns = (
        Column("recorded_at", _("Thời điểm"), css="ref"),
        Column("actor_name", _("Người thực hiện"), cell=_who),
        Column("what", _("Việc"), is_header=True, cell=_what, value=sentence, css="wide"),
        Column("action", _("Mã việc"), on_page=False),
        Column("subject_model", _("Loại đối tượng"), on_page=False),
        Column("subject_id", _("Mã đối tượng"), on_page=False),
        Column("details", _("Chi tiết"), on_page=False, value=lambda e: _plain(e.details)),
        Column("seal", _("Dấu niêm"), css="ref", cell=_seal, export=_seal_hash),
    )

    def __init__(self, request: HttpRequest, among: frozenset[str] | None) -> None:
        self.among = among
        super().__init__(request, queries.entries(among=among))

    def make_filter_form(self, data: Any) -> EntryFilters:
        return EntryFilters(data, among=self.among)

    def filter(self, rows: Any, chosen: dict[str, Any]) -> Any:
        return queries.entries(
            among=self.among,
            actor=chosen.get("ai") or "",
            actions=[chosen["viec"]] if chosen.get("viec") else None,
            subject=chosen.get("doi_tuong") or "",
            first_day=chosen.get("tu"),
            last_day=chosen.get("den"),
        )
