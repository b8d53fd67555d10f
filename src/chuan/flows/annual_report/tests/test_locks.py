"""What the database itself refuses, whoever asks."""

import pytest
from django.db import DatabaseError, transaction

from chuan.flows.annual_report.enums import ReportState
from chuan.flows.annual_report.models import ConsolidatedTask, ReportItem, UnitReport
from chuan.flows.annual_report.testing import a_situation

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
