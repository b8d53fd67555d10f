from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chuan.core.orgs.engine.proposals import Link, Plan, Proposal, is_known
from chuan.core.orgs.enums import ChangeKind, EventState, Share, Stance
from chuan.core.orgs.models import ChangeEvent
from chuan.core.orgs.web.event_forms import EventFilters
from chuan.core.ui.tables import Column, Table, link
from chuan.core.ui.templatetags.pieces import icon, status
from chuan.lib.vietnamese import format_date

_FACT_LABELS = {
    "name": _("tên"),
    "short_name": _("tên viết tắt"),
    "kind": _("loại"),
    "subtype": _("loại đơn vị hành chính"),
    "parent": _("cơ quan cấp trên"),
    "code": _("mã đơn vị"),
    "eoffice_code": _("mã văn bản điện tử"),
    "tax_code": _("mã số thuế"),
    "notation": _("ký hiệu văn bản"),
    "head_position": _("người đứng đầu"),
    "seat": _("địa danh"),
    "email": _("thư điện tử"),
}


def _event_status(event: Any) -> Any:
    return status(f"event_{event.state}")


class EventTable(Table):
    """Reorganisations, newest first."""

    name = "su-kien"
    caption = _("Sự kiện sắp xếp cơ quan")
    noun = _("sự kiện")
    filter_form = EventFilters
    default_order = "-effective_on"
    empty_title = _("Chưa có sự kiện nào")
    empty_icon = "git-merge"
    columns = (
        Column(
            "title",
            _("Sự kiện"),
            is_header=True,
            cell=lambda one: link(reverse("orgs:event", args=[one.pk]), one.title),
        ),
        Column("effective_on", _("Có hiệu lực"), order=("effective_on", "pk"), css="ref"),
        Column("kind", _("Loại"), value=lambda one: str(ChangeKind(one.kind).label)),
        Column("basis", _("Căn cứ")),
        Column(
            "state",
            _("Trạng thái"),
            cell=_event_status,
            export=lambda one: str(EventState(one.state).label),
        ),
    )

    def filter(self, rows: Any, chosen: dict[str, Any]) -> Any:
        if chosen.get("trang_thai"):
            rows = rows.filter(state=chosen["trang_thai"])
        return rows.filter(kind=chosen["loai"]) if chosen.get("loai") else rows


@dataclass(frozen=True, slots=True)
class Kin:
    """Another body of the event, and whether all or part of one goes to the other."""

    name: str
    share: Share
    clause: str = ""

    def __str__(self) -> str:
        words = f"{self.name} ({Share(self.share).label.lower()}"
        return f"{words}; {self.clause})" if self.clause else f"{words})"


@dataclass(frozen=True, slots=True)
class Fate:
    """What the event does to one body: a row of the preview."""

    name: str
    what: str
    icon: str
    group: str
    url: str = ""
    changes: str = ""
    given: tuple[Kin, ...] = ()
    taken: tuple[Kin, ...] = ()


def _named(fate: Fate) -> Any:
    return link(fate.url, fate.name) if fate.url else fate.name


def _what(fate: Fate) -> Any:
    return format_html(
        "{}{}",
        format_html("{} {}", icon(fate.icon), fate.what),
        (
            format_html('<br><span class="muted small">{}</span>', fate.changes)
            if fate.changes
            else ""
        ),
    )


def _kin(kin: Iterable[Kin]) -> Any:
    return format_html_join(mark_safe("<br>"), "{}", ((str(one),) for one in kin)) or "–"


class FateTable(Table):
    """What an event does, body by body; the same before and after it is confirmed."""

    name = "thay-doi"
    caption = _("Từng cơ quan trong sự kiện")
    noun = _("cơ quan")
    search = ("name",)
    default_order = ""
    empty_title = _("Chưa chọn cơ quan nào")
    empty_icon = "building-community"
    columns = (
        Column("name", _("Cơ quan"), is_header=True, cell=_named),
        Column("what", _("Thay đổi"), cell=_what, export=lambda one: f"{one.what} {one.changes}"),
        Column(
            "given",
            _("Chuyển cho"),
            cell=lambda one: _kin(one.given),
            export=lambda one: "; ".join(map(str, one.given)),
        ),
        Column(
            "taken",
            _("Nhận từ"),
            cell=lambda one: _kin(one.taken),
            export=lambda one: "; ".join(map(str, one.taken)),
        ),
    )

    def group_of(self, row: Any) -> Any:
        return row.group


