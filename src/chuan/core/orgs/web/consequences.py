"""All of one kind that a reorganisation touches: the whole list behind a line of the preview."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, overload

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from chuan.core.orgs import queries
from chuan.core.orgs.queries.dependents import Found, Sample, consequence_of
from chuan.core.orgs.web.signed_in import SignedIn
from chuan.core.ui.tables import Column, Table, link


class _Told:
    """The rows of what was found, told page by page."""

    def __init__(self, found: Found) -> None:
        self._found = found

    def __len__(self) -> int:
        rows = self._found.rows
        return rows.count() if hasattr(rows, "query") else len(rows)

    @overload
    def __getitem__(self, wanted: int) -> Sample: ...
    @overload
    def __getitem__(self, wanted: slice) -> list[Sample]: ...
    def __getitem__(self, wanted: int | slice) -> Sample | list[Sample]:
        if isinstance(wanted, int):
            return self._found.tell(self._found.rows[wanted])
        return [self._found.tell(row) for row in self._found.rows[wanted]]

    def __iter__(self) -> Iterator[Sample]:
        return (self._found.tell(row) for row in self._found.rows)


class ConsequenceTable(Table):
    name = "he-qua"
    caption = _("Những gì gắn với các cơ quan trong sự kiện")
    noun = _("mục")
    empty_title = _("Không có gì để xem")
    columns = (
        Column(
            "title",
            _("Nội dung"),
            is_header=True,
            css="wide",
            cell=lambda one: link(one.url, one.title) if one.url else one.title,
        ),
        Column("text", _("Chi tiết")),
    )


@require_safe
def show_consequence(request: SignedIn, event_id: int, kind: str) -> HttpResponse:
    event = get_object_or_404(queries.events_visible_to(request.user), pk=event_id)
    one = consequence_of(kind, queries.affected_of(event), request.user)
    if one is None:
        raise Http404
    rows: Any = _Told(one.found)
    table = ConsequenceTable(request, rows)
    return table.download() or render(
        request, "orgs/event_consequence.html", {"event": event, "one": one, "table": table}
    )
