"""What a dashboard shows, counted and drawn up: figures, charts and the map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import OrganisationVersion
from chuan.core.people.models import Person
from chuan.flows.overview.engine.charts import Chart, Number, Row, Series, spread
from chuan.flows.overview.engine.tiles import Place, read_places
from chuan.modules.plans import facade as plans
from chuan.modules.plans.facade import Achievement, Timeliness, TimelinessCounts

_PLACES = Path(__file__).parent / "data" / "tiles.csv"
STANDINGS = tuple(Timeliness)
_TONES = {
    Timeliness.ON_TIME: "accent",
    Timeliness.LATE: "warn",
    Timeliness.IN_TIME: "mute",
    Timeliness.OVERDUE: "bad",
}
_ACHIEVED = {
    Achievement.COMPLETE: "accent",
    Achievement.SUBSTANTIAL: "soft",
    Achievement.LIMITED: "warn",
    Achievement.NOT_STARTED: "mute",
    Achievement.NO_EVIDENCE: "mute",
}


class Whose(StrEnum):
    """Whose work a dashboard tells of."""

    WHOLE = "whole"
    BODY = "body"
    PERSON = "person"


@dataclass(frozen=True)
class Asked:
    """One dashboard as it was asked for.

    :param past: the day looked back on, when it is over; then it is `on` as well.
    :param organisation_ids: the only bodies counted; None for all.
    """

    whose: Whose
    plan_id: int
    year: int
    on: date
    past: date | None = None
    organisation_ids: frozenset[int] | None = None
    group: str = ""
    told_by: Person | None = None

    def rows_url(self, *, year: int | None = None, **narrowed: int | str) -> str:
        """The list of exactly what is counted, narrowed further by numbers and codes of ours, which need
        no quoting: asked for once a number, a thousand times a page."""
        more = "".join(f"&{name}={value}" for name, value in narrowed.items())
        address, kept, day = self._rows_url
        return f"{address}?nam={year or self.year}{kept}{more}{day}"

    @cached_property
    def _rows_url(self) -> tuple[str, str, str]:
        """The list, what of it belongs to this dashboard, and its day."""
        query: dict[str, object] = {"vai": plans.PartyRole.LEAD.value, "giao": "con"}
        if self.whose == Whose.BODY and self.organisation_ids:
            query["co-quan"] = min(self.organisation_ids)
        if self.whose == Whose.PERSON:
            query["cua-toi"] = 1
        if self.group:
            query["nhom"] = self.group
        day = f"&ngay={self.past.isoformat()}" if self.past else ""
        address = reverse("plans:assignments", args=[self.plan_id])
        return address, f"&{urlencode(query)}", day

    def body_url(self, organisation_id: int) -> str:
        """The dashboard of one body, of the same year and day."""
        day = f"&ngay={self.past.isoformat()}" if self.past else ""
        address = reverse("overview:body", args=[organisation_id])
        return f"{address}?ke-hoach={self.plan_id}&nam={self.year}{day}"


@dataclass(frozen=True, slots=True)
class Dashboard:
    overview: plans.Overview
    numbers: tuple[Number, ...]
    total: Number
    charts: tuple[Chart, ...]


def dashboard(asked: Asked) -> Dashboard:
    """The four figures and the charts. Four queries, however many bodies and tasks."""
    found = plans.overview(
        asked.plan_id,
        asked.year,
        on=asked.on,
        past=asked.past,
        organisation_ids=asked.organisation_ids,
        group=asked.group,
        told_by=asked.told_by,
    )
    return Dashboard(
        overview=found,
        numbers=_four(asked, found.counts),
        total=Number(found.counts.total, asked.rows_url()),
        charts=(
            _by_year(asked, found),
            _by_age(asked, found),
            _by_achievement(asked, found),
            _by_task(asked, found),
        ),
    )


def _four(
    asked: Asked, counts: TimelinessCounts, *, year: int | None = None, **narrowed: int | str
) -> tuple[Number, ...]:
    return tuple(
        Number(counts.of(kind), asked.rows_url(year=year, han=kind.value, **narrowed))
        for kind in STANDINGS
    )


def four_series() -> tuple[Series, ...]:
    return tuple(Series(kind.label, _TONES[kind]) for kind in STANDINGS)


def _by_year(asked: Asked, found: plans.Overview) -> Chart:
    return Chart(
        key="nam",
        title=_("Xu hướng từng năm"),
        is_trend=True,
        subject=_("Năm"),
        series=four_series(),
        rows=[
            Row(
                str(year),
                _four(asked, counts, year=year),
                Number(counts.total, asked.rows_url(year=year)),
            )
            for year, counts in found.by_year.items()
        ],
        definition=_(
            "Phân công chủ trì có kỳ thực hiện trong từng năm, theo tình trạng của ngày xem; việc "
            "kéo dài nhiều năm tính ở mỗi năm."
        ),
        formula=_(
            "Đúng hạn + trễ hạn + còn hạn + quá hạn = tổng số phân công chủ trì của năm; đường vẽ "
            "tỷ lệ của mỗi nhóm trong tổng số đó."
        ),
    )


def _by_age(asked: Asked, found: plans.Overview) -> Chart:
    ages = plans.ages()
    counts = spread(found.ages, [age.code for age in ages])
    return Chart(
        key="tuoi",
        title=_("Việc quá hạn đã bao lâu"),
        subject=_("Đã quá hạn"),
        series=(Series(_("Quá hạn"), "bad"),),
        rows=[
            Row(age.label, (number,), number)
            for age, count in zip(ages, counts, strict=True)
            for number in (Number(count, asked.rows_url(qua=age.code)),)
        ],
        definition=_("Phân công chủ trì chưa hoàn thành, theo số ngày lịch từ hạn đến ngày xem."),
        formula=_("Số ngày = ngày xem − ngày hạn; các khoảng cộng lại bằng tổng số quá hạn."),
    )


def _by_achievement(asked: Asked, found: plans.Overview) -> Chart:
    levels = list(reversed(Achievement))
    counts = spread(found.achievement, [level.value for level in levels])
    return Chart(
        key="muc",
        title=_("Mức độ hoàn thành"),
        subject=_("Mức độ"),
        series=(Series(_("Phân công"), "soft"),),
        rows=[
            Row(level.label, (number,), number)
            for level, count in zip(levels, counts, strict=True)
            for number in (Number(count, asked.rows_url(muc=level.value)),)
        ],
        definition=_("Mức độ cơ quan chủ trì tự đánh giá, “hoàn thành” phải có minh chứng."),
        formula=_("Năm mức cộng lại bằng tổng số phân công chủ trì của năm."),
    )


def _by_task(asked: Asked, found: plans.Overview) -> Chart:
    return Chart(
        key="nhiem-vu",
        title=_("Từng nhiệm vụ"),
        subject=_("Nhiệm vụ"),
        series=four_series(),
        rows=[
            Row(
                f"{task.code} {task.short_text}",
                _four(asked, task.counts, nhiem_vu=task.id),
                Number(task.counts.total, asked.rows_url(nhiem_vu=task.id)),
                url=f"{reverse('plans:task', args=[asked.plan_id, task.id])}?nam={asked.year}",
            )
            for task in found.by_task
        ],
        definition=_("Phân công chủ trì của năm theo nhiệm vụ trong phụ lục kế hoạch."),
        formula=_("Tỷ lệ của mỗi phần = số phân công của phần đó chia cho tổng của nhiệm vụ."),
        shares=True,
    )


# ---------------------------------------------------------------- bodies, and where they lie


@dataclass(frozen=True, slots=True)
class Tile:
    """One body on the map: its colour is how much of its work is overdue, told in words as well."""

    name: str
    url: str
    counts: TimelinessCounts

    @property
    def tone(self) -> str:
        if not self.counts.overdue:
            return "done" if self.counts.done == self.counts.total else "ok"
        return "bad" if self.counts.overdue * 4 >= self.counts.total else "warn"


@dataclass(frozen=True, slots=True)
class Block:
    title: str
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Bodies:
    """Bodies with work in the year, in the order of their names, as a chart and as a map."""

    chart: Chart | None
    blocks: tuple[Block, ...]


def bodies(
    asked: Asked,
    overview: plans.Overview,
    *,
    first: int = 0,
    most: int | None = None,
    with_table: bool = True,
) -> tuple[int, Bodies]:
    """How many bodies there are, and so many of them. Two queries."""
    counts = overview.by_body()
    known = _known(overview.first_day)
    order = sorted(counts, key=lambda pk: _place_in_list(known.get(pk), pk))
    page = order[first : None if most is None else first + most]
    shown = {pk: counts[pk] for pk in page}
    names = {pk: Called(*known[pk][:3]) for pk in page if pk in known}
    return len(order), Bodies(
        chart=_by_body(asked, shown, names) if with_table else None,
        blocks=tuple(_blocks(asked, shown, names)),
    )


class Called(NamedTuple):
    """What a body was when the year's work was given out."""

    name: str
    kind: str
    code: str


