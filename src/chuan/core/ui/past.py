"""Lists as they were on an earlier day: `?ngay=2026-11-20` in the address, kept by every link on the page.

looked = look(request, since=first_day_known)
rows = queries.rows_on(looked.past)          # None: as they are now
… {"looked": looked}                          # {% include "ui/parts/past.html" %}
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone

from chuan.lib.vietnamese import BadDate, parse_date

DAY = "ngay"


@dataclass(frozen=True, slots=True)
class Look:
    """The day a page tells about. `asked` is what the address says, as far as it could be read."""

    today: date
    past: date | None = None
    since: date | None = None
    asked: str = ""
    is_unreadable: bool = False
    is_in_future: bool = False
    # What else the address asks for, for the form that chooses the day.
    kept: tuple[tuple[str, str], ...] = ()

    @property
    def on(self) -> date:
        return self.past or self.today

    @property
    def is_before_history(self) -> bool:
        """Nothing is known of such a day: no number of it is a count."""
        return self.past is not None and (self.since is None or self.past < self.since)

    @property
    def query(self) -> dict[str, str]:
        """What a link has to carry to stay on the same day."""
        return {DAY: self.past.isoformat()} if self.past else {}

    @property
    def tail(self) -> str:
        """The same behind an address that has a query already: `&ngay=2026-11-20`, or nothing."""
        return f"&{urlencode(self.query)}" if self.past else ""

    @property
    def back(self) -> str:
        """The same page as it is today."""
        return f"?{urlencode(self.kept)}"


def look(request: HttpRequest, *, since: date | None = None) -> Look:
    """The day asked for. Today and no day at all are the same; a day to come, or one that cannot be
    read, shows today and says so.

    :param since: the first day of which anything is known.
    """
    today = timezone.localdate()
    asked = request.GET.get(DAY, "").strip()
    kept = tuple(
        (name, value)
        for name, values in request.GET.lists()
        if name not in {DAY, "trang", "export"}
        for value in values
    )
    if not asked:
        return Look(today, since=since, kept=kept)
    try:
        day = parse_date(asked)
    except BadDate:
        return Look(today, since=since, asked=asked, is_unreadable=True, kept=kept)
    if day > today:
        return Look(today, since=since, asked=asked, is_in_future=True, kept=kept)
    past = day if day < today else None
    return Look(today, past, since, asked if past else "", kept=kept)
