"""The wizard in a browser without scripts: every step a form, and nothing before approval."""

import re
from dataclasses import replace
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from chuan.core.orgs.models import Group
from chuan.core.orgs.queries import name_on
from chuan.core.orgs.testing import OrganisationFactory
from chuan.modules.plans.enums import DueKind, ImportState
from chuan.modules.plans.models import Assignment, Plan, PlanImport, Task
from chuan.modules.plans.queries.imports import draft_of
from chuan.modules.plans.testing import clerk_of
from chuan.modules.plans.tests.conftest import DECISION, load_register
from chuan.modules.plans.tests.test_imports import prepared, take_in

pytestmark = pytest.mark.slow

HEAD = {
    "number": "1029",
    "notation": "QĐ-UBND",
    "issued_on": "25/03/2025",
    "issuer": "Ủy ban nhân dân tỉnh Bình Định",
    "title": "Ban hành Kế hoạch",
    "short_title": "Kế hoạch 1029",
    "last_day": "31/12/2030",
    "report_due": "20/11",
    "based_on": "38-CT/TW",
}


def address(name, *args):
    return reverse(f"plans:{name}", args=args)


def text_of(page):
    return page.content.decode()


@pytest.fixture(scope="module")
def loaded(around_the_file):
    """The real register, for all tests of this file."""
    with around_the_file():
        load_register()


@pytest.fixture
def register(loaded, db):
    """It is there."""


@pytest.fixture
def department_page(client, coordinator):
    client.force_login(coordinator)
    return client


@pytest.fixture
def open_import(department_page, coordinator, department):
    return take_in(coordinator, department)


def upload(client, department, name=DECISION.name, content=None):
    file = SimpleUploadedFile(name, DECISION.read_bytes() if content is None else content)
    return client.post(
        address("new_import"), {"managed_by": department.pk, "content": file}, follow=True
    )


def fresh(plan_import):
    plan_import.refresh_from_db()
    return plan_import


def task_form(task, version, **changes):
    form = {
        "version": version,
        "code": task.code,
        "section": task.section,
        "text": task.text,
        "short_text": task.short_text,
        "lead": "\n".join(task.lead),
        "coordinating": "\n".join(task.coordinating),
        "time_text": task.time_text,
        "due_kind": str(task.due_kind),
        "due_on": task.due_on.strftime("%d/%m/%Y") if task.due_on else "",
        "body_points": list(task.body_points),
    }
    return form | changes


def fields_of(page, *, but=()):
    """What the page's form would send as it stands, the way a browser would."""
    html = text_of(page)
    sent = {}
    for tag in re.findall(r"<input\b[^>]*>", html):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" in found and found.get("type") not in {"checkbox", "radio", "file"}:
            sent.setdefault(found["name"], found.get("value", ""))
    for name, inner in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inner)
        sent[name] = chosen.group(1) if chosen else ""
    return {name: value for name, value in sent.items() if name not in but}