def _known(on: date) -> dict[int, tuple[str, str, str, str]]:
    """Every body that had begun by the day, as it was last called by then, and what it is sorted by;
    one query."""
    rows = (
        OrganisationVersion.objects.filter(Q(valid__startswith__lte=on) | Q(valid__lower_inf=True))
        .order_by("organisation", "-valid")
        .distinct("organisation")
        .values_list("organisation_id", "short_name", "kind", "code", "sort_key")
    )
    return {row[0]: row[1:] for row in rows}


_RANKS: dict[str, int] = {
    OrgKind.PROVINCIAL: 0,
    OrgKind.ARMED: 0,
    OrgKind.DISTRICT: 1,
    OrgKind.COMMUNE: 2,
}


def _place_in_list(body: tuple[str, str, str, str] | None, pk: int) -> tuple[int, str, int]:
    if body is None:
        return (len(_RANKS), "", pk)
    _name, kind, _code, sort_key = body
    return (_RANKS.get(kind, len(_RANKS)), sort_key, pk)


def _by_body(
    asked: Asked, counts: Mapping[int, TimelinessCounts], names: Mapping[int, Called]
) -> Chart:
    return Chart(
        key="co-quan",
        title=_("Từng cơ quan"),
        subject=_("Cơ quan"),
        series=four_series(),
        rows=[
            Row(
                names[pk].name if pk in names else f"#{pk}",
                _four(asked, found, **{"co-quan": pk}),
                Number(found.total, asked.rows_url(**{"co-quan": pk})),
                url=asked.body_url(pk),
            )
            for pk, found in counts.items()
        ],
        definition=_("Phân công chủ trì của năm theo cơ quan, gọi tên như khi được giao."),
        formula=_("Tỷ lệ của mỗi phần = số phân công của phần đó chia cho tổng của cơ quan."),
        shares=True,
    )


