"""What the database itself refuses, whoever asks."""

from datetime import datetime, time, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from chuan.core.audit.models import Entry
from chuan.flows.annual_report.enums import ReportState
from chuan.flows.annual_report.models import (
    ConsolidatedTask,
    ReportItem,
    UnitReport,
)
from chuan.flows.annual_report.testing import a_situation
from chuan.modules.plans.testing import LockExceptionFactory

pytestmark = pytest.mark.django_db


def refuses(act):
    with pytest.raises(DatabaseError, match="annual_report"), transaction.atomic():
        act()


@pytest.mark.parametrize("field", ["summary", "difficulties", "proposals", "next_year"])
@pytest.mark.parametrize("state", [ReportState.SUBMITTED, ReportState.ACCEPTED, ReportState.CLOSED])
def test_the_texts_of_a_report_stay_as_they_were_sent(situation, state, field):
    report = situation.report_in(state)

    refuses(lambda: UnitReport.objects.filter(pk=report.pk).update(**{field: "Lén sửa."}))


def test_an_item_is_not_moved_out_of_or_into_a_report_that_was_sent(shelf, db):
    situation = a_situation(bodies=2)
    sent, draft = situation.submit(0), situation.start(1)
    items = ReportItem.objects

    refuses(lambda: items.filter(report=sent).update(report=draft))
    refuses(lambda: items.filter(report=draft).update(report=sent))


def test_a_text_is_not_moved_into_a_consolidation_that_is_closed(situation):
    situation.accept()
    closed = situation.close(situation.consolidate())
    draft = situation.consolidate()
    ConsolidatedTask.objects.filter(consolidation=draft).update(narrative="Bản nháp.")

    refuses(lambda: draft.tasks.update(consolidation=closed))
    refuses(lambda: closed.tasks.update(consolidation=draft))


# ---------------------------------------------------------------- the period's lock day


def on_day(day):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('chuan.clock', %s, true)", [f"{day}T09:00:00+07"])


def test_from_the_lock_day_on_raw_sql_writes_in_no_report_of_the_period(situation):
    report = situation.start()
    items, rows = ReportItem.objects.filter(report=report), UnitReport.objects.filter(pk=report.pk)
    lock = situation.period.locks_on
    on_day(lock - timedelta(days=1))
    items.update(narrative="Kịp.")

    on_day(lock)
    refuses(lambda: items.update(narrative="Muộn."))
    refuses(lambda: items.delete())
    refuses(lambda: rows.update(summary="Muộn."))
    refuses(lambda: rows.update(state=ReportState.SUBMITTED))
    assert items.exclude(narrative="Kịp.").count() == 0


@pytest.mark.parametrize("field", ["returned_due_on", "extended_due_on"])
def test_a_day_of_its_own_keeps_a_report_open_past_the_lock(situation, field):
    report = situation.start()
    lock = situation.period.locks_on
    UnitReport.objects.filter(pk=report.pk).update(**{field: lock + timedelta(days=3)})
    items = ReportItem.objects.filter(report=report)

    on_day(lock + timedelta(days=3))
    items.update(narrative="Trong ngày được cho.")

    on_day(lock + timedelta(days=4))
    refuses(lambda: items.update(narrative="Muộn."))


def test_an_exception_opens_the_period_for_its_body_until_its_time(situation):
    report = situation.start()
    period = situation.period
    opened = timezone.make_aware(datetime.combine(period.locks_on, time.min))
    LockExceptionFactory(
        plan=period.plan,
        organisation=report.organisation,
        kind="reports",
        number=period.pk,
        title=period.title,
        reason="Số liệu sai.",
        requested_by=situation.clerks[0],
        requested_at=opened,
        approved_by=situation.coordinator,
        approved_at=opened,
        expires_at=opened + timedelta(days=2),
    )
    items = ReportItem.objects.filter(report=report)

    on_day(period.locks_on + timedelta(days=1))
    items.update(narrative="Sửa khi được mở.")

    on_day(period.locks_on + timedelta(days=2))
    refuses(lambda: items.update(narrative="Hết giờ."))


def test_closing_the_consolidation_of_a_year_locks_the_year(situation):
    situation.accept()
    situation.close(situation.consolidate())

    entry = Entry.objects.get(action="plans.year_locked")
    assert entry.details["year"] == situation.period.year
