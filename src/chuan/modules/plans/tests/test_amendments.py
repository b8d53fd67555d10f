"""A decision amends a plan: the next version, and what becomes of everybody's work."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from chuan.core.audit.models import Entry
from chuan.core.orgs.testing import OrganisationFactory
from chuan.lib.rules import Denied
from chuan.modules.plans.engine.amending import ChangeKind, changes_between
from chuan.modules.plans.engine.draft import Match, with_matches, with_new_task, with_task
from chuan.modules.plans.enums import (
    DueKind,
    FateKind,
    LeadMode,
    PartyKind,
    PartyRole,
    RequestState,
)
from chuan.modules.plans.models import Assignment, Party, PlanVersion, Task
from chuan.modules.plans.operations import fates
from chuan.modules.plans.operations.amendments import (
    AlreadyRead,
    approve_amendment,
)
from chuan.modules.plans.operations.assignments import reconcile_assignments
from chuan.modules.plans.operations.from_drafts import NotReady
from chuan.modules.plans.operations.imports import approve_import
from chuan.modules.plans.operations.progress import post_update
from chuan.modules.plans.queries.amendments import amendment_of, base_of
from chuan.modules.plans.queries.assignments import timeliness_counts
from chuan.modules.plans.queries.imports import draft_of
from chuan.modules.plans.queries.versions import tasks_during, tasks_in, version_on
from chuan.modules.plans.rules import Conflict
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    ContributionRequestFactory,
    EvidenceFactory,
    PlanFactory,
    ProgressUpdateFactory,
    clerk_of,
    coordinator_of,
    leader_of,
)
from chuan.modules.plans.tests.amending import (
    AT,
    FROM,
    a_plan,
    approved,
    begun,
    changed,
    code,
    reword,
    starts,
    with_added,
    without,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_may_2026(time_machine):
    time_machine.move_to(AT, tick=False)


@pytest.fixture
def body():
    return OrganisationFactory(name="Sở Thử nghiệm")


@pytest.fixture
def plan(body):
    return a_plan(body)


@pytest.fixture
def coordinator(plan):
    return coordinator_of(plan)


def test_what_an_amendment_leaves_alone_keeps_its_row_and_its_assignments(plan, coordinator):
    untouched = code(plan, "I.3")
    before = list(untouched.assignments.order_by("pk").values())
    made = approved(
        changed(begun(plan, coordinator), reword(plan, "I.1", text="Lời mới")), coordinator
    )

    assert made.number == 2
    assert list(tasks_in(plan.pk, 2).values_list("code", flat=True)) == ["I.1", "I.2", "I.3"]
    assert tasks_in(plan.pk, 2).get(code="I.3") == untouched
    assert list(untouched.assignments.order_by("pk").values()) == before


def test_a_year_that_has_begun_keeps_its_wording_and_later_years_have_the_new_one(
    plan, coordinator
):
    old = code(plan, "I.1")
    approved(changed(begun(plan, coordinator), reword(plan, "I.1", text="Lời mới")), coordinator)
    new = code(plan, "I.1")

    assert new.follows == old
    assert starts(old) == [date(2025, 3, 25), date(2026, 1, 1)]
    assert starts(new) == [date(year, 1, 1) for year in range(2027, 2031)]
    assert [one.text for one in tasks_during(plan, 2026) if one.code == "I.1"] == [old.text]
    assert [one.text for one in tasks_during(plan, 2027) if one.code == "I.1"] == ["Lời mới"]
    assert [version_on(plan.pk, day) for day in (date(2026, 6, 14), FROM)] == [1, 2]


def decide(plan, coordinator, kind, rows, heir=None):
    decision = fates.propose_fates(
        actor=coordinator,
        plan=plan,
        kind=kind,
        assignment_ids=[row.pk for row in rows],
        basis="Nghị quyết số 12/NQ-HĐND",
        at=AT,
        receivers={rows[0].organisation_id: [heir.pk]} if heir else None,
    )
    return fates.approve_fates(actor=leader_of(plan), decision=decision, version=1, at=AT)


def test_what_is_decided_about_a_body_that_is_no_more_stays_and_hinders_no_amendment(
    plan, coordinator, body
):
    old, heir = code(plan, "I.1"), OrganisationFactory()
    gone = OrganisationFactory(valid_to=date(2026, 4, 1))
    in_2027, in_2028, in_2029, in_2030 = (
        AssignmentFactory(task=old, organisation=gone, year=year) for year in range(2027, 2031)
    )
    decide(plan, coordinator, FateKind.CLOSE, [in_2027])
    decide(plan, coordinator, FateKind.TRANSFER, [in_2028], heir)
    there = decide(plan, coordinator, FateKind.TRANSFER, [in_2029], body)
    fates.undo_fates(
        actor=leader_of(plan),
        decision=decide(plan, coordinator, FateKind.CLOSE, [in_2030]),
        version=2,
        at=AT,
        reason="Nhầm",
    )

    approved(changed(begun(plan, coordinator), reword(plan, "I.1", text="Lời mới")), coordinator)

    new = code(plan, "I.1")
    kept = old.assignments.filter(period_start__gte=FROM).order_by("period_start", "pk")
    assert list(kept.values_list("year", "organisation_id")) == [
        (2027, gone.pk),
        (2028, gone.pk),
        (2028, heir.pk),
        (2029, gone.pk),
    ]
    assert list(new.assignments.values_list("organisation_id", flat=True).distinct()) == [body.pk]
    goes_on = there.fates.get().heirs.get()
    assert goes_on.assignment == new.assignments.get(year=2029)
    assert goes_on.was_there


def test_where_one_body_is_enough_the_new_wording_counts_one_as_well(plan, coordinator, body):
    """Of the days before as of those after: the old rows and the new ones, once each."""
    task = code(plan, "I.2")
    task.lead_mode = LeadMode.ANY
    task.save(update_fields=["lead_mode"])
    Party.objects.create(
        task=task,
        role=PartyRole.LEAD,
        kind=PartyKind.NAMED,
        organisation=OrganisationFactory(name="Sở Kia"),
        name="Sở Kia",
        text="Sở Kia",
        position=2,
    )
    reconcile_assignments(plan, at=AT)
    assert timeliness_counts(task.assignments.all(), on=FROM).total == 1

    approved(changed(begun(plan, coordinator), reword(plan, "I.2", text="Lời mới")), coordinator)

    new = code(plan, "I.2")
    assert new.lead_mode == LeadMode.ANY
    for one in (task, new):
        rows = one.assignments.order_by("pk")
        assert len(rows) == 2
        assert [row.counted_with_id for row in rows] == [None, rows[0].pk]
        assert timeliness_counts(rows.all(), on=FROM).total == 1

    first, second = new.assignments.order_by("pk")
    EvidenceFactory(assignment=second)
    post_update(
        actor=clerk_of(second.organisation),
        assignment=second,
        version=second.version,
        narrative="Đã xong.",
        achievement="complete",
        at=datetime(2026, 7, 1, 9, tzinfo=VIETNAM),
    )
    first.refresh_from_db()
    assert (first.counted_with, first.relieved_on) == (second, date(2026, 7, 1))


def test_what_a_decision_passed_on_runs_on_under_the_wording_it_was_passed_on_with(
    plan, coordinator, body
):
    old, heir = code(plan, "I.2"), OrganisationFactory()
    gone = OrganisationFactory(valid_to=date(2026, 4, 1))
    left = AssignmentFactory(
        task=old, organisation=gone, year=2025, period_end=date(2031, 1, 1), due_on=old.due_on
    )
    decide(plan, coordinator, FateKind.TRANSFER, [left], heir)
    passed_on = Assignment.objects.get(organisation=heir)

    approved(changed(begun(plan, coordinator), reword(plan, "I.2", text="Lời mới")), coordinator)

    kept = Assignment.objects.get(organisation=heir)
    assert (kept.pk, kept.period_end, kept.due_on) == (
        passed_on.pk,
        passed_on.period_end,
        old.due_on,
    )


def test_a_removed_task_is_owed_until_the_end_of_the_year_that_has_begun(plan, coordinator):
    gone = code(plan, "I.3")
    approved(changed(begun(plan, coordinator), without(plan, "I.3")), coordinator)

    gone.refresh_from_db()
    assert gone.until == 2
    assert starts(gone) == [date(2025, 3, 25), date(2026, 1, 1)]
    assert "I.3" not in tasks_in(plan.pk, 2).values_list("code", flat=True)


def test_an_added_task_begins_on_the_day_of_the_amendment(plan, coordinator, body):
    change = with_added(body, due_kind=DueKind.YEARLY, time_text="Hằng năm")
    approved(changed(begun(plan, coordinator), change), coordinator)

    added = Task.objects.get(plan=plan, text="Việc mới")
    assert added.since == 2
    assert starts(added)[:2] == [FROM, date(2027, 1, 1)]
    assert added.assignments.earliest("period_start").due_on == date(2026, 12, 31)


def test_other_parties_take_over_with_the_next_year(plan, coordinator, body):
    other = OrganisationFactory(name="Sở Khác")

    def change(draft):
        draft = reword(plan, "I.1", lead=("Sở Khác",))(draft)
        match = Match(PartyKind.NAMED, organisation_id=other.pk, is_decided=True)
        return with_matches(draft, {"so khac": match})

    old = code(plan, "I.1")
    approved(changed(begun(plan, coordinator), change), coordinator)

    assert {row.organisation_id for row in old.assignments.all()} == {body.pk}
    new = Assignment.objects.filter(task__follows=old, role=PartyRole.LEAD)
    assert {row.organisation_id for row in new} == {other.pk}


def test_the_preview_is_what_approval_does(plan, coordinator, body):
    def change(draft):
        draft = reword(plan, "I.1", text="Lời mới")(draft)
        draft = reword(plan, "I.2", due_on=date(2028, 12, 31))(draft)
        draft = without(plan, "I.3")(draft)
        return with_added(body, due_kind=DueKind.BY_LAW, time_text="Theo luật")(draft)

    plan_import = changed(begun(plan, coordinator), change)
    draft = draft_of(plan_import)
    seen = amendment_of(plan_import, draft, base_of(plan_import))
    before = set(Assignment.objects.values_list("pk", flat=True))
    approved(plan_import, coordinator)
    after = set(Assignment.objects.values_list("pk", flat=True))

    assert (seen.reworded, seen.created, seen.ended) == (4, 2, 4)
    assert before - after == set(seen.dropped)
    assert len(after - before) == len(seen.added) == seen.reworded + seen.created
    assert seen.kept + len(seen.stopped) == len(before & after)


def test_reconciliation_after_an_amendment_finds_nothing_to_do(plan, coordinator, body):
    def change(draft):
        draft = reword(plan, "I.2", due_on=date(2028, 12, 31))(
            reword(plan, "I.1", text="Lời mới")(draft)
        )
        return with_added(body, due_kind=DueKind.YEARLY, time_text="Hằng năm")(draft)

    approved(changed(begun(plan, coordinator), change), coordinator)
    found = reconcile_assignments(plan, at=AT)

    assert (found.created, found.extra, found.questions) == (0, (), ())


def test_a_second_amendment_goes_on_from_the_first(plan, coordinator):
    first = changed(begun(plan, coordinator), reword(plan, "I.1", text="Lời thứ hai"))
    approved(first, coordinator)
    second = begun(plan, coordinator, content="Quyết định sửa đổi lần hai")
    change = reword(plan, "I.1", text="Lời thứ ba")
    made = approved(changed(second, change, from_day=date(2028, 3, 1)), coordinator)

    assert made.number == 3
    texts = {
        year: [one.text for one in tasks_during(plan, year) if one.code == "I.1"]
        for year in (2026, 2027, 2028, 2029)
    }
    assert texts[2027] == texts[2028] == ["Lời thứ hai"]
    assert texts[2029] == ["Lời thứ ba"]
    assert reconcile_assignments(plan, at=AT).created == 0


def test_older_versions_keep_the_order_of_their_annex(plan, coordinator, body):
    def change(draft):
        draft = without(plan, "I.2")(draft)
        draft = reword(plan, "I.1", text="Lời mới")(draft)
        first = draft.tasks[0].key
        draft, task = with_new_task(draft, after=first)
        task = replace(
            task,
            code="I.1a",
            text="Việc",
            short_text="Việc",
            lead=("Sở mới",),
            due_kind=DueKind.BY_LAW,
        )
        match = Match(PartyKind.NAMED, organisation_id=body.pk, is_decided=True)
        return with_matches(with_task(draft, task), {"so moi": match})

    approved(changed(begun(plan, coordinator), change), coordinator)

    assert [one.code for one in tasks_in(plan.pk, 1)] == ["I.1", "I.2", "I.3"]
    assert [one.code for one in tasks_in(plan.pk, 2)] == ["I.1", "I.1a", "I.3"]


def test_an_amendment_from_a_day_on_which_work_was_told_already_is_refused(plan, coordinator):
    this_year = code(plan, "I.1").assignments.get(year=2026)
    ProgressUpdateFactory(assignment=this_year)
    plan_import = begun(plan, coordinator)
    change = reword(plan, "I.1", text="Lời mới")

    early = changed(
        plan_import,
        lambda draft: replace(
            change(draft), document=replace(draft.document, issued_on=date(2025, 12, 1))
        ),
        from_day=date(2025, 12, 15),
    )
    with pytest.raises(NotReady) as refused:
        approved(early, coordinator)

    assert [one.message for one in refused.value.problems] == [
        "Nhiệm vụ I.1 năm 2026 đã có nội dung ghi nhận hoặc đã có trong báo cáo, "
        "không chuyển sang nội dung mới được. Chọn ngày áp dụng muộn hơn."
    ]
    assert PlanVersion.objects.filter(plan=plan).count() == 1


def test_requests_that_nobody_could_answer_any_more_are_closed(plan, coordinator):
    running = code(plan, "I.2").assignments.get()
    late = ContributionRequestFactory(lead=running, due_on=date(2026, 7, 1))
    early = ContributionRequestFactory(lead=running, due_on=date(2026, 6, 1))
    approved(
        changed(begun(plan, coordinator), reword(plan, "I.2", due_on=date(2028, 12, 31))),
        coordinator,
    )

    late.refresh_from_db()
    early.refresh_from_db()
    assert (late.state, early.state) == (RequestState.WITHDRAWN, RequestState.ASKED)
    assert late.reason == "Quyết định sửa đổi thay nhiệm vụ này từ ngày 15/06/2026."


def test_an_amendment_that_changes_nothing_has_a_day_too_early_or_no_day_is_refused(
    plan, coordinator
):
    plan_import = begun(plan, coordinator)

    def problems(from_day):
        kept = changed(plan_import, lambda draft: draft, from_day=from_day)
        with pytest.raises(NotReady) as refused:
            approved(kept, coordinator)
        return [one.message for one in refused.value.problems]

    assert problems(FROM) == ["Chưa có nhiệm vụ nào khác với phiên bản đang áp dụng."]
    assert problems(None) == ["Nhập ngày áp dụng bản sửa đổi."]
    assert "Ngày áp dụng không được trước ngày ban hành quyết định sửa đổi." in problems(
        date(2026, 5, 9)
    )
    assert "Chọn ngày áp dụng sau 25/03/2025 và không sau 31/12/2030." in problems(
        date(2025, 3, 25)
    )


def test_an_amendment_of_a_plan_that_has_a_newer_version_by_now_is_refused(plan, coordinator):
    change = reword(plan, "I.1", text="Lời mới")
    first = changed(begun(plan, coordinator), change)
    second = changed(begun(plan, coordinator, content="Quyết định khác"), change)
    approved(first, coordinator)

    with pytest.raises(NotReady) as refused:
        approved(second, coordinator)
    assert "phiên bản mới hơn" in refused.value.problems[0].message


def test_the_decision_is_registered_as_amending_the_plans_own(plan, coordinator):
    made = approved(
        changed(begun(plan, coordinator), reword(plan, "I.1", text="Lời mới")), coordinator
    )

    assert made.document.symbol == "512/QĐ-UBND"
    assert list(made.document.relations.values_list("kind", "target_symbol")) == [
        ("amends", plan.document.symbol)
    ]
    entry = Entry.objects.filter(action="plans.plan_amended").get()
    assert entry.details["tasks"] == {"added": [], "removed": [], "changed": ["I.1"]}


def test_the_same_file_opens_no_second_amendment(plan, coordinator):
    begun(plan, coordinator)

    with pytest.raises(AlreadyRead):
        begun(plan, coordinator)


def test_an_amendment_is_not_approved_over_a_colleagues_change(plan, coordinator):
    plan_import = changed(begun(plan, coordinator), reword(plan, "I.1", text="Lời mới"))

    with pytest.raises(Conflict):
        approve_amendment(
            actor=coordinator, plan_import=plan_import, version=plan_import.version - 1, at=AT
        )


@pytest.mark.parametrize("who", [leader_of, lambda plan: clerk_of(plan.managed_by)])
def test_only_coordinators_of_the_department_amend(plan, coordinator, who):
    plan_import = changed(begun(plan, coordinator), reword(plan, "I.1", text="Lời mới"))
    other = who(plan)

    with pytest.raises(Denied):
        begun(plan, other, content="Tệp khác")
    with pytest.raises(Denied):
        approved(plan_import, other)


def test_a_plan_that_has_ended_takes_no_amendment(coordinator):
    ended = PlanFactory(ended=date(2026, 4, 30), managed_by=OrganisationFactory())

    with pytest.raises(Denied, match="Đã kết thúc"):
        begun(ended, coordinator_of(ended))


def test_an_amendment_makes_no_plan_of_its_own(plan, coordinator):
    plan_import = changed(begun(plan, coordinator), reword(plan, "I.1", text="Lời mới"))

    with pytest.raises(Denied, match="không lập kế hoạch mới"):
        approve_import(
            actor=coordinator, plan_import=plan_import, version=plan_import.version, at=AT
        )


def test_a_file_without_words_is_amended_by_hand_beside_it(plan, coordinator):
    plan_import = begun(plan, coordinator, content="-- ... --")

    assert changes_between(base_of(plan_import), draft_of(plan_import)) == []
    assert len(draft_of(plan_import).tasks) == 3


def test_changes_are_found_whatever_the_spelling(plan, coordinator):
    plan_import = begun(plan, coordinator)
    base = base_of(plan_import)
    task = base.tasks[0]
    spaced = with_task(base, replace(task, text=f"  {task.text.replace(' ', '  ')} "))
    other = with_task(base, replace(task, text="Khác"))

    assert changes_between(base, spaced) == []
    (change,) = changes_between(base, other)
    assert (change.kind, change.fields) == (ChangeKind.CHANGED, ("text",))
