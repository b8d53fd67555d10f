"""What stops being reminded of when a body ends, told to whoever reorganises it."""

from __future__ import annotations

from datetime import timedelta

from chuan.core.orgs.queries.dependents import Affected, Found, Sample
from chuan.core.people.models import Person
from chuan.flows.annual_report import facade as reports
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import facade as plans

# Whoever reorganises looks this far ahead: the first rung of the ladder.
AHEAD = timedelta(days=30)


def reminders_hanging_on(affected: Affected, reader: object) -> Found:
    """Work, contributions and reports that bodies about to end are reminded of up to the day before,
    nearest first."""
    if not affected.ended:
        return Found(0)
    eve = affected.on - timedelta(days=1)
    due_by = affected.on + AHEAD
    found = [
        *(
            (one.due_on, f"{one.task_code} {one.task_short_text}", one.url)
            for one in plans.owed_work(eve, due_by=due_by, organisation_ids=affected.ended)
        ),
        *(
            (one.due_on, f"{one.task_code} {one.text}", one.url)
            for one in plans.owed_parts(eve, due_by=due_by, organisation_ids=affected.ended)
        ),
        *(
            (one.due_on, one.title, one.url)
            for one in reports.owed_reports(eve, due_by=due_by, organisation_ids=affected.ended)
        ),
    ]
    if not isinstance(reader, Person) or not plans.may_see_plans(reader):
        return Found(len(found))
    found.sort(key=lambda one: (one[0], one[2]))
    return Found(len(found), [Sample(title, format_date(due), url) for due, title, url in found])
