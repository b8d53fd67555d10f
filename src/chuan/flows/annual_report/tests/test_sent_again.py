"""A report that came back: by which day it is due, and what is said of it once it is sent again."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from chuan.flows.annual_report.enums import ReportSection
from chuan.flows.annual_report.models import UnitReport
from chuan.flows.annual_report.operations import entry, submission
from chuan.flows.annual_report.queries.mending import mending_of
from chuan.flows.annual_report.testing import IN_TIME
from chuan.modules.plans.testing import Assignment

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


# ---------------------------------------------------------------- what the department reads


def top_of(text):
    return text.split('id="gui-lai"')[1].split("</section>")[0]


def test_a_report_sent_again_says_at_the_top_what_it_answers_and_what_changed(situation, page):
    report = sent_again(situation, text="Đã phổ biến tới 12 cơ sở.")
    task = Assignment.objects.get().task

    told = page(situation.coordinator, "review", report.pk)

    assert told.index('id="gui-lai"') < told.index('id="nhiem-vu"')
    top = top_of(told)
    assert "Trả lại lúc 09:00, 22/11/2026, gửi lại lúc 15:30, 24/11/2026." in top
    answered, changed = top.split("Phần đã thay đổi từ khi trả lại")
    assert "Thiếu số cơ sở." in answered
    assert "Đã thêm số cơ sở." in answered
    assert changed.count("<li>") == 1
    assert f'<a href="#muc-{report.items.get().pk}">{task.code} {task.short_text}' in changed


def test_texts_and_figures_that_changed_are_named_too(situation, shelf, page):
    body = situation.bodies[0].pk
    shelf.counts[body] = 3
    situation.submit()
    situation.return_it(at=RETURNED_AT)
    shelf.counts[body] = 4
    report = UnitReport.objects.get(pk=situation.report.pk)
    entry.sync_report(actor=situation.clerks[0], report=report, at=AGAIN_AT)
    report = mended(situation)
    entry.save_section(
        actor=situation.clerks[0],
        report=report,
        section=ReportSection.SUMMARY,
        version=report.version,
        texts={"summary": "Viết lại phần chung."},
        is_finished=True,
        at=AGAIN_AT,
    )
    report.refresh_from_db()
    submission.submit_report(
        actor=situation.heads[0], report=report, revision=report.revision, at=AGAIN_AT
    )

    assert mending_of(UnitReport.objects.get(pk=report.pk)).changed == [
        "figure:tests.inspections",
        "summary",
    ]


def test_a_report_sent_again_as_it_was_says_that_nothing_changed(situation, page):
    report = sent_again(situation)

    top = top_of(page(situation.coordinator, "review", report.pk))

    assert "Không có phần nào thay đổi nội dung từ khi trả lại." in top


@pytest.mark.parametrize("state", ["submitted", "returned"])
def test_a_report_not_sent_again_has_nothing_of_that(situation, page, state):
    report = situation.submit()
    if state == "returned":
        situation.return_it(at=RETURNED_AT)

    assert "gui-lai" not in page(situation.coordinator, "review", report.pk)
