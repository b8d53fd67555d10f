from datetime import date, datetime

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.core.files.testing import EXE, PDF
from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.plans.enums import Achievement, DifficultyState, PartyRole
from chuan.modules.plans.models import Assignment, Difficulty, Evidence, ProgressUpdate
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    BodyPointFactory,
    DifficultyFactory,
    EvidenceFactory,
    PlanFactory,
    ProgressUpdateFactory,
    TaskFactory,
    clerk_of,
    coordinator_of,
    head_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_october")]


@pytest.fixture
def in_october():
    with time_machine.travel(datetime(2026, 10, 1, 9, tzinfo=VIETNAM), tick=False):
        yield


def address(name, *args, **query):
    url = reverse(f"plans:{name}", args=args)
    return f"{url}?{'&'.join(f'{key}={value}' for key, value in query.items())}" if query else url


def signed_in(client, person):
    client.force_login(person)
    return client


def text_of(page):
    return page.content.decode()


# ---------------------------------------------------------------- who sees what


def test_a_unit_sees_its_own_assignments_and_no_others(client):
    plan = PlanFactory(tasks=1)
    task = plan.tasks.get()
    own = AssignmentFactory(task=task, organisation=OrganisationFactory(name="Sở Của tôi"))
    other = AssignmentFactory(task=task, organisation=OrganisationFactory(name="Sở Bên cạnh"))
    signed_in(client, clerk_of(own.organisation))

    listed = text_of(client.get(address("assignments", plan.pk)))

    assert ("Sở Của tôi" in listed, "Sở Bên cạnh" in listed) == (True, False)
    assert client.get(address("assignment", own.pk)).status_code == 200
    assert client.get(address("assignment", other.pk)).status_code == 404


@pytest.mark.parametrize(
    "role",
    [Role.DEPARTMENT_COORDINATOR, Role.DEPARTMENT_LEADER, Role.PROVINCIAL_LEADER, Role.AUDITOR],
)
def test_who_watches_over_a_plan_sees_every_body(client, role):
    assignment = AssignmentFactory(organisation=OrganisationFactory(name="Sở Bất kỳ"))
    plan = assignment.task.plan
    signed_in(client, PersonFactory(role=role, organisation=plan.managed_by))

    assert "Sở Bất kỳ" in text_of(client.get(address("assignments", plan.pk)))
    assert "Sở Bất kỳ" in text_of(client.get(address("matrix", plan.pk)))
    assert client.get(address("assignment", assignment.pk)).status_code == 200


def test_the_matrix_is_refused_to_a_unit_with_the_reason(client):
    plan = PlanFactory(tasks=1)
    signed_in(client, clerk_of(OrganisationFactory()))

    page = client.get(address("matrix", plan.pk))

    assert page.status_code == 403
    assert "Chỉ cơ quan theo dõi kế hoạch" in text_of(page)


def test_who_only_manages_accounts_sees_no_plan(client):
    plan = PlanFactory(tasks=1)
    signed_in(client, PersonFactory(role=Role.SYSTEM_ADMINISTRATOR))

    assert client.get(address("show", plan.pk)).status_code == 404
    assert client.get(address("list")).status_code == 403
    assert client.get(address("difficulties")).status_code == 403


def test_another_departments_coordinator_does_not_see_bodies(client):
    assignment = AssignmentFactory()
    signed_in(client, PersonFactory(role=Role.DEPARTMENT_COORDINATOR))

    assert client.get(address("assignment", assignment.pk)).status_code == 404


def test_difficulties_of_others_do_not_exist_for_a_unit(client):
    own, other = DifficultyFactory(title="Của tôi"), DifficultyFactory(title="Của họ")
    signed_in(client, head_of(own.organisation))

    listed = text_of(client.get(address("difficulties")))

    assert ("Của tôi" in listed, "Của họ" in listed) == (True, False)
    assert client.get(address("difficulty", other.pk)).status_code == 404


# ---------------------------------------------------------------- what pages say


