from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chuan.core.legal.models import LegalSource
from chuan.core.orgs.engine.proposals import WITHOUT_LINKS, Link
from chuan.core.orgs.enums import ChangeKind, EventState, OrgKind, Share
from chuan.core.orgs.models import ChangeEvent, OrganisationVersion
from chuan.core.ui.forms import (
    FilterForm,
    Form,
    VnDateField,
    VnFileField,
    VnLongTextField,
    VnTextField,
)


class EventFilters(FilterForm):
    trang_thai = forms.ChoiceField(
        label=_("Trạng thái"), required=False, choices=[("", _("Tất cả")), *EventState.choices]
    )
    loai = forms.ChoiceField(
        label=_("Loại"), required=False, choices=[("", _("Tất cả")), *ChangeKind.choices]
    )


class _BasisForm(Form):
    """A day and the text that orders what happens on it."""

    legal_basis = forms.ModelChoiceField(
        label=_("Căn cứ trong danh mục văn bản"),
        queryset=LegalSource.objects.none(),
        required=False,
        empty_label=_("Không có trong danh mục"),
    )
    basis_text = VnTextField(
        label=_("Số, ký hiệu văn bản khác"),
        max_length=200,
        required=False,
        help_text=_("Ví dụ 12/NQ-HĐND. Ghi khi danh mục chưa có văn bản."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sources: Any = self.fields["legal_basis"]
        sources.queryset = LegalSource.objects.order_by("notation", "pk")


class EventForm(_BasisForm):
    """What a reorganisation is, from when, and by which text."""

    kind = forms.ChoiceField(
        label=_("Loại sự kiện"), choices=ChangeKind.choices, widget=forms.RadioSelect
    )
    title = VnTextField(
        label=_("Tên sự kiện"),
        max_length=300,
        help_text=_("Ví dụ: Hợp nhất Sở A và Sở B thành Sở C."),
    )
    effective_on = VnDateField(
        label=_("Ngày có hiệu lực"),
        help_text=_("Ngày đầu tiên theo tổ chức mới. Cơ quan cũ làm việc đến hết ngày trước đó."),
    )
    clause = VnTextField(
        label=_("Điều, khoản"),
        max_length=200,
        required=False,
        help_text=_("Ví dụ: khoản 2 Điều 1."),
    )
    field_order = ("kind", "title", "effective_on", "legal_basis", "basis_text", "clause")

    @staticmethod
    def initial_of(event: ChangeEvent) -> dict[str, Any]:
        names = ("kind", "title", "effective_on", "legal_basis", "basis_text", "clause")
        return {name: getattr(event, name) for name in names}


class BodyForm(Form):
    """What a body is called and where it stands from the day on."""

    name = VnTextField(label=_("Tên đầy đủ"), max_length=300)
    short_name = VnTextField(
        label=_("Tên viết tắt"),
        max_length=200,
        required=False,
        help_text=_("Bỏ trống nếu giống tên đầy đủ."),
    )
    kind = forms.ChoiceField(label=_("Loại cơ quan"), choices=OrgKind.choices)
    parent = forms.ChoiceField(label=_("Trực thuộc"), required=False)
    subtype = VnTextField(
        label=_("Loại đơn vị hành chính"),
        max_length=32,
        required=False,
        help_text=_("Ví dụ: xã, phường, đặc khu."),
    )
    code = VnTextField(label=_("Mã đơn vị"), max_length=32, required=False)
    tax_code = VnTextField(label=_("Mã số thuế"), max_length=14, required=False)
    notation = VnTextField(label=_("Ký hiệu văn bản"), max_length=32, required=False)
    head_position = VnTextField(label=_("Người đứng đầu"), max_length=100, required=False)
    seat = VnTextField(label=_("Địa danh ghi trên văn bản"), max_length=100, required=False)

    def __init__(self, *args: Any, parents: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["parent"]
        field.choices = [("", gettext("Không trực thuộc cơ quan nào")), *parents]


class LinksForm(Form):
    """Who takes over what from some bodies: for each pair nothing, a part or the whole."""

    NOTHING = ""

    def __init__(
        self,
        *args: Any,
        pairs: Iterable[tuple[str, str]],
        names: Mapping[str, str],
        existing: Iterable[Link],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        known = {(one.predecessor, one.successor): one for one in existing}
        self.pairs = list(pairs)
        self.rows: list[tuple[str, list[tuple[str, Any, Any]]]] = []
        for giver, taker in self.pairs:
            link = known.get((giver, taker))
            self.fields[self._share(giver, taker)] = forms.ChoiceField(
                label=names[taker],
                required=False,
                choices=[(self.NOTHING, gettext("Không nhận")), *Share.choices],
                initial=link.share.value if link else self.NOTHING,
            )
            self.fields[self._clause(giver, taker)] = VnTextField(
                label=gettext("Điều, khoản (phần của %(name)s)") % {"name": names[taker]},
                max_length=200,
                required=False,
                initial=link.clause if link else "",
            )
        self.names = names

    def groups(self) -> list[tuple[str, list[tuple[Any, Any]]]]:
        """Fields by the body that gives: [(its name, [(share, clause), …]), …]."""
        found: dict[str, list[tuple[Any, Any]]] = {}
        for giver, taker in self.pairs:
            found.setdefault(giver, []).append(
                (self[self._share(giver, taker)], self[self._clause(giver, taker)])
            )
        return [(self.names[giver], fields) for giver, fields in found.items()]

    def links(self, kept: Iterable[Link]) -> list[Link]:
        """All links of the event: `kept` ones of other pairs, and those chosen here."""
        mine = set(self.pairs)
        links = [one for one in kept if (one.predecessor, one.successor) not in mine]
        notes = {(one.predecessor, one.successor): one.note for one in kept}
        for giver, taker in self.pairs:
            share = self.cleaned_data[self._share(giver, taker)]
            if share:
                clause = self.cleaned_data[self._clause(giver, taker)]
                note = notes.get((giver, taker), "")
                links.append(Link(giver, taker, Share(share), clause, note))
        return links

    @staticmethod
    def _share(giver: str, taker: str) -> str:
        return f"share_{giver}_{taker}".replace("+", "n")

    @staticmethod
    def _clause(giver: str, taker: str) -> str:
        return f"clause_{giver}_{taker}".replace("+", "n")


class ReasonForm(Form):
    reason = VnLongTextField(label=_("Lý do"), max_length=500, rows=3)


class RemarkForm(Form):
    remark = VnLongTextField(label=_("Nội dung cần sửa"), max_length=500, rows=3, required=False)


class ReformForm(_BasisForm):
    """The file of a reform, the day it counts from and the text it follows."""

    file = VnFileField(label=_("Bảng sắp xếp"), kinds=["csv"], max_megabytes=5)
    effective_on = VnDateField(label=_("Ngày có hiệu lực"))
    field_order = ("file", "effective_on", "legal_basis", "basis_text")


def parents_on(version_rows: Iterable[OrganisationVersion]) -> list[tuple[str, str]]:
    """Bodies others may stand under, as choices."""
    return [(str(one.organisation_id), one.name) for one in version_rows]


def asks_for_links(kind: str) -> bool:
    return ChangeKind(kind) not in WITHOUT_LINKS
