"""Nothing but what the table of fields lists ever reaches an address that is open to everybody."""

import pytest
from django.test import Client
from django.urls import resolve, reverse

from chuan.core.documents.models import DocumentFile, OfficialDocument
from chuan.core.files.models import Upload
from chuan.flows.annual_report.models import ReportingPeriod
from chuan.flows.annual_report.testing import a_situation
from chuan.flows.portal import operations, testing
from chuan.flows.portal.parsing.fields import NotPublished, emit, never, resources
from chuan.flows.portal.queries import drafts, public
from chuan.flows.portal.tests.conftest import with_documents
from chuan.flows.portal.tests.crawling import (
    WORD,
    crawl,
    leaks,
    sources,
    taint,
    taint_what_is_never_published,
)
from chuan.modules.plans.testing import (
    ContributionRequestFactory,
    Difficulty,
    Party,
    Plan,
    PlanFactory,
    ProgressUpdateFactory,
    Task,
    TaskFactory,
)
from tests.architecture.test_doors import PUBLIC, ROUTES

pytestmark = pytest.mark.slow


@pytest.fixture
def tainted(world):
    """A furnished site in which all that must stay inside carries a canary."""
    from chuan.modules.plans.testing import Assignment  # noqa: PLC0415 - only here

    lead = Assignment.objects.filter(organisation=world.bodies[0]).order_by("pk").first()
    ContributionRequestFactory(lead=lead)
    ProgressUpdateFactory(assignment=lead)
    # Of a plan without heading-only tasks the documents are open too.
    other = a_situation()
    other.accept(0)
    made = other.consolidate()
    with_documents(other, made)
    other.closed = other.close(made)
    world.other = other
    hidden = PlanFactory(managed_by=world.department)
    TaskFactory(plan=hidden)
    world.hidden = hidden
    count, refused = taint_what_is_never_published()
    assert count > 100
    assert refused == []
    # Columns that are published of other rows.
    taint(Plan.objects.filter(pk=hidden.pk), "title", "short_title")
    taint(Task.objects.filter(plan=hidden), "text", "product")
    taint(Task.objects.filter(heading_only=True), "text", "product", "time_text")
    taint(Party.objects.filter(task__heading_only=True), "name")
    drafts_ = OfficialDocument.objects.filter(number__isnull=True)
    taint(drafts_, "subject", "issuer_name")
    taint(
        Upload.objects.filter(
            pk__in=DocumentFile.objects.filter(document__in=drafts_).values("upload")
        ),
        "name",
    )
    return world


def publish_everything(world):
    testing.publish_plan(world)
    testing.publish_results(world, world.closed)
    testing.publish_plan(world.other)
    testing.publish_results(world.other, world.other.closed)
    testing.publish_answers(world)
    # Taken back again: what it said must not be found either.
    gone = testing.publish_answers(world, question=f"{WORD} một", answer=f"{WORD} hai")
    for one in gone:
        operations.withdraw_publication(
            actor=world.leader, publication=one, reason="Nhầm", at=one.published_at
        )
    shown = Difficulty.objects.filter(answered_at__isnull=False).first()
    operations.publish_answer(
        actor=world.leader,
        difficulty_id=shown.pk,
        plan_id=shown.plan_id,
        question="Kinh phí lấy từ đâu?",
        answer="Từ nguồn sự nghiệp.",
        at=gone[0].published_at,
    )


def addresses_nobody_links_to():
    """Every open address of the site with the number of every row there is, and what is no address."""
    numbers = {
        pk
        for model in (Plan, Task, ReportingPeriod, Difficulty, Upload, OfficialDocument)
        for pk in model.objects.values_list("pk", flat=True)
    }
    codes = {*Task.objects.values_list("code", flat=True)}
    for route in ROUTES:
        if route.name in PUBLIC:
            for number in sorted(numbers):
                for code in codes if "code" in route.parameters else [""]:
                    words = {"code": code, "resource": "task"}
                    yield route.address(lambda _name, p, n=number, w=words: w.get(p, n))
    yield from ("/cong-khai/khong-co/", "/cong-khai/du-lieu/khong-co.json", "/khong-co/")
    yield f"{reverse('portal:search')}?q={WORD[:6]}"
    yield f"{reverse('portal:search')}?q=a"