def test_an_assignments_page_has_wording_deadline_reasons_standing_and_work(client):
    assignment = AssignmentFactory(task__text="Tổ chức tuyên truyền bằng nhiều hình thức")
    ProgressUpdateFactory(assignment=assignment, narrative="Đã phát 24 chuyên mục")
    EvidenceFactory(assignment=assignment, title="Kế hoạch số 12")
    DifficultyFactory(
        plan=assignment.task.plan,
        task=assignment.task,
        organisation=assignment.organisation,
        title="Thiếu kinh phí",
    )
    signed_in(client, clerk_of(assignment.organisation))

    page = text_of(client.get(address("assignment", assignment.pk)))

    for words in (
        "Tổ chức tuyên truyền bằng nhiều hình thức",
        "Thứ Năm, 31/12/2026",
        "Vì sao ngày này?",
        "Hạn ghi theo năm: ngày cuối của năm.",
        "Còn hạn",
        "Đã phát 24 chuyên mục",
        "Kế hoạch số 12",
        "Thiếu kinh phí",
    ):
        assert words in page


def test_a_lead_reads_what_coordinators_of_the_same_task_told(client):
    lead = AssignmentFactory()
    helper = AssignmentFactory(
        task=lead.task,
        role=PartyRole.COORDINATING,
        organisation=OrganisationFactory(name="Báo Thử"),
    )
    ProgressUpdateFactory(assignment=helper, narrative="Đã đăng 12 tin")
    signed_in(client, clerk_of(lead.organisation))

    page = text_of(client.get(address("assignment", lead.pk)))

    assert "1 trong 1 cơ quan đã ghi tiến độ" in page
    assert ("Báo Thử" in page, "Đã đăng 12 tin" in page) == (True, True)


def test_a_task_shows_its_wording_parties_points_and_bodies(client):
    plan = PlanFactory()
    body = OrganisationFactory(name="Sở Chủ trì")
    task = TaskFactory(plan=plan, lead=[body], text="Nguyên văn nhiệm vụ")
    task.body_points.add(BodyPointFactory(plan=plan, code="2.b", text="Điểm của phần chính"))
    AssignmentFactory(task=task, organisation=body)
    signed_in(client, coordinator_of(plan))

    page = text_of(client.get(address("task", plan.pk, task.pk)))

    for words in ("Nguyên văn nhiệm vụ", "Sở Chủ trì", "2.b)", "Điểm của phần chính"):
        assert words in page


def test_a_year_outside_the_plan_does_not_exist(client):
    plan = PlanFactory(tasks=1)
    signed_in(client, coordinator_of(plan))

    assert client.get(address("show", plan.pk, nam=2031)).status_code == 404
    assert client.get(address("show", plan.pk, nam=2030)).status_code == 200


def test_the_matrix_shows_words_for_every_state(client):
    plan = PlanFactory(tasks=3)
    done, overdue, _free = plan.tasks.order_by("position")
    body = OrganisationFactory(commune=True)
    AssignmentFactory(task=done, organisation=body, complete=True, done_on=date(2026, 9, 1))
    AssignmentFactory(task=overdue, organisation=body, due_on=date(2026, 6, 30))
    signed_in(client, coordinator_of(plan))

    page = text_of(client.get(address("matrix", plan.pk)))

    for words in ("Đúng hạn", "xong 01/09/2026", "Quá hạn", "hạn 30/06/2026", "Không giao"):
        assert words in page


def test_the_list_of_assignments_goes_out_as_a_file(client):
    assignment = AssignmentFactory()
    signed_in(client, coordinator_of(assignment.task.plan))

    page = client.get(address("assignments", assignment.task.plan.pk, export="csv"))

    assert page.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert page.getvalue().decode("utf-8-sig").splitlines()[0].startswith("Cơ quan,Nhiệm vụ")


# ---------------------------------------------------------------- doing the work


def test_a_clerk_tells_progress_from_the_page(client):
    assignment = AssignmentFactory()
    signed_in(client, clerk_of(assignment.organisation))

    page = client.post(
        address("post_update", assignment.pk),
        {"version": 1, "achievement": "limited", "narrative": "Đã tổ chức hội nghị."},
        follow=True,
    )

    assert "Đã ghi tiến độ." in text_of(page)
    assert ProgressUpdate.objects.get().narrative == "Đã tổ chức hội nghị."


