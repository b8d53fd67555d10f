from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import DateField, OuterRef, Subquery, Value
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import OrganisationVersion, VersionQuerySet
from chuan.core.orgs.queries import find_organisations, former_names
from chuan.core.orgs.web.forms import OrganisationFilters
from chuan.core.orgs.web.searching import BodySearch
from chuan.core.ui.tables import Column, Line, Table, link
from chuan.lib.vietnamese import format_date


def _named(version: Any) -> Any:
    url = reverse("orgs:show", args=[version.organisation_id])
    if version.asked_day:
        url += f"?ngay={format_date(version.asked_day)}"
    name = link(url, version.name)
    former = getattr(version, "former_names", None)
    if former is None:
        return name
    # “UBND xã An Nghĩa” is what was searched; this body is what it has become, or took a part of it.
    said = ". ".join(
        words % {"names": "; ".join(names)}
        for words, names in (
            (gettext("%(names)s, nay là cơ quan này"), former.whole),
            (gettext("Tiếp nhận một phần của %(names)s"), former.part),
        )
        if names
    )
    return format_html('{}<br><span class="muted small">{}</span>', name, said)


def _kind(version: Any) -> str:
    return str(OrgKind(version.kind).label)


class OrganisationTable(Table):
    """Bodies that exist on the chosen day."""

    name = "co-quan"
    caption = _("Cơ quan, đơn vị")
    noun = _("cơ quan")
    search = ("search_key",)
    search_hint = _("tên mới hoặc tên cũ, có dấu hay không")
    filter_form = OrganisationFilters
    default_order = "kind"
    empty_title = _("Ngày này chưa có cơ quan nào")
    empty_icon = "building-community"
    columns = (
        Column("name", _("Tên"), order="sort_key", is_header=True, cell=_named),
        Column("short_name", _("Tên viết tắt"), on_page=False),
        Column("kind", _("Loại"), order=("rank", "sort_key"), value=_kind),
        Column("parent_name", _("Trực thuộc")),
        Column("code", _("Mã"), order="code", css="ref"),
        Column("valid_from", _("Từ ngày"), order="valid__startswith", css="ref"),
    )

    @cached_property
    def day(self) -> date:
        form = self.form
        assert isinstance(form, OrganisationFilters)  # noqa: S101 - the class above names it
        return form.day

    def filter(self, rows: Any, chosen: dict[str, Any]) -> VersionQuerySet:
        # The search knows names of other days too, so it begins the list instead of narrowing it.
        found = find_organisations(self.searched, on=self.day)
        if chosen.get("loai"):
            found = found.filter(kind=chosen["loai"])
        return with_parent_names(found, self.day)

    def _found(self, rows: Any) -> Any:
        return rows

    @cached_property
    def lines(self) -> list[Line]:
        if self.searched:
            rows = list(self.page.object_list)
            ids = [row.organisation_id for row in rows]
            former = former_names(self.searched, ids, on=self.day)
            for row in rows:
                row.former_names = former.get(row.organisation_id)
            self.page.object_list = rows
        return super().lines

    def group_of(self, row: Any) -> Any:
        return _kind(row)


class MemberTable(BodySearch):
    """The bodies of a group on a day."""

    name = "thanh-vien"
    caption = _("Thành viên")
    noun = _("cơ quan")
    search = ("search_key",)
    default_order = ""
    per_page = 200
    empty_title = _("Vào ngày này nhóm không có cơ quan nào")
    empty_text = _(
        "Nhiệm vụ giao cho nhóm từ ngày này cần người có thẩm quyền chỉ định nhóm thay thế."
    )
    empty_icon = "users"
    columns = (
        Column("name", _("Tên"), is_header=True, cell=_named),
        Column("short_name", _("Tên viết tắt"), on_page=False),
        Column("kind", _("Loại"), value=_kind),
        Column("code", _("Mã"), css="ref"),
    )


def with_parent_names(versions: VersionQuerySet, day: date) -> VersionQuerySet:
    """Add `parent_name`, what the body above is called on the day, and the day itself."""
    above = OrganisationVersion.objects.on(day).filter(organisation=OuterRef("parent_id"))
    return versions.annotate(
        parent_name=Subquery(above.values("short_name")[:1]),
        asked_day=Value(day, output_field=DateField()),
    )
