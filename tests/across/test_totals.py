"""Totals of one year differ between pages for named reasons alone."""

from datetime import datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from chuan.flows.annual_report.testing import IN_TIME, Shelf, a_situation
from chuan.flows.portal.queries.drafts import results_draft
from chuan.flows.portal.testing import publish_plan, publish_results
from chuan.modules.plans import facade as plans
from chuan.modules.plans.facade import Change
from chuan.modules.plans.models import Assignment, Task
from chuan.modules.plans.testing import VIETNAM, AssignmentFactory

pytestmark = pytest.mark.django_db

LATER = datetime(2026, 12, 20, 9, tzinfo=VIETNAM)


@pytest.fixture
def world(monkeypatch, settings, tmp_path):
    """Three bodies with three tasks each, of one task the heading alone; two of the bodies reported."""
    settings.CHUAN_FILES = tmp_path / "files"
    Shelf(counts={}, shares={}).put(monkeypatch)
    with time_machine.travel(IN_TIME, tick=False):
        situation = a_situation(bodies=3, tasks=3)
        plan = Task.objects.first().plan
        situation.accept(0)
        situation.accept(1)
        situation.closed = situation.close(situation.consolidate())
        Task.objects.filter(pk=plan.tasks.order_by("position").first().pk).update(heading_only=True)
    return situation


def totals(world):
    """Public, at the end of the day it was closed, and now."""
    plan_id, year = world.period.plan_id, world.period.year
    public = results_draft(world.closed).content["task_results"]
    then = plans.overview(plan_id, year, on=IN_TIME.date(), past=IN_TIME.date())
    now = plans.overview(plan_id, year, on=timezone.localdate())
    return sum(row["total"] for row in public), then.counts.total, now.counts.total


def test_what_differs_is_what_the_pages_name(world):
    with time_machine.travel(LATER, tick=False):
        first = Assignment.objects.filter(task__heading_only=False).first()
        AssignmentFactory(
            task=first.task,
            organisation=world.department,
            year=world.period.year,
            created_at=LATER,
            updated_at=LATER,
        )

        public, then, now = totals(world)
        changes = plans.Changes(
            world.period.plan_id, world.period.year, IN_TIME.date(), LATER.date()
        ).counts

    unreported = Assignment.objects.filter(
        organisation=world.bodies[2], task__heading_only=False
    ).count()
    headings = Assignment.objects.filter(task__heading_only=True).count()
    assert (public, then, now) == (4, 9, 10)
    assert then - public == headings + unreported
    assert now - then == changes[Change.NEW] - changes[Change.CLOSED]


def test_each_page_says_what_it_counts(world, client):
    with time_machine.travel(LATER, tick=False):
        publish_plan(world, LATER)
        publish_results(world, world.closed, LATER)
        public = client.get(reverse("portal:results", args=[world.period.pk])).content.decode()
        client.force_login(world.coordinator)
        now = client.get(reverse("overview:home")).content.decode()
        then = client.get(reverse("overview:home") + "?ngay=30/11/2026").content.decode()

    assert "Chỉ đếm phân công trong báo cáo đã duyệt của bản tổng hợp đã chốt" in public
    assert "Đếm mọi phân công chủ trì trong năm như đang ghi lúc này" in now
    assert "Đếm phân công chủ trì như đang ghi cuối ngày 30/11/2026" in then
    assert "tu=30%2F11%2F2026" in then