def test_what_is_wrong_is_told_at_the_top_and_at_the_field_and_nothing_typed_is_lost(client):
    assignment = AssignmentFactory()
    signed_in(client, clerk_of(assignment.organisation))

    page = client.post(
        address("post_update", assignment.pk),
        {"version": 1, "achievement": "complete", "narrative": "Đã xong", "percent": "120"},
    )

    assert page.status_code == 422
    assert "<title>Lỗi:" in text_of(page)
    assert text_of(page).count("Tiến độ tự đánh giá phải từ 100 trở xuống.") == 2
    assert "Đã xong</textarea>" in text_of(page)


def test_completion_without_evidence_comes_back_with_the_reason(client):
    assignment = AssignmentFactory()
    signed_in(client, clerk_of(assignment.organisation))

    page = client.post(
        address("post_update", assignment.pk),
        {"version": 1, "achievement": "complete", "narrative": "Đã xong"},
    )

    assert page.status_code == 422
    assert "còn thiếu minh chứng" in text_of(page)
    assert Assignment.objects.get().achievement == Achievement.NOT_STARTED


def test_two_people_at_once_the_second_is_shown_both_versions(client):
    assignment = AssignmentFactory()
    form = {"version": 1, "achievement": "limited"}
    colleague = clerk_of(assignment.organisation)
    signed_in(client, colleague)
    client.post(address("post_update", assignment.pk), {**form, "narrative": "Của đồng nghiệp"})
    signed_in(client, head_of(assignment.organisation))

    page = client.post(address("post_update", assignment.pk), {**form, "narrative": "Của tôi"})

    assert page.status_code == 409
    for words in ("Của đồng nghiệp", "Của tôi", colleague.full_name):
        assert words in text_of(page)
    assert ProgressUpdate.objects.count() == 1


def test_evidence_is_added_as_a_file_and_withdrawn_with_a_reason(client):
    assignment = AssignmentFactory()
    signed_in(client, clerk_of(assignment.organisation))

    client.post(
        address("add_evidence", assignment.pk),
        {
            "kind": "document",
            "title": "Kế hoạch số 12",
            "content": SimpleUploadedFile("ke-hoach.pdf", PDF),
        },
    )
    evidence = Evidence.objects.get()
    downloaded = client.get(reverse("files:download", args=[evidence.upload_id]))
    assert b"".join(downloaded.streaming_content) == PDF

    asked = client.get(address("withdraw_evidence", evidence.pk))
    assert "Rút minh chứng “Kế hoạch số 12”?" in text_of(asked)
    client.post(address("withdraw_evidence", evidence.pk), {"reason": "Nhầm tệp"})

    evidence.refresh_from_db()
    assert evidence.withdrawn_reason == "Nhầm tệp"


def test_a_link_is_evidence_too(client):
    assignment = AssignmentFactory()
    signed_in(client, clerk_of(assignment.organisation))

    client.post(
        address("add_evidence", assignment.pk),
        {"kind": "link", "title": "Tin bài", "link": "https://example.vn/tin"},
    )

    assert 'href="https://example.vn/tin"' in text_of(
        client.get(address("assignment", assignment.pk))
    )


def test_a_program_renamed_to_pdf_is_refused_at_the_field(client):
    assignment = AssignmentFactory()
    signed_in(client, clerk_of(assignment.organisation))

    page = client.post(
        address("add_evidence", assignment.pk),
        {"kind": "document", "title": "Tệp", "content": SimpleUploadedFile("a.pdf", EXE)},
    )

    assert page.status_code == 422
    assert not Evidence.objects.exists()


def test_evidence_of_another_body_is_no_file_for_a_stranger(client):
    evidence = EvidenceFactory()
    signed_in(client, clerk_of(OrganisationFactory()))

    page = client.get(reverse("files:download", args=[evidence.upload_id]))

    assert page.status_code in {403, 404}


def test_a_heading_only_task_has_no_way_to_add_content(client):
    assignment = AssignmentFactory(task=TaskFactory(heading_only=True))
    signed_in(client, clerk_of(assignment.organisation))

    page = text_of(client.get(address("assignment", assignment.pk)))
    form = text_of(client.get(address("post_update", assignment.pk)))

    assert address("add_evidence", assignment.pk) not in page
    assert 'name="narrative"' not in form
    assert client.get(address("add_evidence", assignment.pk)).status_code == 403


