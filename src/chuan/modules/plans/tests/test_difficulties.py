from datetime import date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from chuan.core.audit.models import Entry
from chuan.core.calendar.testing import DayExceptionFactory
from chuan.core.legal.testing import StatutoryParameterFactory
from chuan.core.notices.models import Notice
from chuan.core.orgs.testing import OrganisationFactory
from chuan.lib.rules import Denied
from chuan.modules.plans.enums import DIFFICULTY_MOVES, DifficultyState
from chuan.modules.plans.operations import difficulties as operations
from chuan.modules.plans.rules import Conflict
from chuan.modules.plans.testing import (
    VIETNAM,
    DifficultyFactory,
    PlanFactory,
    TaskFactory,
    clerk_of,
    coordinator_of,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 1, 9, tzinfo=VIETNAM)  # a Tuesday, the day before the national day


def raise_one(plan, body, **changes):
    given = {
        "actor": clerk_of(body),
        "plan": plan,
        "organisation_id": body.pk,
        "title": "Chưa có kinh phí",
        "text": "Dự toán chưa bố trí.",
        "at": NOW,
    }
    return operations.raise_difficulty(**given | changes)


def deal(name, difficulty, text="Nội dung", **changes):
    field = {
        "answer": "answer",
        "escalate": "escalation",
        "settle": "direction",
        "withdraw": "reason",
    }[name]
    actor = (
        clerk_of(difficulty.organisation) if name == "withdraw" else coordinator_of(difficulty.plan)
    )
    given = {
        "actor": actor,
        "difficulty": difficulty,
        "version": difficulty.version,
        "at": NOW,
        field: text,
    }
    return getattr(operations, f"{name}_difficulty")(**given | changes)


def test_an_answer_is_due_after_the_working_days_the_rule_gives():
    StatutoryParameterFactory(code="plans.difficulty_answer_days", value=5)
    DayExceptionFactory(day=date(2026, 9, 2))

    raised = raise_one(PlanFactory(), OrganisationFactory())

    assert raised.answer_due_on == date(2026, 9, 9)
    assert any("Quốc khánh" in step["text"] for step in raised.answer_due_why)
    assert Entry.objects.get(action="plans.difficulty_raised").subject_id == str(raised.pk)


def test_without_a_rule_there_is_no_day_and_the_reason_is_told():
    raised = raise_one(PlanFactory(), OrganisationFactory())

    assert raised.answer_due_on is None
    assert "plans.difficulty_answer_days" in raised.answer_due_why[0]["text"]


@pytest.mark.parametrize("missing", ["title", "text"])
def test_an_unsaid_difficulty_is_refused(missing):
    with pytest.raises(ValidationError) as refused:
        raise_one(PlanFactory(), OrganisationFactory(), **{missing: ""})

    assert list(refused.value.message_dict) == [missing]


def test_a_task_of_another_plan_is_refused():
    with pytest.raises(ValidationError):
        raise_one(PlanFactory(), OrganisationFactory(), task=TaskFactory())


def test_a_heading_only_task_takes_no_difficulty_in_words(client):
    plan = PlanFactory()
    secret, other = TaskFactory(plan=plan, heading_only=True), TaskFactory(plan=plan)
    body = OrganisationFactory()

    with pytest.raises(Denied, match="chỉ theo dõi đầu mục"):
        raise_one(plan, body, task=secret)

    client.force_login(clerk_of(body))
    page = f"{reverse('plans:raise_difficulty')}?ke-hoach={plan.pk}"
    form = client.get(page).context["form"]
    assert [key for key, _label in form.fields["task"].choices] == ["", str(other.pk)]
    typed = {"organisation": body.pk, "task": secret.pk, "title": "Mật", "text": "Nội dung"}
    assert client.post(page, typed).status_code == 422
    assert not plan.difficulties.exists()


def test_the_department_answers_or_puts_it_to_the_province_which_directs():
    answered = deal("answer", DifficultyFactory(), "Lồng ghép.")
    assert (answered.state, answered.answer) == (DifficultyState.ANSWERED, "Lồng ghép.")

    escalated = deal("escalate", answered, "Đề nghị bố trí.")
    assert (escalated.state, escalated.escalation) == (
        DifficultyState.ESCALATED,
        "Đề nghị bố trí.",
    )

    settled = deal("settle", escalated, "Giao Sở Tài chính.")
    assert (settled.state, settled.direction) == (DifficultyState.SETTLED, "Giao Sở Tài chính.")
    assert settled.answer == "Lồng ghép."


TARGETS = {
    "answer": DifficultyState.ANSWERED,
    "escalate": DifficultyState.ESCALATED,
    "settle": DifficultyState.SETTLED,
    "withdraw": DifficultyState.WITHDRAWN,
}


@pytest.mark.parametrize("state", DifficultyState)
@pytest.mark.parametrize("act", TARGETS)
def test_only_the_moves_of_the_table_are_made(state, act):
    difficulty = DifficultyFactory(state=state)

    if TARGETS[act] in DIFFICULTY_MOVES[state]:
        assert deal(act, difficulty).state == TARGETS[act]
    else:
        with pytest.raises(Denied, match="không chuyển sang"):
            deal(act, difficulty)


def test_who_answers_second_is_shown_the_first_answer():
    difficulty = DifficultyFactory()
    deal("answer", difficulty, "Trả lời trước")

    with pytest.raises(Conflict) as conflict:
        deal("answer", difficulty, "Trả lời sau")

    assert conflict.value.stored.answer == "Trả lời trước"


def test_an_empty_answer_is_refused():
    with pytest.raises(ValidationError):
        deal("answer", DifficultyFactory(), "")


def inbox(person):
    return list(Notice.objects.filter(person=person).values_list("title", "url"))


def test_the_department_is_told_of_a_difficulty_and_its_body_of_what_becomes_of_it():
    plan, body = PlanFactory(), OrganisationFactory()
    coordinator, clerk, stranger = (
        coordinator_of(plan),
        clerk_of(body),
        clerk_of(OrganisationFactory()),
    )

    raised = raise_one(plan, body, actor=clerk)
    url = f"/vuong-mac/{raised.pk}/"
    assert inbox(coordinator) == [("Vướng mắc mới: Chưa có kinh phí", url)]

    deal("answer", raised, actor=coordinator)
    assert inbox(clerk) == [("Vướng mắc đã được trả lời: Chưa có kinh phí", url)]
    assert (len(inbox(coordinator)), inbox(stranger)) == (1, [])
