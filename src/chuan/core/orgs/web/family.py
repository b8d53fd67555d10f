"""A body's ancestors and successors: a map from left to right as time goes, and how long each was there.

The map is nested lists, so that it reads the same without its lines: bodies, the event that brought
them together or apart, and who took over what. A line is whole where everything was taken over,
broken where a part was; the words say so as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chuan.core.orgs.enums import Share
from chuan.core.orgs.models import ChangeEvent
from chuan.core.orgs.queries.family import Family, Relative, spans_of
from chuan.core.orgs.queries.versions import Name
from chuan.lib.vietnamese import format_date

ONE_DAY = timedelta(days=1)
# A stretch of time is drawn this wide; the page scales it.
WIDE, HIGH = 1000, 22

Span = tuple[date | None, date | None]


@dataclass(frozen=True, slots=True)
class Kin:
    """A body on the map: a box with its days, and the line to the event beside it."""

    organisation_id: int
    name: str
    url: str
    days: str
    is_whole: bool
    is_confirmed: bool
    clause: str
    joints: tuple[Joint, ...] = ()


@dataclass(frozen=True, slots=True)
class Joint:
    """An event between two generations, and those on its far side; `hidden`: how many more."""

    event: ChangeEvent
    url: str
    kin: tuple[Kin, ...]
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Life:
    """A row of the timeline. `step`: how many events away, 0 for the body itself."""

    name: str
    url: str
    days: str
    drawn: SafeString
    side: str
    step: int
    is_whole: bool = True
    is_confirmed: bool = True
    clause: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class FamilyPage:
    """What the page of a body shows of its family."""

    label: str
    own: str
    own_days: str
    before: tuple[Joint, ...]
    after: tuple[Joint, ...]
    lives: tuple[Life, ...]
    years: tuple[int, int]
    hidden: int

    @property
    def is_long(self) -> bool:
        """Whether the map has three generations or more: its boxes are drawn narrower then."""
        return _depth(self.before) + _depth(self.after) > 1


def family_page(family: Family, name: Name, today: date) -> FamilyPage | None:
    """The map and the timeline; None for a body without relatives. One query."""
    if not family.before and not family.after:
        return None
    flat = [*_flat(family.before, is_before=True), *_flat(family.after, is_before=False)]
    spans = spans_of({name.organisation_id, *(one.organisation_id for one, _before, _n in flat)})
    label = _("Sơ đồ của %(name)s: %(before)s cơ quan trước, %(after)s cơ quan kế thừa.")
    scale = _Scale.of(spans.values(), [one.event.effective_on for one, _b, _n in flat], today)
    return FamilyPage(
        label=label
        % {"name": name.short_name, "before": family.all_before, "after": family.all_after},
        own=name.short_name,
        own_days=_days(spans.get(name.organisation_id, (None, None))),
        before=_joints(family.before, family.before_hidden, spans, is_before=True),
        after=_joints(family.after, family.after_hidden, spans, is_before=False),
        lives=_lives(flat, name, spans, scale),
        years=(scale.first.year, (scale.until - ONE_DAY).year),
        hidden=family.before_hidden + family.after_hidden,
    )


# ---------------------------------------------------------------- the map


def _joints(
    relatives: Sequence[Relative], hidden: int, spans: dict[int, Span], *, is_before: bool
) -> tuple[Joint, ...]:
    """Relatives by the event that joined or parted them, in the order of time."""
    by_event: dict[int, list[Relative]] = {}
    for one in relatives:
        by_event.setdefault(one.event.pk, []).append(one)
    last = next(reversed(by_event), None)
    return tuple(
        Joint(
            event=members[0].event,
            url=reverse("orgs:event", args=[pk]),
            kin=tuple(_kin(one, spans, is_before=is_before) for one in members),
            # What is left out comes after what is shown, so it is said where the list ends.
            hidden=hidden if pk == last else 0,
        )
        for pk, members in by_event.items()
    )


def _depth(joints: Sequence[Joint]) -> int:
    return max((1 + _depth(kin.joints) for joint in joints for kin in joint.kin), default=0)


def _kin(one: Relative, spans: dict[int, Span], *, is_before: bool) -> Kin:
    return Kin(
        organisation_id=one.organisation_id,
        name=one.name.short_name,
        url=_url(one, is_before=is_before),
        days=_days(spans.get(one.organisation_id, (None, None))),
        is_whole=one.share == Share.FULL,
        is_confirmed=one.is_confirmed,
        clause=one.clause,
        joints=_joints(one.others, one.hidden, spans, is_before=is_before),
    )


def _url(one: Relative, *, is_before: bool) -> str:
    """Its page on the last day before the event, or on the first day after."""
    day = one.event.effective_on - ONE_DAY if is_before else one.event.effective_on
    return f"{reverse('orgs:show', args=[one.organisation_id])}?ngay={format_date(day)}"


def _days(span: Span) -> str:
    first, until = span
    if until is None:
        return _("từ %(day)s") % {"day": format_date(first)} if first else _("đang hoạt động")
    last = format_date(until - ONE_DAY)
    if first is None:
        return _("đến %(day)s") % {"day": last}
    return f"{format_date(first)} – {last}"


# ---------------------------------------------------------------- the timeline


@dataclass(frozen=True, slots=True)
class _Scale:
    """Days as places along a line."""

    first: date
    until: date

    @classmethod
    def of(cls, spans: Iterable[Span], events: Iterable[date], today: date) -> _Scale:
        """Whole years, from the one before the first change to the one of today or the last change."""
        changes = list(events)
        first = min([min(changes) - timedelta(days=365), *(day for day, _u in spans if day)])
        return cls(date(first.year, 1, 1), date(max([today, *changes]).year + 1, 1, 1))

    def at(self, day: date) -> int:
        days = min(max(day, self.first), self.until) - self.first
        return WIDE * days.days // (self.until - self.first).days

    def drawn(self, span: Span, *, is_own: bool) -> SafeString:
        """A bar over the years; the numbers stand beside it."""
        left = self.at(span[0] or self.first)
        right = self.at(span[1] or self.until)
        years = format_html_join(
            "",
            '<path class="life-year" d="M{} 0V{}"/>',
            (
                (self.at(date(year, 1, 1)), HIGH)
                for year in range(self.first.year + 1, self.until.year)
            ),
        )
        return format_html(
            '<svg class="life" aria-hidden="true" viewBox="0 0 {} {}" preserveAspectRatio="none">'
            '{}<rect class="{}" x="{}" y="5" width="{}" height="{}"/></svg>',
            WIDE, HIGH, years, "life-own" if is_own else "life-bar", left, max(right - left, 6),
            HIGH - 10,
        )  # fmt: skip


def _lives(
    flat: Sequence[tuple[Relative, bool, int]], name: Name, spans: dict[int, Span], scale: _Scale
) -> tuple[Life, ...]:
    """One row a link, those before first, the body itself between."""

    def life(one: Relative, is_before: bool, step: int) -> Life:
        span = spans.get(one.organisation_id, (None, None))
        return Life(
            name=one.name.short_name,
            url=_url(one, is_before=is_before),
            days=_days(span),
            drawn=scale.drawn(span, is_own=False),
            side=_("Cơ quan trước") if is_before else _("Cơ quan kế thừa"),
            step=step,
            is_whole=one.share == Share.FULL,
            is_confirmed=one.is_confirmed,
            clause=one.clause,
            note=one.note,
        )

    def in_order(side: bool) -> list[Life]:
        mine = [row for row in flat if row[1] is side]
        return [life(*row) for row in sorted(mine, key=lambda row: row[0].event.effective_on)]

    span = spans.get(name.organisation_id, (None, None))
    own = Life(
        name=name.short_name,
        url="",
        days=_days(span),
        drawn=scale.drawn(span, is_own=True),
        side=_("Cơ quan đang xem"),
        step=0,
    )
    return (*in_order(True), own, *in_order(False))


def _flat(
    relatives: Sequence[Relative], *, is_before: bool, step: int = 1
) -> list[tuple[Relative, bool, int]]:
    rows = []
    for one in relatives:
        rows.append((one, is_before, step))
        rows += _flat(one.others, is_before=is_before, step=step + 1)
    return rows
