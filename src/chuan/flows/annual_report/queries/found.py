"""Reports in the search across everything."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from chuan.core.orgs.queries import known_as, names_on
from chuan.core.people.models import Person
from chuan.core.ui.finding import Found, Hit
from chuan.flows.annual_report.models import ReportingPeriod
from chuan.flows.annual_report.queries.reports import reports_visible_to
from chuan.lib.vietnamese import clean, fold


def find_reports(person: Person, text: str, start: int, limit: int) -> Found:
    """Every word stands in the title of the period or in a name the body has or had."""
    today = timezone.localdate()
    titles = [(pk, fold(title)) for pk, title in ReportingPeriod.objects.values_list("pk", "title")]
    words = fold(clean(text)).split()[:6]
    if not words:
        return Found([], 0)
    wanted = Q()
    for word in words:
        periods = [pk for pk, title in titles if word in title]
        wanted &= Q(period__in=periods) | Q(organisation__in=known_as(word))
    rows = reports_visible_to(person).filter(wanted).order_by("-period__year", "-period", "pk")
    page = list(rows[start : start + limit])
    names = names_on({row.organisation_id for row in page}, today)
    hits = [
        Hit(
            title=str(names[row.organisation_id]),
            url=reverse("annual_report:show", args=[row.pk]),
            text=row.period.title,
        )
        for row in page
    ]
    return Found(hits, rows.count())
