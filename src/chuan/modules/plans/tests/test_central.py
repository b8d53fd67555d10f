"""Documents from above: their tasks, and which tasks of a plan carry them out."""

from datetime import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.core.audit.models import Entry
from chuan.core.legal.operations import load_legal_sources
from chuan.modules.plans.models import CentralTask
from chuan.modules.plans.operations.central import load_central_tasks, set_central_links
from chuan.modules.plans.rules import Conflict
from chuan.modules.plans.testing import VIETNAM, PlanFactory, TaskFactory, clerk_of, coordinator_of

pytestmark = pytest.mark.django_db

AT = datetime(2026, 5, 20, 9, tzinfo=VIETNAM)


@pytest.fixture
def plan():
    load_legal_sources()
    load_central_tasks()
    return PlanFactory(tasks=3)


def central(code, notation="1703/QĐ-TTg"):
    return CentralTask.objects.get(code=code, source__notation=notation)


def link(plan, task, *rows, seen=()):
    return set_central_links(
        actor=coordinator_of(plan), task=task, seen=seen, wanted=[row.pk for row in rows], at=AT
    )


def test_loading_twice_adds_nothing_and_every_row_says_where_it_is_from(plan):
    assert load_central_tasks() == 0
    assert CentralTask.objects.count() == 7
    assert not CentralTask.objects.filter(known_from="").exists()
    assert not CentralTask.objects.filter(is_compared=True).exists()


def test_a_task_carries_out_what_the_coordinator_says_and_the_ledger_has_it(plan):
    task = plan.tasks.first()
    link(plan, task, central("I"), central("1", "08-NQ/TW"))
    link(plan, task, central("I"), seen=[central("I").pk, central("1", "08-NQ/TW").pk])

    assert [one.central for one in task.central_links.all()] == [central("I")]
    last = Entry.objects.filter(action="plans.central_tasks_linked").latest("pk")
    assert last.details["removed"] == [central("1", "08-NQ/TW").pk]


def test_links_are_not_saved_over_a_colleagues_or_to_nothing(plan):
    task = plan.tasks.first()
    link(plan, task, central("I"))

    with pytest.raises(Conflict):
        link(plan, task, central("II"))
    with pytest.raises(ValidationError):
        set_central_links(
            actor=coordinator_of(plan), task=task, seen=[central("I").pk], wanted=[0], at=AT
        )


def test_the_page_of_a_document_tells_what_is_carried_out_and_what_is_not(plan, client):
    task = plan.tasks.get(code="I.2")
    link(plan, task, central("I"))
    client.force_login(coordinator_of(plan))
    page = client.get(reverse("plans:parent", args=[central("I").source_id]))

    rows = {one.central.code: [task.code for task in one.tasks] for one in page.context["covered"]}
    assert rows == {"I": ["I.2"], "II": [], "III": [], "IV": [], "V": [], "VI": []}
    assert "5 trên 6 nhiệm vụ chưa có nhiệm vụ nào của tỉnh thực hiện." in page.text
    assert "Chưa đối chiếu với văn bản chính thức" in page.text


def test_coordinators_link_on_the_page_and_others_read_the_links(plan, client):
    task = plan.tasks.first()
    edit = reverse("plans:central_links", args=[plan.pk, task.pk])
    client.force_login(coordinator_of(plan))
    client.post(edit, {"seen": "", "central": [str(central("II").pk)]})
    client.force_login(clerk_of(plan.managed_by))

    assert "1703/QĐ-TTg" in client.get(reverse("plans:task", args=[plan.pk, task.pk])).text
    assert client.get(edit).status_code == 403


def test_the_page_costs_the_same_however_many_tasks_carry_a_document_out(plan, client):
    client.force_login(coordinator_of(plan))
    page = reverse("plans:parent", args=[central("I").source_id])
    first, *others = plan.tasks.all()
    link(plan, first, central("I"))

    def queries():
        with CaptureQueriesContext(connection) as made:
            client.get(page)
        return len(made)

    queries()
    one = queries()
    for task in [*others, TaskFactory(plan=plan)]:
        link(plan, task, central("I"), central("II"))

    assert queries() == one
