from dataclasses import replace
from datetime import date

import pytest

from chuan.core.audit.models import Entry
from chuan.core.documents.models import DocumentFile, OfficialDocument
from chuan.core.files.models import Upload
from chuan.core.orgs.models import Group
from chuan.lib.rules import Denied
from chuan.modules.plans.demo import BASIS
from chuan.modules.plans.engine.draft import DraftStandIn, Match, with_matches
from chuan.modules.plans.enums import ImportState, PartyKind, PartyRole
from chuan.modules.plans.models import (
    Assignment,
    BodyPoint,
    Party,
    Plan,
    PlanImport,
    Section,
    Substitution,
    Task,
)
from chuan.modules.plans.operations import imports
from chuan.modules.plans.operations.from_drafts import NotReady
from chuan.modules.plans.parsing import UnreadableFile
from chuan.modules.plans.queries.imports import (
    candidates_for,
    draft_of,
    expansion_of_draft,
    match_of,
    preview_of,
)
from chuan.modules.plans.rules import Conflict
from chuan.modules.plans.testing import PlanImportFactory, clerk_of
from chuan.modules.plans.tests.conftest import APPROVED_AT, DECISION, ISSUED_ON

pytestmark = pytest.mark.slow

EVERYTHING = (Plan, Section, BodyPoint, Task, Party, Substitution, Assignment, OfficialDocument)


def take_in(coordinator, department, **changes):
    given = {
        "actor": coordinator,
        "managed_by_id": department.pk,
        "name": DECISION.name,
        "content": DECISION.read_bytes(),
        "at": APPROVED_AT,
    }
    return imports.take_in_decision(**given | changes)


def save(plan_import, actor, change):
    return imports.save_import_step(
        actor=actor,
        plan_import=plan_import,
        version=plan_import.version,
        change=change,
        at=APPROVED_AT,
    )


def head_entered(draft):
    return replace(
        draft,
        document=replace(
            draft.document, number="1029", issued_on=ISSUED_ON, short_title="Kế hoạch 1029"
        ),
    )


def names_decided(draft):
    nobody = Match(PartyKind.OPEN, is_decided=True)
    return with_matches(
        draft,
        {
            key: match_of(found[0], is_decided=True) if found else nobody
            for key, found in candidates_for(draft).items()
            if key not in draft.matches
        },
    )


def stand_ins_decided(draft):
    districts, communes = (
        Group.objects.get(code=code).pk for code in ("ubnd-cap-huyen", "ubnd-cap-xa")
    )
    return replace(
        draft,
        stand_ins=(
            DraftStandIn(date(2026, 1, 1), group_id=districts, by_group_id=communes, basis=BASIS),
        ),
    )


@pytest.fixture
def ready(coordinator, department):
    """The real decision with every question answered."""
    plan_import = take_in(coordinator, department)
    for change in (head_entered, names_decided, stand_ins_decided):
        plan_import = save(plan_import, coordinator, change)
    return plan_import


@pytest.fixture
def small(coordinator, department):
    """Two tasks of it, where it does not matter how many there are."""
    return prepared(take_in(coordinator, department), coordinator)


def prepared(plan_import, actor):
    def two_tasks(draft):
        return replace(draft, tasks=tuple(t for t in draft.tasks if t.code in {"I.1", "II.5"}))

    for change in (two_tasks, head_entered, names_decided, stand_ins_decided):
        plan_import = save(plan_import, actor, change)
    return plan_import


def approve(plan_import, actor, **changes):
    given = {
        "actor": actor,
        "plan_import": plan_import,
        "version": plan_import.version,
        "at": APPROVED_AT,
    }
    return imports.approve_import(**given | changes)


def test_nothing_but_a_draft_exists_before_approval(small):
    assert [model.objects.count() for model in EVERYTHING] == [0] * len(EVERYTHING)
    assert PlanImport.objects.get().state == ImportState.OPEN


def test_approval_makes_the_plan_with_everything_the_decision_says(ready, coordinator):
    plan = approve(ready, coordinator)

    assert (plan.sections.count(), plan.tasks.count(), plan.body_points.count()) == (6, 21, 22)
    assert plan.document.symbol == "1029/QĐ-UBND"
    assert (plan.valid.lower, plan.valid.upper) == (ISSUED_ON, date(2031, 1, 1))
    assert (plan.report_due_day, plan.report_due_month) == (20, 11)
    assert {one.target_symbol for one in plan.document.relations.all()} == {
        "38-CT/TW",
        "1703/QĐ-TTg",
        "09/TTr-SKHCN",
        "08-NQ/TW",
    }
    assert DocumentFile.objects.get().upload == ready.upload
    assert {point.code for point in plan.tasks.get(code="V.1").body_points.all()} == {
        "5.a",
        "5.b",
    }
    assert ready.__class__.objects.get().plan == plan


def test_assignments_are_those_the_decision_gives_to_the_bodies_of_each_year(ready, coordinator):
    preview = preview_of(expansion_of_draft(draft_of(ready)))
    plan = approve(ready, coordinator)
    assert preview.total == Assignment.objects.count()
    led = Assignment.objects.filter(task__plan=plan, role=PartyRole.LEAD)

    def in_year(year):
        return led.filter(period_start__lt=date(year + 1, 1, 1), period_end__gt=date(year, 1, 1))

    assert in_year(2025).count() == 214
    # 1.082 for all 21 tasks, less the 152 of the one that was done in 2025
    assert [in_year(year).count() for year in range(2026, 2031)] == [930] * 5
    assert in_year(2025).values("organisation").distinct().count() == 28
    assert in_year(2026).values("organisation").distinct().count() == 152


