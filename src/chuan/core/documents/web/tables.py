from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chuan.core.documents.enums import DocumentType
from chuan.core.documents.models import OfficialDocument
from chuan.core.documents.web.forms import DocumentFilter
from chuan.core.ui.forms import FilterForm
from chuan.core.ui.status import statuses
from chuan.core.ui.tables import Column, Table, link
from chuan.core.ui.templatetags.pieces import status


def _subject(document: OfficialDocument) -> SafeString:
    url = reverse("documents:show", args=[document.pk])
    return link(url, document.subject, DocumentType(document.kind).label)


def _state(document: OfficialDocument) -> SafeString:
    return status(document.look)


def _state_text(document: OfficialDocument) -> str:
    return str(statuses[document.look].label)


_STATES = {
    "den": Q(is_ours=False, cancelled_at__isnull=True),
    "di": Q(is_ours=True, number__isnull=False, cancelled_at__isnull=True),
    "du-thao": Q(is_ours=True, number__isnull=True, cancelled_at__isnull=True),
    "huy": Q(cancelled_at__isnull=False),
}


class DocumentTable(Table):
    name = "van-ban"
    caption = _("Văn bản")
    noun = _("văn bản")
    keys_first = True
    columns = (
        Column("subject", _("Trích yếu"), order="subject", is_header=True, cell=_subject),
        Column(
            "symbol",
            _("Số, ký hiệu"),
            order=("notation", F("number")),
            css="nowrap",
            value=lambda document: document.symbol,
        ),
        Column("issued_on", _("Ngày văn bản"), order=F("issued_on")),
        Column("kind", _("Loại"), on_page=False, export=lambda row: DocumentType(row.kind).label),
        Column("issuer_name", _("Cơ quan ban hành"), order="issuer_name"),
        Column("signer", _("Người ký"), on_page=False),
        Column("received_on", _("Ngày đến"), on_page=False),
        Column("state", _("Tình trạng"), cell=_state, export=_state_text),
    )
    search = ("search_key",)
    search_hint = _("số, trích yếu, cơ quan")
    filter_form = DocumentFilter
    default_order = "-issued_on"
    empty_title = _("Sổ chưa có văn bản nào")
    empty_icon = "archive"

    def make_filter_form(self, data: Any) -> FilterForm:
        form = DocumentFilter(data)
        days = self.all_rows.filter(issued_on__isnull=False).dates(
            "issued_on", "year", order="DESC"
        )
        years = [day.year for day in days]
        form.fields["nam"].choices = [  # type: ignore[attr-defined]
            ("", _("Tất cả")),
            *((year, str(year)) for year in years),
        ]
        return form

    def filter(
        self, rows: QuerySet[OfficialDocument], chosen: dict[str, Any]
    ) -> QuerySet[OfficialDocument]:
        if chosen["chieu"]:
            rows = rows.filter(_STATES[chosen["chieu"]])
        if chosen["loai"]:
            rows = rows.filter(kind=chosen["loai"])
        if chosen["nam"]:
            rows = rows.filter(issued_on__year=chosen["nam"])
        return rows