def test_a_coordinator_sets_what_a_task_must_bring_forth(client):
    task = TaskFactory()
    item = task.deliverables.get()
    signed_in(client, coordinator_of(task.plan))
    rows = {
        "kq-TOTAL_FORMS": 2,
        "kq-INITIAL_FORMS": 1,
        "kq-0-id": item.pk,
        "kq-0-title": "Diễn đàn",
        "kq-0-weight": 60,
        "kq-0-kinds": ["photo"],
        "kq-1-title": "Lớp bồi dưỡng",
        "kq-1-weight": 30,
    }

    wrong = client.post(address("deliverables", task.plan.pk, task.pk), {"version": 1, **rows})
    assert wrong.status_code == 422
    assert "cộng lại bằng 100" in text_of(wrong)

    client.post(
        address("deliverables", task.plan.pk, task.pk), {"version": 1, **rows, "kq-1-weight": 40}
    )
    assert list(task.deliverables.order_by("position").values_list("title", "weight")) == [
        ("Diễn đàn", 60),
        ("Lớp bồi dưỡng", 40),
    ]


def test_a_row_for_one_more_result_comes_from_the_server(client):
    task = TaskFactory()
    signed_in(client, coordinator_of(task.plan))

    page = client.post(
        address("deliverables", task.plan.pk, task.pk),
        {
            "version": 1,
            "kq-TOTAL_FORMS": 1,
            "kq-INITIAL_FORMS": 1,
            "kq-0-title": "Đang gõ dở",
            "add": "1",
        },
    )

    assert page.status_code == 200
    assert 'name="kq-1-title"' in text_of(page)
    assert "Đang gõ dở" in text_of(page)


# ---------------------------------------------------------------- difficulties


def test_a_difficulty_goes_from_the_body_to_the_department_and_back(client):
    plan = PlanFactory(tasks=1)
    body = OrganisationFactory()
    signed_in(client, clerk_of(body))
    client.post(
        address("raise_difficulty", **{"ke-hoach": plan.pk}),
        {
            "organisation": body.pk,
            "task": plan.tasks.get().pk,
            "title": "Thiếu thiết bị",
            "text": "Chưa có cân đối chứng.",
        },
    )
    difficulty = Difficulty.objects.get()
    assert difficulty.task == plan.tasks.get()

    signed_in(client, coordinator_of(plan))
    client.post(address("answer", difficulty.pk), {"version": 1, "answer": "Lồng ghép."})

    signed_in(client, clerk_of(body))
    page = text_of(client.get(address("difficulty", difficulty.pk)))
    assert ("Lồng ghép." in page, "Đã trả lời" in page) == (True, True)


def test_who_answers_second_sees_the_first_answer(client):
    difficulty = DifficultyFactory()
    signed_in(client, coordinator_of(difficulty.plan))
    client.post(address("answer", difficulty.pk), {"version": 1, "answer": "Trả lời trước"})

    page = client.post(address("answer", difficulty.pk), {"version": 1, "answer": "Trả lời sau"})

    assert page.status_code == 409
    assert ("Trả lời trước" in text_of(page), "Trả lời sau" in text_of(page)) == (True, True)


@pytest.mark.parametrize(
    ("act", "field", "state"),
    [
        ("escalate", "escalation", DifficultyState.ESCALATED),
        ("answer", "answer", DifficultyState.ANSWERED),
    ],
)
def test_the_department_deals_with_it_from_the_page(client, act, field, state):
    difficulty = DifficultyFactory()
    signed_in(client, coordinator_of(difficulty.plan))

    client.get(address(act, difficulty.pk))
    client.post(address(act, difficulty.pk), {"version": 1, field: "Nội dung"})

    difficulty.refresh_from_db()
    assert difficulty.state == state