@pytest.mark.slow
def test_from_the_file_to_the_plan(department_page, department):
    client = department_page

    page = upload(client, department)
    plan_import = PlanImport.objects.get()
    assert page.redirect_chain[-1][0] == address("import", plan_import.pk)
    assert "6 nhóm, 21 nhiệm vụ" in text_of(page)
    assert "Nơi nhận ghi “Như Điều 3”" in text_of(page)

    # step 2: what the stamp says is offered, and becomes true when it is saved
    page = client.get(address("import_document", plan_import.pk))
    assert 'value="1029"' in text_of(page)
    assert draft_of(fresh(plan_import)).document.number == ""
    page = client.post(
        address("import_document", plan_import.pk),
        {"version": plan_import.version, **HEAD},
        follow=True,
    )

    # step 3: the doubtful task comes first, with its source beside it
    draft = draft_of(fresh(plan_import))
    first = draft.in_order_of_doubt[0]
    assert page.redirect_chain[-1][0] == address("import_task", plan_import.pk, first.key)
    assert "Dòng bị ngắt sang trang sau" in text_of(page)
    assert '<mark class="sure">' in text_of(page)
    for task in draft.in_order_of_doubt[:2]:
        page = client.post(
            address("import_task", plan_import.pk, task.key),
            {**task_form(task, fresh(plan_import).version), "go": "1"},
            follow=True,
        )
    assert page.redirect_chain[-1][0] == address("import_bodies", plan_import.pk)

    # step 4: the districts are no more in 2026; a person says who stands in, and why
    districts, communes = (
        Group.objects.get(code=code).pk for code in ("ubnd-cap-huyen", "ubnd-cap-xa")
    )
    stand_in = f"thay-nhom-{districts}-20260101"
    sent = {**fields_of(page, but=("q",)), stand_in: f"group:{communes}"}
    page = client.post(address("import_bodies", plan_import.pk), sent)
    assert page.status_code == 422
    assert "Nhập văn bản làm căn cứ." in text_of(page)
    sent |= {f"{stand_in}-can-cu": "Nghị quyết số 1664/NQ-UBTVQH15"}
    page = client.post(address("import_bodies", plan_import.pk), sent, follow=True)

    # step 5: counts first, then the button
    assert page.redirect_chain[-1][0] == address("import_approval", plan_import.pk)
    assert re.search(r"Sẽ tạo [\d.]+ phân công", text_of(page))
    assert (Plan.objects.count(), Assignment.objects.count()) == (0, 0)
    promised = int(re.search(r"Sẽ tạo ([\d.]+) phân công", text_of(page))[1].replace(".", ""))
    page = client.post(
        address("import_approval", plan_import.pk),
        {"version": fresh(plan_import).version},
        follow=True,
    )

    plan = Plan.objects.get()
    assert page.redirect_chain[-1][0] == address("show", plan.pk)
    assert (Task.objects.count(), Assignment.objects.count()) == (21, promised)


def test_the_overview_warns_at_once_of_bodies_that_will_be_gone(open_import, department_page):
    page = text_of(department_page.get(address("import", open_import.pk)))

    assert re.search(r"Đến ngày 01/01/2026 đã không còn UBND [^;]*; ai nhận \d+ nhiệm vụ\?", page)
    assert address("import_bodies", open_import.pk) in page


def test_the_overview_says_what_comes_from_stamps_until_somebody_confirms_it(
    open_import, department_page
):
    before = text_of(department_page.get(address("import", open_import.pk)))
    department_page.post(
        address("import_document", open_import.pk), {"version": open_import.version, **HEAD}
    )
    after = text_of(department_page.get(address("import", open_import.pk)))

    assert "Đọc từ dấu trên bản ký: số 1029, ngày 25/03/2025; cần xác nhận." in before
    assert "cần xác nhận" not in after


def test_who_stands_in_may_be_a_body_that_was_not_there_when_the_decision_was_made(
    open_import, department_page
):
    department_page.post(
        address("import_document", open_import.pk), {"version": open_import.version, **HEAD}
    )
    page = department_page.get(address("import_bodies", open_import.pk))
    field = f"thay-nhom-{Group.objects.get(code='ubnd-cap-huyen').pk}-20260101"
    new = "Ủy ban nhân dân xã Tuy Phước"
    sent = fields_of(page, but=("q",))
    sent |= {f"{field}-khac": new, f"{field}-can-cu": "Nghị quyết số 1664/NQ-UBTVQH15"}

    page = department_page.post(address("import_bodies", open_import.pk), sent, follow=True)

    assert page.status_code == 200, page.context["form"].errors
    (stand_in,) = draft_of(fresh(open_import)).stand_ins
    assert name_on(stand_in.by_organisation_id, date(2026, 1, 1)).name == new


def test_leaving_and_coming_back_loses_nothing(open_import, department_page):
    client = department_page
    client.post(
        address("import_document", open_import.pk),
        {"version": 1, "number": "12", "notation": "", "save": "1"},
    )

    page = client.get(address("import_document", open_import.pk))

    assert 'value="12"' in text_of(page)
    assert draft_of(fresh(open_import)).document.number == "12"