def test_no_canary_is_found_at_any_public_address(tainted):
    publish_everything(tainted)

    answers = crawl(*addresses_nobody_links_to())

    assert leaks(answers) == []
    # 400: a number that is no GTIN asked of the resolver.
    assert {status for status, _text in answers.values()} <= {200, 302, 400, 404, 405}
    opened = {
        resolve(address.partition("?")[0]).view_name
        for address, (status, _text) in answers.items()
        if status == 200
    }
    assert {name for name in PUBLIC if name.startswith("portal")} <= opened


def test_the_walk_finds_a_leak_that_is_planted(tainted, monkeypatch):
    honest = drafts.emit

    def careless(resource, **values):
        if resource == "answer":
            values["question"] = Difficulty.objects.get(pk=values["id"]).text
        return honest(resource, **values)

    monkeypatch.setattr(drafts, "emit", careless)
    publish_everything(tainted)

    found = leaks(crawl())

    assert reverse("portal:json", args=["answer"]) in found
    assert reverse("portal:answers") in found


def test_the_walk_finds_a_heading_only_task_that_tells_more(tainted, monkeypatch):
    for room in (drafts, public):
        monkeypatch.setattr(room, "heading_of", lambda _resource, values: values)
    publish_everything(tainted)

    assert reverse("portal:csv", args=["task"]) in leaks(crawl())


def test_a_stranger_may_not_write_at_any_public_address(opened):
    client = Client()
    for route in ROUTES:
        if route.name.startswith("portal"):
            page = client.post(
                route.address(lambda _n, p: {"code": "1", "resource": "task"}.get(p, 1))
            )
            assert page.status_code == 405, route.name


# ---------------------------------------------------------------- the table


def test_a_field_that_is_not_in_the_table_is_refused():
    with pytest.raises(NotPublished, match="raised_by"):
        emit("answer", **{field.name: "" for field in resources()["answer"].fields}, raised_by="x")


def test_a_field_of_the_table_that_is_not_given_is_refused():
    with pytest.raises(NotPublished, match="question"):
        emit("answer", id=1)


def test_every_value_that_is_public_is_in_the_table(opened):
    from chuan.flows.portal.queries import public  # noqa: PLC0415 - only here

    for name, resource in resources().items():
        rows = public.rows_of(name)
        # None of the shelf of these tests is open; documents count the heading-only task.
        assert rows or name in {"figure", "document"}
        for row in rows:
            assert list(row) == [field.name for field in resource.fields]


def test_no_column_is_both_published_and_kept_inside():
    assert set(sources()) & set(never()) == set()


def test_every_column_the_table_names_exists():
    from django.apps import apps  # noqa: PLC0415 - only here

    for source in (*sources(), *never()):
        app, model, column = source.partition(":")[0].split(".")
        apps.get_model(app, model)._meta.get_field(column)


def test_a_heading_only_task_is_in_no_count(opened):
    from chuan.flows.portal.queries import public  # noqa: PLC0415 - only here

    secret = Task.objects.get(heading_only=True)
    shown = next(row for row in public.rows_of("task") if row["id"] == secret.pk)

    assert shown["title"] == secret.short_text
    assert (shown["text"], shown["product"], shown["leads"], shown["time"]) == ("", "", [], "")
    assert secret.pk not in {row["task_id"] for row in public.rows_of("task_result")}
    # Two accepted reports of three tasks each, one of which is not counted.
    assert sum(row["total"] for row in public.rows_of("body_result")) == 4
    assert sum(row["total"] for row in public.rows_of("task_result")) == 4


def test_figures_that_are_not_opened_stay_inside(world):
    assert world.closed.snapshot["figures"]
    assert drafts.results_draft(world.closed).content["figures"] == []


def test_counts_of_the_public_tables_add_up(opened):
    from chuan.flows.portal.queries import public  # noqa: PLC0415 - only here

    for row in (*public.rows_of("task_result"), *public.rows_of("body_result")):
        assert sum(row[key] for key in drafts.ACHIEVEMENTS) == row["total"]
        assert sum(row[key] for key in drafts.TIMELINESS) == row["total"]
    assert ReportingPeriod.objects.count() == 1
