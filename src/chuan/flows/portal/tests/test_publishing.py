from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from chuan.core.audit.models import Entry
from chuan.flows.annual_report.models import Consolidation
from chuan.flows.annual_report.queries.letters import annexes
from chuan.flows.annual_report.testing import IN_TIME, a_situation
from chuan.flows.portal import operations, testing
from chuan.flows.portal.models import Publication, PublishedFile
from chuan.flows.portal.queries import drafts, public
from chuan.flows.portal.tests.conftest import with_documents
from chuan.lib.rules import Denied
from chuan.modules.plans import facade as plans
from chuan.modules.plans.testing import (
    Assignment,
    Difficulty,
    Task,
    any_is_enough,
    complete,
)


def test_what_is_published_is_what_the_preview_showed(world):
    seen = drafts.plan_draft(world.period.plan_id)

    made = testing.publish_plan(world)

    assert made.content == seen.content
    assert made.sha256 == seen.sha256
    assert Entry.objects.filter(action="portal.published").count() == 1


def test_a_preview_that_is_no_longer_true_publishes_nothing(world):
    with pytest.raises(operations.PreviewOutdated):
        operations.publish_plan(
            actor=world.leader, plan_id=world.period.plan_id, seen="0" * 64, at=IN_TIME
        )

    assert not Publication.objects.exists()


def test_what_changes_later_changes_nothing_in_public(opened):
    before = public.rows_of("task")

    Task.objects.update(text="Nội dung nội bộ mới")

    assert public.rows_of("task") == before


def test_results_wait_for_their_plan(world):
    with pytest.raises(Denied, match="kế hoạch trước"):
        testing.publish_results(world, world.closed)


def test_a_consolidation_that_is_not_closed_stays_inside(world):
    open_one = world.consolidate()

    with pytest.raises(Denied, match="đã chốt"):
        drafts.results_draft(open_one)


def test_an_answer_about_a_heading_only_task_stays_inside(world):
    secret = Task.objects.get(heading_only=True)
    Difficulty.objects.filter(answered_at__isnull=False).update(task=secret)
    answered = next(
        one for one in plans.difficulties_of(world.period.plan_id) if one.answered_at is not None
    )

    with pytest.raises(Denied, match="đầu mục"):
        drafts.answer_draft(answered, question="Hỏi?", answer="Đáp.")


def test_an_answer_needs_words_of_its_own(world):
    testing.publish_plan(world)

    with pytest.raises(ValidationError) as fault:
        testing.publish_answers(world, question=" ", answer="")

    assert set(fault.value.error_dict) == {"question", "answer"}


def test_only_issued_documents_are_opened_and_their_drafts_are_not(plain):
    assert [row["file_name"] for row in public.rows_of("document")] == ["bao-cao.pdf"]


@pytest.mark.parametrize("when", ["as it was added up", "since"])
def test_documents_that_count_a_heading_only_task_stay_inside(world, when):
    if when == "as it was added up":
        made = world.consolidate()
        with_documents(world, made)
        world.closed = world.close(made)
        assert any(task["heading_only"] for task in world.closed.snapshot["tasks"])
        drawn = annexes._tasks_table(world.closed.snapshot)
        assert "Nhiệm vụ chỉ theo dõi đầu mục" in str(drawn)
        # An amendment that says more later does not rewrite what was drawn.
        Task.objects.update(heading_only=False)
    made = Consolidation.objects.select_related("period").get(pk=world.closed.pk)

    draft = drafts.results_draft(made)

    assert (draft.content["documents"], draft.uploads) == ([], ())
    assert drafts.documents_stay_inside(made)


def test_an_older_consolidation_does_not_replace_a_newer_one(world):
    testing.publish_plan(world)
    older = world.closed
    newer = world.close(world.consolidate())
    testing.publish_results(world, newer)

    with pytest.raises(Denied, match="mới hơn"):
        testing.publish_results(world, older)

    live = Publication.objects.get(kind="results", withdrawn_at__isnull=True)
    assert live.consolidation_id == newer.pk


def test_publishing_again_replaces_and_keeps_what_was_there(opened):
    testing.publish_plan(opened)

    assert Publication.objects.filter(kind="plan").count() == 2
    assert len(public.plans()) == 1


def test_taking_a_plan_back_takes_its_results_and_answers_out_of_sight(opened):
    plan = Publication.objects.get(kind="plan")

    operations.withdraw_publication(
        actor=opened.coordinator, publication=plan, reason="Nhầm", at=IN_TIME
    )

    assert not public.open_publications().exists()
    assert Entry.objects.filter(action="portal.withdrawn").count() == 1


