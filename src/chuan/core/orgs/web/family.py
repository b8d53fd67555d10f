"""A body's ancestors and successors as a picture, and the same as rows of a table.

The picture reads from top to bottom as time does: who was before, the body itself, who came after.
A line is whole where everything was taken over, broken where a part was.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chuan.core.orgs.enums import Share
from chuan.core.orgs.queries.family import Family, Relative
from chuan.core.orgs.queries.versions import Name
from chuan.lib.vietnamese import format_date

ONE_DAY = timedelta(days=1)
WIDTH, LEFT, INDENT, GAP = 300, 22, 16, 10
# A line of a name holds so many letters at the picture's own size.
LETTERS = 36
LINE = 18


@dataclass(frozen=True, slots=True)
class Kin:
    """A row of the table beside the picture. `step` is how many events away it is."""

    name: str
    url: str
    side: str
    step: int
    day: date
    event: str
    event_url: str
    is_whole: bool
    is_confirmed: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Box:
    """A body as it is placed: its left and top, its lines of text, and its line to the rail."""

    left: int
    top: int
    lines: Sequence[str]
    note: str
    rail: int = 0
    is_part: bool = False
    css: str = ""

    @property
    def height(self) -> int:
        return LINE * len(self.lines) + (16 if self.note else 0) + 12

    @property
    def middle(self) -> int:
        return self.top + self.height // 2


class Picture:
    """Places every box, then draws them as one SVG."""

    def __init__(self, family: Family, name: Name) -> None:
        self.boxes: list[_Box] = []
        self.lines: list[tuple[str, str]] = []
        self.at = 2
        self._before(family.before, family.before_hidden, depth=1)
        own = self._place(0, _wrapped(name.short_name, LETTERS + 2), "", css="kin-own")
        for rail, top, is_part in self._waiting.pop(1, []):
            self._draw(rail, top, own.top, is_part=is_part)
        self._after(own, family.after, family.after_hidden, depth=1)

    @property
    def _waiting(self) -> dict[int, list[tuple[int, int, bool]]]:
        """Lines that still have to come down to a box of the depth."""
        kept: dict[int, list[tuple[int, int, bool]]] = self.__dict__.setdefault("_open", {})
        return kept

    def _before(self, relatives: Sequence[Relative], hidden: int, *, depth: int) -> None:
        """Those before stand above the one they became; theirs above them, further in."""
        rail = 10 + (depth - 1) * INDENT
        for one in relatives:
            self._before(one.others, one.hidden, depth=depth + 1)
            box = self._relative(one, depth, is_before=True)
            for further, top, is_part in self._waiting.pop(depth + 1, []):
                self._draw(further, top, box.top, is_part=is_part)
            self._stub(rail, box)
            self._waiting.setdefault(depth, []).append((rail, box.middle, box.is_part))
        if hidden:
            self._more(hidden, depth)

    def _after(
        self, above: _Box, relatives: Sequence[Relative], hidden: int, *, depth: int
    ) -> None:
        """Those after stand below the one they were made of; theirs below them, further in."""
        rail = 10 + (depth - 1) * INDENT
        for one in relatives:
            box = self._relative(one, depth, is_before=False)
            self._draw(rail, above.top + above.height, box.middle, is_part=box.is_part, arrow=False)
            self._stub(rail, box)
            self._after(box, one.others, one.hidden, depth=depth + 1)
        if hidden:
            self._more(hidden, depth)

    def _relative(self, one: Relative, depth: int, *, is_before: bool) -> _Box:
        day = one.event.effective_on
        until = format_date(day - ONE_DAY)
        note = (
            _("đến %(day)s") % {"day": until}
            if is_before
            else _("từ %(day)s") % {"day": format_date(day)}
        )
        share = _("toàn bộ") if one.share == Share.FULL else _("một phần")
        left = LEFT + (depth - 1) * INDENT
        letters = LETTERS - 2 * depth
        return self._place(
            left,
            _wrapped(one.name.short_name, letters),
            f"{note} · {share}",
            is_part=one.share != Share.FULL,
        )

    def _more(self, hidden: int, depth: int) -> None:
        words = _("và %(count)s cơ quan khác") % {"count": hidden}
        self._place(LEFT + (depth - 1) * INDENT, [words], "", css="kin-more")

    def _place(
        self,
        left: int,
        lines: Sequence[str],
        note: str,
        *,
        is_part: bool = False,
        css: str = "",
    ) -> _Box:
        box = _Box(left, self.at, lines, note, is_part=is_part, css=css)
        self.boxes.append(box)
        self.at += box.height + GAP
        return box

    def _stub(self, rail: int, box: _Box) -> None:
        css = "kin-line kin-part" if box.is_part else "kin-line"
        self.lines.append((css, f"M{rail} {box.middle}H{box.left}"))

    def _draw(self, x: int, top: int, bottom: int, *, is_part: bool, arrow: bool = True) -> None:
        css = "kin-line kin-part" if is_part else "kin-line"
        self.lines.append((css, f"M{x} {top}V{bottom}"))
        if arrow:
            self.lines.append(
                ("kin-tip", f"M{x - 4} {bottom - 6}L{x} {bottom}L{x + 4} {bottom - 6}")
            )

    def drawn(self, label: str) -> SafeString:
        paths = format_html_join("", '<path class="{}" d="{}"/>', self.lines)
        boxes = format_html_join("", "{}", ((self._box(box),) for box in self.boxes))
        return format_html(
            '<svg class="kin" role="img" aria-label="{}" viewBox="0 0 {} {}" width="{}" '
            'height="{}">{}{}</svg>',
            label, WIDTH, self.at, WIDTH, self.at, paths, boxes,
        )  # fmt: skip

    def _box(self, box: _Box) -> SafeString:
        x = box.left + 10
        texts = format_html_join(
            "",
            '<text class="kin-name" x="{}" y="{}">{}</text>',
            ((x, box.top + 18 + LINE * at, line) for at, line in enumerate(box.lines)),
        )
        note = (
            format_html(
                '<text class="kin-note" x="{}" y="{}">{}</text>',
                x, box.top + 18 + LINE * len(box.lines) - 1, box.note,
            )
            if box.note
            else ""
        )  # fmt: skip
        return format_html(
            '<g class="{}"><rect class="kin-box" x="{}" y="{}" width="{}" height="{}" rx="6"/>'
            "{}{}</g>",
            f"kin-body {box.css}".strip(), box.left, box.top, WIDTH - box.left - 1, box.height,
            texts, note,
        )  # fmt: skip


def _wrapped(name: str, letters: int) -> list[str]:
    return textwrap.wrap(name, letters, max_lines=3, placeholder=" …") or [""]


def picture_of(family: Family, name: Name) -> SafeString | str:
    """The picture; "" for a body without relatives."""
    if not family.before and not family.after:
        return ""
    label = _(
        "Sơ đồ thời gian của %(name)s: %(before)s cơ quan trước, %(after)s cơ quan kế thừa. "
        "Bảng bên cạnh ghi đầy đủ."
    ) % {"name": name.short_name, "before": family.all_before, "after": family.all_after}
    return Picture(family, name).drawn(label)


def rows_of(family: Family) -> list[Kin]:
    """The same for the table: the oldest first."""
    rows = [*_flat(family.before, is_before=True), *_flat(family.after, is_before=False)]
    return sorted(rows, key=lambda row: row.day)


def _flat(relatives: Sequence[Relative], *, is_before: bool, step: int = 1) -> list[Kin]:
    rows = []
    for one in relatives:
        day = one.event.effective_on
        shown = day - ONE_DAY if is_before else day
        url = reverse("orgs:show", args=[one.organisation_id])
        rows.append(
            Kin(
                name=one.name.short_name,
                url=f"{url}?ngay={format_date(shown)}",
                side=_("Cơ quan trước") if is_before else _("Cơ quan kế thừa"),
                step=step,
                day=day,
                event=one.event.title,
                event_url=reverse("orgs:event", args=[one.event.pk]),
                is_whole=one.share == Share.FULL,
                is_confirmed=one.is_confirmed,
                note=one.note,
            )
        )
        rows += _flat(one.others, is_before=is_before, step=step + 1)
    return rows