def test_approval_leaves_one_line_in_the_ledger_with_its_counts(small, coordinator):
    plan = approve(small, coordinator)

    entry = Entry.objects.get(action="plans.plan_approved")
    assert (entry.actor, entry.subject_id) == (coordinator, str(plan.pk))
    assert entry.details["assignments"] == Assignment.objects.count()


def test_approval_of_a_raw_reading_tells_everything_that_is_missing(coordinator, department):
    plan_import = take_in(coordinator, department)

    with pytest.raises(NotReady) as refused:
        approve(plan_import, coordinator)

    assert [problem.field for problem in refused.value.problems] == [
        "number",
        "issued_on",
        "short_title",
    ] + [problem.field for problem in refused.value.problems[3:]]
    assert [model.objects.count() for model in EVERYTHING] == [0] * len(EVERYTHING)


def test_a_vanished_group_without_a_stand_in_blocks_approval(coordinator, department):
    plan_import = take_in(coordinator, department)
    for change in (head_entered, names_decided):
        plan_import = save(plan_import, coordinator, change)

    with pytest.raises(NotReady, match="phải xử lý") as refused:
        approve(plan_import, coordinator)

    (problem,) = refused.value.problems
    assert problem.message.startswith(
        "“UBND các huyện, thị xã, thành phố” không còn cơ quan nào vào ngày 01/01/2026."
    )


def test_names_are_looked_up_on_the_day_of_the_decision(coordinator, department):
    plan_import = save(take_in(coordinator, department), coordinator, head_entered)

    match = draft_of(plan_import).match("Sở Khoa học và Công nghệ")

    # the department of Bình Định, not today's of Gia Lai
    assert match.organisation_id != department.pk
    assert not match.is_decided


def test_a_choice_of_a_person_outlives_later_look_ups(coordinator, department):
    def chosen(draft):
        return with_matches(draft, {"so tai chinh": Match(PartyKind.OPEN, is_decided=True)})

    plan_import = save(take_in(coordinator, department), coordinator, chosen)
    plan_import = save(plan_import, coordinator, head_entered)

    assert draft_of(plan_import).match("Sở Tài chính").kind == PartyKind.OPEN


def test_the_same_file_is_not_taken_in_twice(small, coordinator, department):
    with pytest.raises(imports.AlreadyImported) as refused:
        take_in(coordinator, department, name="ten-khac.txt")

    assert refused.value.found == small
    assert (PlanImport.objects.count(), Upload.objects.count()) == (1, 1)


def test_a_person_may_ask_for_a_separate_import_of_the_same_file(small, coordinator):
    another = imports.import_again(actor=coordinator, plan_import=small, at=APPROVED_AT)

    assert another.pk != small.pk
    assert another.upload.file == small.upload.file


def test_a_decision_has_one_plan_unless_a_person_asks_for_another(small, coordinator):
    first = approve(small, coordinator)
    another = imports.import_again(actor=coordinator, plan_import=small, at=APPROVED_AT)
    another = prepared(another, coordinator)

    with pytest.raises(imports.AlreadyImported) as refused:
        approve(another, coordinator)
    assert refused.value.found == first

    second = approve(another, coordinator, as_separate=True)
    assert second != first


def test_approving_twice_is_refused(small, coordinator):
    approve(small, coordinator)
    small.refresh_from_db()

    with pytest.raises(Denied, match="Đã phê duyệt"):
        approve(small, coordinator)

    assert Plan.objects.count() == 1


def test_a_colleagues_change_is_not_overwritten(ready, coordinator):
    with pytest.raises(Conflict):
        imports.save_import_step(
            actor=coordinator,
            plan_import=ready,
            version=ready.version - 1,
            change=lambda draft: replace(draft, tasks=()),
            at=APPROVED_AT,
        )

    ready.refresh_from_db()
    assert len(draft_of(ready).tasks) == 21


def test_a_file_that_cannot_be_read_leaves_nothing_behind(coordinator, department):
    with pytest.raises(UnreadableFile):
        take_in(coordinator, department, content=b"")

    assert (PlanImport.objects.count(), Upload.objects.count()) == (0, 0)


def test_a_failure_midway_through_approval_leaves_no_plan(small, coordinator, monkeypatch):
    def power_cut(*_args):
        raise RuntimeError("power cut")

    monkeypatch.setattr(imports, "_create_assignments", power_cut)

    with pytest.raises(RuntimeError, match="power cut"):
        approve(small, coordinator)

    assert [model.objects.count() for model in EVERYTHING] == [0] * len(EVERYTHING)


def test_an_import_is_put_aside_and_taken_up_again(small, coordinator):
    gone = imports.abandon_import(
        actor=coordinator, plan_import=small, version=small.version, at=APPROVED_AT
    )
    with pytest.raises(Denied, match="Mở lại"):
        save(gone, coordinator, head_entered)

    back = imports.reopen_import(
        actor=coordinator, plan_import=gone, version=gone.version, at=APPROVED_AT
    )

    assert back.state == ImportState.OPEN
    assert draft_of(back) == draft_of(small)


def test_a_reading_is_never_rewritten(db):
    plan_import = PlanImportFactory(reading={"plan": 1})

    plan_import.reading = {"plan": 2}
    with pytest.raises(Exception, match="reading_stays"):
        plan_import.save()


def test_only_coordinators_take_decisions_in(department):
    with pytest.raises(Denied, match="Chỉ chuyên viên"):
        take_in(clerk_of(department), department)


def test_a_file_that_is_no_document_at_all_is_refused_and_nothing_is_kept(coordinator, department):
    with pytest.raises(UnreadableFile, match="chọn nhầm tệp"):
        take_in(coordinator, department, name="ghi-chu.txt", content=b"hello\n")

    assert not PlanImport.objects.exists()