def test_going_on_asks_for_what_is_missing(open_import, department_page):
    page = department_page.post(
        address("import_document", open_import.pk), {"version": 1, **HEAD, "number": ""}
    )

    assert page.status_code == 422
    assert text_of(page).count("Nhập số.") == 2


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("number", "12a", "Số chỉ gồm chữ số"),
        ("issued_on", "31/02/2025", "Ngày ban hành"),
        ("last_day", "01/01/2020", "phải sau ngày ban hành"),
        ("report_due", "31/11", "ngày/tháng có thật"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(open_import, department_page, field, value, said):
    page = department_page.post(
        address("import_document", open_import.pk), {"version": 1, **HEAD, field: value}
    )

    assert page.status_code == 422
    assert said in text_of(page)


def test_an_autosave_keeps_what_is_there_and_hands_out_the_next_version(
    open_import, department_page
):
    def autosave(**changes):
        return department_page.post(
            address("import_document", open_import.pk),
            {"version": 1, **HEAD, **changes},
            headers={"X-Requested-With": "autosave"},
        )

    kept = autosave(number="")
    assert kept.json()["fields"] == {"version": "2"}
    assert draft_of(fresh(open_import)).document.title == "Ban hành Kế hoạch"

    assert autosave().status_code == 409
    assert autosave(version=2, issued_on="32/13/2025").status_code == 422


def test_a_task_is_edited_split_removed_restored_and_added(open_import, department_page):
    client = department_page
    task = draft_of(open_import).tasks[2]

    client.post(
        address("import_task", open_import.pk, task.key),
        task_form(
            task,
            1,
            lead="Sở Tài chính\nSở Y tế;",
            due_kind=DueKind.ONCE,
            due_on="30/9/2026",
            deliverables="Diễn đàn | 60\nLớp bồi dưỡng | 40",
            heading_only="on",
            split="1",
        ),
    )
    changed = draft_of(fresh(open_import)).task(task.key)
    assert changed.lead == ("Sở Tài chính", "Sở Y tế")
    assert (changed.due_kind, str(changed.due_on)) == (DueKind.ONCE, "2026-09-30")
    assert [(item.title, item.weight) for item in changed.deliverables] == [
        ("Diễn đàn", 60),
        ("Lớp bồi dưỡng", 40),
    ]
    assert changed.heading_only
    copy = draft_of(open_import).tasks[3]
    assert (copy.code, copy.text) == ("I.3.1", task.text)

    asked = client.get(address("import_remove_task", open_import.pk, task.key))
    assert "Bỏ nhiệm vụ I.3 khỏi bản nhập?" in text_of(asked)
    client.post(address("import_remove_task", open_import.pk, task.key))
    assert draft_of(fresh(open_import)).task(task.key) is None

    client.post(address("import_restore_task", open_import.pk, task.key))
    restored = draft_of(fresh(open_import))
    assert restored.tasks[2] == task

    client.post(address("import_add_task", open_import.pk), {"after": task.key})
    assert draft_of(fresh(open_import)).tasks[3].text == ""


def test_weights_that_do_not_make_a_whole_are_refused(open_import, department_page):
    task = draft_of(open_import).tasks[0]

    page = department_page.post(
        address("import_task", open_import.pk, task.key),
        task_form(task, 1, deliverables="Một | 60\nHai | 30", go="1"),
    )

    assert page.status_code == 422
    assert "cộng lại bằng 100" in text_of(page)


def test_sections_and_points_are_edited_as_lines(open_import, department_page):
    def send(sections):
        return department_page.post(
            address("import_points", open_import.pk),
            {"version": 1, "sections": sections, "body_points": "1.a | Điểm"},
        )

    assert "Dòng 2: viết mã" in text_of(send("I | Một\nKhông có mã"))
    send("I | Một\nII | Hai")

    draft = draft_of(fresh(open_import))
    assert [(one.code, one.text) for one in draft.sections] == [("I", "Một"), ("II", "Hai")]


def test_two_coordinators_at_once_the_second_is_shown_both_versions(open_import, department_page):
    client = department_page
    form = {"version": 1, **HEAD}
    client.post(address("import_document", open_import.pk), {**form, "number": "11"})

    page = client.post(address("import_document", open_import.pk), {**form, "number": "22"})

    assert page.status_code == 409
    assert (">11<" in text_of(page), ">22<" in text_of(page)) == (True, True)
    assert draft_of(fresh(open_import)).document.number == "11"


def test_a_name_is_matched_by_typing_it(open_import, department_page, coordinator):
    client = department_page
    client.post(address("import_document", open_import.pk), {"version": 1, **HEAD})
    page = client.get(address("import_bodies", open_import.pk))
    sent = fields_of(page, but=("q",))

    wrong = client.post(
        address("import_bodies", open_import.pk),
        {**sent, "m-so-noi-vu-khac": "Sở Không có", "save": "1"},
    )
    assert wrong.status_code == 422
    assert "Không có cơ quan tên “Sở Không có”" in text_of(wrong)

    client.post(
        address("import_bodies", open_import.pk),
        {**sent, "m-so-noi-vu-khac": "sở tài chính", "save": "1"},
    )
    draft = draft_of(fresh(open_import))
    assert draft.match("Sở Nội vụ").organisation_id == draft.match("Sở Tài chính").organisation_id
    assert draft.match("Sở Nội vụ").is_decided


def test_approval_names_everything_in_the_way_with_a_link_to_it(open_import, department_page):
    page = department_page.get(address("import_approval", open_import.pk))

    assert "Còn điểm phải xử lý trước khi phê duyệt" in text_of(page)
    assert f'href="{address("import_document", open_import.pk)}#id_number"' in text_of(page)
    refused = department_page.post(
        address("import_approval", open_import.pk), {"version": 1}, follow=True
    )
    assert "Bản nhập còn điểm phải xử lý" in text_of(refused)
    assert not Plan.objects.exists()


def test_the_same_file_again_is_compared_and_makes_nothing(
    open_import, department_page, department, coordinator
):
    client = department_page
    prepared(open_import, coordinator)

    page = upload(client, department)

    assert page.redirect_chain[-1][0] == address("compare_import", open_import.pk)
    assert "19 nhiệm vụ khác với bản đọc hôm nay" in text_of(page)
    assert PlanImport.objects.count() == 1

    client.post(address("compare_import", open_import.pk))
    assert PlanImport.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("quyet-dinh.txt", b"", "rỗng"),
        ("quyet-dinh.exe", b"MZ" + bytes(64), "không thuộc loại nhận được"),
        ("quyet-dinh.pdf", b"MZ" + bytes(64), "PDF"),
        ("quyet-dinh.docx", b"%PDF-1.7\n", "DOCX|Word"),
    ],
)
def test_each_unreadable_file_has_a_message_of_its_own(
    department_page, department, name, content, said
):
    page = upload(department_page, department, name, content)

    assert page.status_code == 422
    assert re.search(said, text_of(page))
    assert not PlanImport.objects.exists()


