"""The list of reports as it was on an earlier day."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from chuan.flows.annual_report.enums import ReportState, StepKind
from chuan.flows.annual_report.queries.past import LEAVES
from chuan.flows.annual_report.testing import IN_TIME, a_situation

pytestmark = pytest.mark.django_db
NEXT_DAY, THIRD_DAY = IN_TIME + timedelta(days=1), IN_TIME + timedelta(days=2)


@pytest.fixture
def situation(shelf):
    found = a_situation(bodies=3)
    found.submit(0)
    with time_machine.travel(NEXT_DAY, tick=False):
        found.accept(0, at=NEXT_DAY)
        found.submit(1, at=NEXT_DAY)
        found.exclude(1, at=NEXT_DAY)
    return found


def listed(client, situation, day, query=""):
    with time_machine.travel(THIRD_DAY, tick=False):
        client.force_login(situation.coordinator)
        return client.get(
            f"{reverse('annual_report:list')}?ky={situation.period.pk}"
            f"&ngay={timezone.localdate(day):%Y-%m-%d}{query}"
        )


def test_reports_stand_where_they_stood_and_the_filters_add_up(client, situation):
    answer = listed(client, situation, IN_TIME)

    counts = answer.context["counts"]
    assert (counts.to_review, counts.missing, counts.expected) == (1, 2, 3)
    everything, *parts = answer.context["choices"]
    assert everything.count == sum(part.count for part in parts) == 3
    for part in parts:
        with time_machine.travel(THIRD_DAY, tick=False):
            shown = client.get(reverse("annual_report:list") + part.url).context["collected"]
        assert shown.count == part.count
    states = {row.state_then for row in answer.context["collected"].page.object_list}
    assert states == {ReportState.SUBMITTED, ReportState.DRAFT}


def test_what_happened_the_day_after_is_told_of_the_day_after(client, situation):
    counts = listed(client, situation, NEXT_DAY).context["counts"]

    assert (counts.accepted, counts.excluded, counts.missing) == (1, 1, 1)


def test_a_day_before_the_period_opened_has_no_list(client, situation):
    page = listed(client, situation, situation.period.opened_at - timedelta(days=3))

    assert "Hệ thống giữ số liệu từ ngày" in page.content.decode()


def test_every_step_leaves_a_state_or_changes_none():
    assert set(StepKind) - set(LEAVES) == {
        StepKind.MADE_READY,
        StepKind.GIVEN_BACK,
        StepKind.READMITTED,
        StepKind.URGED,
    }
