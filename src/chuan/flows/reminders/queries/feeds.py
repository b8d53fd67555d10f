"""The deadlines a person's calendar program reads."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.flows.annual_report import facade as reports
from chuan.flows.reminders.engine.icalendar import Deadline, calendar
from chuan.flows.reminders.models import CalendarFeed
from chuan.lib.language import in_vietnamese
from chuan.modules.plans import facade as plans

UNIT = (Role.UNIT_CLERK, Role.UNIT_HEAD)
# Deadlines of the plan lie up to years ahead; a calendar is read for the time one plans.
AHEAD = timedelta(days=400)


def hash_of(key: str) -> str:
    """The key has 256 random bits: nobody guesses it, so it needs no salt and no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()


def feed_of(person: Person) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(person=person).first()


def reader_of(key: str) -> Person | None:
    """Whose calendar a key opens; nobody's once it was withdrawn or the account is closed."""
    feed = (
        CalendarFeed.objects.filter(key_hash=hash_of(key), person__is_active=True)
        .select_related("person")
        .first()
    )
    return feed.person if feed else None


def bodies_in_calendar(person: Person, on: date) -> frozenset[int]:
    """Whose work the calendar has: of who watches over others' work, nothing."""
    return person.organisation_ids(*UNIT, on=on)


@in_vietnamese
def calendar_of(person: Person, on: date) -> bytes:
    """What the bodies a person works in owe from a day on, and what is late, as RFC 5545 has it.

    The same bytes for as long as nothing changed that day.
    """
    own = bodies_in_calendar(person, on)
    due_by = on + AHEAD
    work = plans.owed_work(on, due_by=due_by, organisation_ids=own)
    parts = plans.owed_parts(on, due_by=due_by, organisation_ids=own)
    of_plan = {
        pk: f" ({name})"
        for pk, name in plans.names_if_several(
            [*(one.plan_id for one in work), *(one.plan_id for one in parts)]
        ).items()
    }
    found = [
        *(
            _deadline(
                "work",
                one.id,
                one.due_on,
                f"{one.task_code} {one.task_short_text}{of_plan.get(one.plan_id, '')}",
                one.url,
            )
            for one in work
        ),
        *(
            _deadline(
                "part",
                one.id,
                one.due_on,
                (_("Góp phần: %s") % one.text) + of_plan.get(one.plan_id, ""),
                one.url,
            )
            for one in parts
        ),
        *(
            _deadline("report", one.id, one.due_on, _("Gửi: %s") % one.title, one.url)
            for one in reports.owed_reports(on, due_by=due_by, organisation_ids=own)
        ),
    ]
    midnight = timezone.make_aware(datetime.combine(on, time()))
    ordered = sorted(found, key=lambda one: (one.day, one.uid))
    return calendar(_("Hạn việc Chuẩn"), ordered, at=midnight)


def _deadline(kind: str, pk: int, day: date, text: str, path: str) -> Deadline:
    url = settings.CHUAN_URL + path
    host = settings.CHUAN_URL.partition("://")[2]
    return Deadline(
        f"{kind}-{pk}@{host}", day, _("Hạn: %s") % text, _("Mở trong hệ thống: %s") % url, url
    )