def test_taking_back_needs_a_reason(opened):
    with pytest.raises(ValidationError):
        operations.withdraw_publication(
            actor=opened.leader,
            publication=Publication.objects.get(kind="plan"),
            reason=" ",
            at=IN_TIME,
        )


# ---------------------------------------------------------------- followed by its heading alone, since


@pytest.fixture
def told(plain):
    """A whole plan, its results and an answer about its first task, all public."""
    Task.objects.update(text="Nguyên văn riêng của nhiệm vụ")
    testing.publish_plan(plain)
    first = Task.objects.order_by("pk").first()
    Difficulty.objects.filter(answered_at__isnull=False).update(task=first)
    testing.publish_answers(plain)
    return first


def make_secret(task):
    Task.objects.filter(pk=task.pk).update(heading_only=True)


def test_a_task_that_becomes_heading_only_is_out_of_sight_at_once(client, plain, told):
    addresses = {
        name: _address(name, plain, told) for name in ("task", "results", "file", "answer")
    }
    before = {name: client.get(address) for name, address in addresses.items()}
    assert {page.status_code for page in before.values()} == {200}
    assert b"".join(before["file"].streaming_content)
    assert told.text in before["task"].content.decode()

    make_secret(told)

    page = client.get(addresses["task"], headers={"if-none-match": before["task"]["ETag"]})
    assert page.status_code == 200
    assert page["ETag"] != before["task"]["ETag"]
    assert "Last-Modified" not in page
    assert told.text not in page.content.decode()
    assert {client.get(addresses[name]).status_code for name in ("results", "file", "answer")} == {
        404
    }
    row = next(one for one in public.rows_of("task") if one["id"] == told.pk)
    assert (row["heading_only"], row["text"], row["leads"], row["due_on"]) == (True, "", [], None)
    assert public.rows_of("task_result") == public.rows_of("document") == []
    assert not any(told.text in hit.text for hit in public.search(told.code))


def test_publishing_anew_brings_back_what_says_nothing_of_it(client, plain, told):
    make_secret(told)
    assert public.results(plain.period.pk) is None

    testing.publish_plan(plain)
    testing.publish_results(plain, plain.closed)

    shown = public.results(plain.period.pk)
    assert told.pk not in {row["task_id"] for row in shown.content["task_results"]}
    assert shown.content["task_results"]
    assert public.edition().at is None  # the answer about it still waits
    assert client.get(_address("file", plain, told)).status_code == 404


def test_the_desk_says_what_must_be_published_anew(client, plain, told):
    client.force_login(plain.leader)
    assert "Cần công khai lại" not in client.get("/cong-bo/").content.decode()

    make_secret(told)

    page = client.get("/cong-bo/").content.decode()
    assert page.count("Cần công khai lại") == 3
    assert "Có nội dung đang tạm ẩn với người dân" in page


def _address(name, world, task):
    upload = PublishedFile.objects.order_by("pk").first().upload_id
    answer = Publication.objects.filter(kind="answer").first()
    args = {
        "task": [world.period.plan_id, task.code],
        "results": [world.period.pk],
        "file": [upload],
        "answer": [answer.difficulty_id],
    }
    return reverse(f"portal:{name}", args=args[name])


@pytest.mark.parametrize("change", [lambda row: row.update(content={}), lambda row: row.delete()])
def test_a_publication_is_never_rewritten_or_deleted(opened, change):
    row = Publication.objects.filter(kind="answer")

    with pytest.raises(DatabaseError), transaction.atomic():
        change(row)


def test_what_one_body_of_several_did_is_counted_once_and_for_that_body(world):
    """Of a task of which one body is enough, the public reads one, done; nobody else owes it."""
    new = a_situation(bodies=2, tasks=1)
    task = Task.objects.get(plan=new.period.plan)
    any_is_enough(task, at=IN_TIME - timedelta(days=30))
    row = Assignment.objects.get(task=task, organisation=new.bodies[1])
    done = IN_TIME - timedelta(days=20)
    complete(row, at=done)
    any_is_enough(task, at=done)
    for number in range(2):
        new.start(number)
        new.accept(number)
    testing.publish_plan(new)
    testing.publish_results(new, new.close(new.consolidate()))

    def rows(name):
        return [row for row in public.rows_of(name) if row["results_id"] == new.period.pk]

    (of_task,) = rows("task_result")
    assert (of_task["total"], of_task["overdue"]) == (1, 0)
    totals = {row["body_id"]: row["total"] for row in rows("body_result")}
    assert totals == {new.bodies[0].pk: 0, new.bodies[1].pk: 1}
