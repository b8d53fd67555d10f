"""Bodies in the search across everything."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from chuan.core.orgs.queries.versions import Former, find_organisations, former_names
from chuan.core.ui.finding import Found, Hit


def find_bodies(_person: object, text: str, start: int, limit: int) -> Found:
    """Bodies of today by any name they have or had, or that a body before them had."""
    today = timezone.localdate()
    rows = find_organisations(text, on=today)
    page = list(rows[start : start + limit])
    former = former_names(text, [row.organisation_id for row in page], on=today)
    hits = [
        Hit(
            title=row.name,
            url=reverse("orgs:show", args=[row.organisation_id]),
            former=", ".join(former.get(row.organisation_id, Former()).whole),
            former_part=", ".join(former.get(row.organisation_id, Former()).part),
        )
        for row in page
    ]
    return Found(hits, rows.count())