def test_a_unit_is_not_offered_to_answer_itself(client):
    difficulty = DifficultyFactory()
    signed_in(client, clerk_of(difficulty.organisation))

    page = text_of(client.get(address("difficulty", difficulty.pk)))

    assert address("answer", difficulty.pk) not in page
    assert address("withdraw_difficulty", difficulty.pk) in page
    assert client.get(address("answer", difficulty.pk)).status_code == 403


def test_a_leader_of_the_province_directs(client):
    difficulty = DifficultyFactory(escalated=True)
    signed_in(client, PersonFactory(role=Role.PROVINCIAL_LEADER))

    client.post(address("settle", difficulty.pk), {"version": 1, "direction": "Giao Sở Tài chính."})

    difficulty.refresh_from_db()
    assert difficulty.state == DifficultyState.SETTLED


def test_a_body_withdraws_its_difficulty(client):
    difficulty = DifficultyFactory()
    signed_in(client, clerk_of(difficulty.organisation))

    client.post(
        address("withdraw_difficulty", difficulty.pk), {"version": 1, "reason": "Đã giải quyết"}
    )

    difficulty.refresh_from_db()
    assert difficulty.state == DifficultyState.WITHDRAWN


# ---------------------------------------------------------------- what pages cost


def a_busy_plan(size):
    """A plan of some tasks, each led by some bodies, with work done on all of it."""
    plan = PlanFactory(tasks=size)
    bodies = [OrganisationFactory(kind=OrgKind.COMMUNE) for _number in range(size)]
    for task in plan.tasks.all():
        for body in bodies:
            assignment = AssignmentFactory(task=task, organisation=body)
            ProgressUpdateFactory.create_batch(size, assignment=assignment)
            EvidenceFactory.create_batch(size, assignment=assignment)
        helper = AssignmentFactory(task=task, role=PartyRole.COORDINATING)
        ProgressUpdateFactory(assignment=helper)
    DifficultyFactory.create_batch(size, plan=plan, organisation=bodies[0])
    return plan


def led_in(plan):
    return Assignment.objects.filter(task__plan=plan, role=PartyRole.LEAD).first()


PAGES = {
    "list": lambda plan: address("list"),
    "show": lambda plan: address("show", plan.pk),
    "matrix": lambda plan: address("matrix", plan.pk),
    "assignments": lambda plan: address("assignments", plan.pk),
    "assignments of one body": lambda plan: address(
        "assignments", plan.pk, **{"co-quan": led_in(plan).organisation_id}
    ),
    "overdue": lambda plan: address("assignments", plan.pk, han="overdue"),
    "decision": lambda plan: address("decision", plan.pk),
    "task": lambda plan: address("task", plan.pk, plan.tasks.first().pk),
    "assignment": lambda plan: address("assignment", led_in(plan).pk),
    "deliverables": lambda plan: address("deliverables", plan.pk, plan.tasks.first().pk),
    "difficulties": lambda plan: address("difficulties"),
    "difficulty": lambda plan: address("difficulty", plan.difficulties.first().pk),
    "imports": lambda plan: address("imports"),
}


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_costs_the_same_however_much_there_is(client, page):
    def cost(size):
        plan = a_busy_plan(size)
        signed_in(client, coordinator_of(plan))
        url = PAGES[page](plan)
        client.get(url)  # the first visit of a session stores where it came from
        with CaptureQueriesContext(connection) as counted:
            assert client.get(url).status_code == 200
        return len(counted)

    assert cost(1) == cost(3)


UNIT_PAGES = {
    "show": lambda row: address("show", row.task.plan_id),
    "assignment": lambda row: address("assignment", row.pk),
    "update": lambda row: address("post_update", row.pk),
    "evidence": lambda row: address("add_evidence", row.pk),
    "assignments": lambda row: address("assignments", row.task.plan_id),
}


@pytest.mark.slow
@pytest.mark.parametrize("page", UNIT_PAGES)
def test_a_units_page_costs_the_same_however_much_it_did(client, page):
    def cost(size):
        plan = a_busy_plan(size)
        row = led_in(plan)
        signed_in(client, clerk_of(row.organisation))
        url = UNIT_PAGES[page](row)
        client.get(url)
        with CaptureQueriesContext(connection) as counted:
            assert client.get(url).status_code == 200
        return len(counted)

    assert cost(1) == cost(3)