def _blocks(
    asked: Asked, counts: Mapping[int, TimelinessCounts], names: Mapping[int, Called]
) -> Iterable[Block]:
    """Communes where they lie, district by former district; those the map does not know at the end."""
    places = _places()
    found: dict[str, list[tuple[int, Tile]]] = {}
    for pk, of_body in counts.items():
        name = names.get(pk)
        if name is None or name.kind != OrgKind.COMMUNE:
            continue
        place = places.get(name.code) or Place("", 0)
        tile = Tile(_bare(name.name), asked.rows_url(**{"co-quan": pk}), of_body)
        found.setdefault(place.block, []).append((place.position, tile))
    order = [*dict.fromkeys(place.block for place in places.values()), ""]
    for block in order:
        if block in found:
            tiles = sorted(found[block], key=lambda pair: pair[0])
            title = block or _("Chưa có trên bản đồ")
            yield Block(title, tuple(tile for _position, tile in tiles))


def _bare(name: str) -> str:
    """“UBND xã Tuy Phước” is Tuy Phước on a tile."""
    for prefix in ("UBND phường ", "UBND xã "):
        name = name.removeprefix(prefix)
    return name


@cache
def _places() -> dict[str, Place]:
    return read_places(_PLACES.read_text(encoding="utf-8"))
