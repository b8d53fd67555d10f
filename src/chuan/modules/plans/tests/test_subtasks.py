"""A body shares out among its own people what it owes; it stays inside the body."""

from datetime import date, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.core.audit.models import Entry
from chuan.core.notices.models import Notice
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied
from chuan.modules.plans import facade, rules
from chuan.modules.plans.models import Subtask
from chuan.modules.plans.operations import subtasks as operations
from chuan.modules.plans.queries.subtasks import shared_of, subtasks_of
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    SubtaskFactory,
    TaskFactory,
    clerk_of,
    coordinator_of,
    head_of,
    leader_of,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 9, tzinfo=VIETNAM)


@pytest.fixture(autouse=True)
def _in_october():
    with time_machine.travel(NOW, tick=False):
        yield


class Scene:
    """One assignment, and the head and the clerk of the body that owes it."""

    def __init__(self):
        self.assignment = AssignmentFactory()
        self.head = head_of(self.assignment.organisation)
        self.clerk = clerk_of(self.assignment.organisation)
        self.page = reverse("plans:assignment", args=[self.assignment.pk])

    def add(self, **fields):
        asked = {"title": "Tổng hợp số liệu", "person": self.clerk, "due_on": date(2026, 10, 20)}
        return operations.add_subtask(
            actor=self.head, assignment=self.assignment, at=NOW, **(asked | fields)
        )


@pytest.fixture
def scene(db):
    return Scene()


def test_whoever_is_given_a_part_is_told_and_finds_it_among_their_own_work(scene):
    subtask = scene.add()

    (mine,) = facade.subtasks_of(scene.clerk, on=NOW.date())
    assert (mine.id, mine.due_on) == (subtask.pk, date(2026, 10, 20))
    assert not facade.subtasks_of(scene.head, on=NOW.date())
    assert Notice.objects.get(person=scene.clerk).title.endswith("Tổng hợp số liệu")
    assert Entry.objects.filter(action="plans.subtask_added").count() == 1


def test_it_may_be_for_a_division_that_has_no_account(scene):
    subtask = scene.add(person=None, division="Phòng Kế hoạch")

    assert subtask.division == "Phòng Kế hoạch"
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"title": ""}, "title"), ({"person": None}, "person"), ({"person": "another"}, "person")],
)
def test_what_is_missing_is_said_at_its_field(scene, fields, field):
    if fields.get("person") == "another":
        fields = {"person": PersonFactory()}

    with pytest.raises(ValidationError) as refused:
        scene.add(**fields)

    assert list(refused.value.error_dict) == [field]


def test_each_step_is_undone_by_its_opposite(scene):
    subtask = scene.add()
    actor = {"actor": scene.clerk, "subtask": subtask, "at": NOW}

    operations.finish_subtask(**actor)
    with pytest.raises(Denied, match="đã xong"):
        operations.drop_subtask(**actor)
    operations.reopen_subtask(**actor)
    operations.drop_subtask(**actor)
    with pytest.raises(Denied, match="đã bỏ"):
        operations.finish_subtask(**actor)
    operations.restore_subtask(**actor)

    stored = Subtask.objects.get()
    assert (stored.done_on, stored.dropped_at, stored.version) == (None, None, 5)
    assert Entry.objects.filter(action__startswith="plans.subtask").count() == 5


def test_two_people_changing_one_part_see_each_other(scene):
    subtask = scene.add()
    asked = {"subtask": subtask, "version": 1, "division": "Văn phòng", "at": NOW}
    operations.change_subtask(actor=scene.head, title="Một", **asked)

    with pytest.raises(rules.Conflict):
        operations.change_subtask(actor=scene.clerk, title="Hai", **asked)


def test_what_is_done_suggests_how_far_the_whole_is_and_moves_nothing(scene):
    SubtaskFactory(assignment=scene.assignment, done=True)
    SubtaskFactory(assignment=scene.assignment)
    SubtaskFactory(assignment=scene.assignment)
    SubtaskFactory(assignment=scene.assignment, dropped=True)

    shared = shared_of(subtasks_of(scene.assignment, scene.clerk))

    assert (shared.done, shared.total, shared.percent) == (1, 3, 33)
    scene.assignment.refresh_from_db()
    assert (scene.assignment.percent, scene.assignment.version) == (None, 1)


def test_it_is_read_inside_the_body_alone(client, scene):
    scene.add(title="Việc riêng của cơ quan")
    plan = scene.assignment.task.plan
    outside = [
        coordinator_of(plan),
        leader_of(plan),
        PersonFactory(role=Role.PROVINCIAL_LEADER),
        PersonFactory(role=Role.AUDITOR),
    ]

    client.force_login(scene.clerk)
    assert "Việc riêng của cơ quan" in client.get(scene.page).content.decode()
    for person in outside:
        client.force_login(person)
        answer = client.get(scene.page)
        assert answer.status_code == 200
        assert "Việc riêng của cơ quan" not in answer.content.decode()
        assert not subtasks_of(scene.assignment, person)


def test_nothing_is_shared_out_of_what_is_followed_by_its_heading():
    secret = AssignmentFactory(task=TaskFactory(heading_only=True))
    clerk = clerk_of(secret.organisation)

    assert "đầu mục" in rules.share_out.refusal(clerk, secret, NOW.date())


def test_the_head_shares_out_on_pages_and_the_clerk_says_it_is_done(client, scene):
    client.force_login(scene.head)
    form = reverse("plans:add_subtask", args=[scene.assignment.pk])
    assert client.get(form).status_code == 200
    refused = client.post(form, {"title": "Soạn dự thảo"})
    assert refused.status_code == 422
    sent = {"title": "Soạn dự thảo", "person": str(scene.clerk.pk), "due_on": "20/10/2026"}
    assert client.post(form, sent).status_code == 302

    subtask = Subtask.objects.get()
    client.force_login(scene.clerk)
    desk = client.get(reverse("my_work:list")).content.decode()
    assert "Soạn dự thảo" in desk
    client.post(reverse("plans:move_subtask", args=[subtask.pk, "xong"]))
    assert "1/1 phần đã xong" in client.get(scene.page).content.decode()
    told = client.get(reverse("plans:post_update", args=[scene.assignment.pk])).content.decode()
    assert "gợi ý tiến độ" in told
    assert client.post(reverse("plans:move_subtask", args=[subtask.pk, "khac"])).status_code == 404


def test_a_page_saved_over_a_colleagues_change_shows_both(client, scene):
    subtask = scene.add()
    operations.change_subtask(
        actor=scene.head, subtask=subtask, version=1, title="Mới", division="Văn phòng", at=NOW
    )
    client.force_login(scene.clerk)

    answer = client.post(
        reverse("plans:change_subtask", args=[subtask.pk]),
        {"version": 1, "title": "Của tôi", "division": "Phòng Một"},
    )

    assert answer.status_code == 409
    assert "Mới" in answer.content.decode()
    assert "Của tôi" in answer.content.decode()


def test_the_page_and_the_desk_cost_the_same_for_one_and_for_many(client, scene):
    client.force_login(scene.clerk)

    def queries():
        SubtaskFactory(assignment=scene.assignment, person=scene.clerk, done=False)
        with CaptureQueriesContext(connection) as of_page:
            client.get(scene.page)
        with CaptureQueriesContext(connection) as of_desk:
            client.get(reverse("my_work:list"))
        return len(of_page), len(of_desk)

    queries()
    one = queries()
    queries()

    assert queries() == one
