"""A report that came back: by which day it is due, and what is said of it once it is sent again."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from chuan.flows.annual_report.models import UnitReport
from chuan.flows.annual_report.operations import submission
from chuan.flows.annual_report.testing import IN_TIME

pytestmark = pytest.mark.django_db

RETURNED_AT = IN_TIME.replace(day=22)
AGAIN_AT = IN_TIME.replace(day=24, hour=15, minute=30)


@pytest.fixture
def page(client):
    def go(person, name, *args):
        client.force_login(person)
        answer = client.get(reverse(f"annual_report:{name}", args=args), follow=True)
        return " ".join(answer.content.decode().split())

    return go


def mended(situation, **texts):
    """The report as the unit mends it, all comments answered."""
    report = UnitReport.objects.get(pk=situation.report.pk)
    situation.fill(at=AGAIN_AT, **texts)
    report.comments.update(
        resolved_by=situation.clerks[0], resolved_at=AGAIN_AT, reply="Đã thêm số cơ sở."
    )
    return UnitReport.objects.get(pk=report.pk)


def sent_again(situation, **texts):
    situation.submit()
    situation.return_it(at=RETURNED_AT, text="Thiếu số cơ sở.")
    report = mended(situation, **texts)
    return submission.submit_report(
        actor=situation.heads[0], report=report, revision=report.revision, at=AGAIN_AT
    )


@pytest.mark.parametrize("name", ["check", "submit"])
def test_the_pages_before_sending_again_count_to_the_day_of_the_return(situation, page, name):
    situation.submit()
    with time_machine.travel(RETURNED_AT, tick=False):
        report = situation.return_it(at=RETURNED_AT)

        told = page(situation.heads[0], name, report.pk)

    assert report.returned_due_on == (RETURNED_AT + timedelta(days=7)).date()
    assert "29/11/2026</b>, còn 5 ngày làm việc." in told
    assert "quá hạn" not in told


def test_a_report_sent_once_says_when(situation, page):
    report = situation.submit()

    assert "Gửi lúc" in page(situation.heads[0], "show", report.pk)


@pytest.mark.parametrize("name", ["show", "review", "history"])
def test_a_report_sent_again_says_both_when_first_and_when_last(situation, page, name):
    report = sent_again(situation)
    person = situation.coordinator if name == "review" else situation.heads[0]

    told = page(person, name, report.pk)

    first, _, again = told.partition("gửi lại <span")
    assert "Gửi lần đầu" in first
    assert "09:00, 10/11/2026</span>, đúng hạn;" in first
    assert again.split("</span>")[0].endswith("15:30, 24/11/2026")