def fates_of(proposal: Proposal, plan: Plan | None, names: Mapping[str, str]) -> list[Fate]:
    """The rows of a proposal; with the plan of what confirming writes, those carried along too."""
    given, taken = _kin_by_ref(proposal.links, names)
    order = [Stance.ENDS, Stance.WAS, Stance.BEGINS, Stance.GOES_ON]
    day = format_date(proposal.on)
    words = {
        Stance.ENDS: (gettext("Kết thúc từ ngày %(day)s"), "ban", gettext("Kết thúc")),
        Stance.WAS: (gettext("Có trước, kết thúc từ ngày %(day)s"), "ban", gettext("Kết thúc")),
        Stance.BEGINS: (gettext("Thành lập từ ngày %(day)s"), "plus", gettext("Thành lập mới")),
        Stance.GOES_ON: (gettext("Tiếp tục hoạt động"), "check", gettext("Tiếp tục hoạt động")),
    }
    rows = []
    for part in sorted(proposal.parts, key=lambda one: order.index(one.stance)):
        what, icon_name, group = words[part.stance]
        rows.append(
            Fate(
                name=names.get(part.ref, part.ref),
                what=what % {"day": day},
                icon=icon_name,
                group=group,
                url=_url(part.ref),
                changes=_changes(part.facts, names) if part.stance == Stance.GOES_ON else "",
                given=tuple(given[part.ref]),
                taken=tuple(taken[part.ref]),
            )
        )
    return rows + (_carried(plan, names) if plan else [])


def fates_of_links(event: ChangeEvent, names: Mapping[tuple[int, Any], Any]) -> list[Fate]:
    """The rows of an event that came with the data files: its links are all that is known."""
    eve = event.effective_on.fromordinal(event.effective_on.toordinal() - 1)
    given: dict[int, list[Kin]] = defaultdict(list)
    for one in event.links.order_by("pk"):
        after = names[one.successor_id, event.effective_on]
        given[one.predecessor_id].append(Kin(str(after), Share(one.share), one.clause))
    return [
        Fate(
            name=str(names[pk, eve]),
            what=gettext("Cơ quan trước sự kiện"),
            icon="building",
            group="",
            url=_url(str(pk)),
            given=tuple(kin),
        )
        for pk, kin in given.items()
    ]


def _carried(plan: Plan, names: Mapping[str, str]) -> list[Fate]:
    carried = [(one.ref, one.facts) for one in plan.beginnings if one.is_carried]
    carried += [(one.spell.ref, one.facts) for one in plan.amendments if one.is_carried]
    return [
        Fate(
            name=facts["name"],
            what=gettext("Chuyển theo cơ quan cấp trên"),
            icon="sitemap",
            group=gettext("Cơ quan trực thuộc chuyển theo"),
            url=_url(ref),
            changes=_changes({"parent": facts["parent"]}, names),
        )
        for ref, facts in carried
    ]


def _kin_by_ref(
    links: Iterable[Link], names: Mapping[str, str]
) -> tuple[dict[str, list[Kin]], dict[str, list[Kin]]]:
    given: dict[str, list[Kin]] = defaultdict(list)
    taken: dict[str, list[Kin]] = defaultdict(list)
    for one in links:
        given[one.predecessor].append(
            Kin(names.get(one.successor, one.successor), one.share, one.clause)
        )
        taken[one.successor].append(
            Kin(names.get(one.predecessor, one.predecessor), one.share, one.clause)
        )
    return given, taken


def _changes(facts: Mapping[str, str], names: Mapping[str, str]) -> str:
    told = []
    for name, value in facts.items():
        words = names.get(value, value) if name == "parent" else value
        told.append(f"{_FACT_LABELS[name]}: {words or '–'}")
    text = "; ".join(told)
    return text[:1].upper() + text[1:]


def _url(ref: str) -> str:
    return reverse("orgs:show", args=[int(ref)]) if is_known(ref) else ""