def test_an_import_is_put_aside_and_taken_up_again(open_import, department_page):
    client = department_page

    client.post(address("abandon_import", open_import.pk), {"version": 1})
    assert fresh(open_import).state == ImportState.ABANDONED
    assert client.get(address("import_document", open_import.pk)).status_code == 403

    client.post(address("reopen_import", open_import.pk))
    assert fresh(open_import).state == ImportState.OPEN


def test_an_import_without_tasks_offers_to_add_them(open_import, department_page, coordinator):
    open_import.draft = {**open_import.draft, "tasks": []}
    open_import.save()

    page = department_page.get(address("import_tasks", open_import.pk))

    assert "Không đọc được nhiệm vụ nào" in text_of(page)
    department_page.post(address("import_add_task", open_import.pk))
    assert len(draft_of(fresh(open_import)).tasks) == 1


def test_imports_do_not_exist_for_a_unit(client, open_import):
    client.force_login(clerk_of(OrganisationFactory()))

    assert client.get(address("import", open_import.pk)).status_code == 404
    assert client.get(address("new_import")).status_code == 403


def test_a_task_that_is_gone_is_not_found(open_import, department_page):
    assert department_page.get(address("import_task", open_import.pk, "t99")).status_code == 404


def test_the_draft_survives_being_replaced_by_itself(open_import):
    draft = draft_of(open_import)

    assert replace(draft) == draft


def test_a_file_in_which_no_task_was_found_is_not_called_certain(open_import, department_page):
    PlanImport.objects.update(draft={**open_import.draft, "tasks": []})

    shown = text_of(department_page.get(address("import", open_import.pk)))

    assert "Không đọc được nhiệm vụ nào" in shown
    assert shown.count("Không đọc được") > 1
