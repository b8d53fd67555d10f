import unicodedata

import pytest
from django.urls import reverse

from chuan.core.documents.testing import OfficialDocumentFactory
from chuan.core.legal.testing import LegalSourceFactory
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.core.ui.finding import finders_for
from chuan.flows.annual_report.testing import Shelf, a_situation
from chuan.modules.plans.testing import (
    Assignment,
    AssignmentFactory,
    DifficultyFactory,
    Evidence,
    EvidenceFactory,
    TaskFactory,
)

WORD = "Hoài Nhơn"


@pytest.fixture
def world(monkeypatch, db):
    """Two bodies; of everything one thing of the first body that bears the words looked for."""
    Shelf(counts={}, shares={}).put(monkeypatch)
    world = a_situation(bodies=2, tasks=1)
    world.mine, world.other = world.clerks
    lead = Assignment.objects.get(organisation=world.bodies[0])
    EvidenceFactory(assignment=lead, title=f"Ảnh {WORD}")
    DifficultyFactory(plan=world.period.plan, organisation=world.bodies[0], title=f"Khó ở {WORD}")
    TaskFactory(plan=world.period.plan, short_text=f"Tập huấn tại {WORD}")
    OfficialDocumentFactory(held_by=world.bodies[0], subject=f"Về việc {WORD}")
    LegalSourceFactory(title=f"Nghị quyết về {WORD}")
    body = OrganisationFactory(name=f"Ủy ban nhân dân phường {WORD}")
    PersonFactory(full_name=f"Trần {WORD}", organisation=body)
    return world


def found(person, text):
    """How many of each kind, of those kinds of which there are some."""
    counts = {one.key: one.find(person, text, 0, 5).count for one in finders_for(person)}
    return {key: count for key, count in counts.items() if count}


@pytest.mark.parametrize(
    "text",
    ["hoai nhon", "Hoài Nhơn", "HOÀI NHƠN", unicodedata.normalize("NFD", "Hoài Nhơn"), "nhon hoai"],
)
def test_tones_case_form_and_order_make_no_difference(world, text):
    assert found(world.mine, text) == found(world.mine, WORD)


def test_a_clerk_finds_what_is_of_their_own_body(world):
    assert found(world.mine, WORD) == {
        "tasks": 1,
        "bodies": 1,
        "documents": 1,
        "evidence": 1,
        "difficulties": 1,
        "law": 1,
    }


def test_a_clerk_finds_nothing_of_another_body(world):
    assert found(world.other, WORD) == {"tasks": 1, "bodies": 1, "law": 1}


def test_the_department_finds_the_work_of_every_body_and_its_own_register_alone(world):
    assert found(world.coordinator, WORD) == {
        "tasks": 1,
        "bodies": 1,
        "evidence": 1,
        "difficulties": 1,
        "law": 1,
        "people": 1,
    }


def test_who_manages_accounts_finds_people_and_nothing_of_the_work(world):
    administrator = PersonFactory(role=Role.SYSTEM_ADMINISTRATOR)

    assert found(administrator, WORD) == {"bodies": 1, "law": 1, "people": 1}


def test_a_coordinator_finds_who_works_in_a_body_and_is_led_to_the_body(world):
    body = OrganisationFactory(name="UBND xã Vĩnh Sơn")
    clerk = PersonFactory(full_name="Lê Thị Mơ", role=Role.UNIT_CLERK, organisation=body)
    PersonFactory(full_name="Lê Thị Mơ", role=Role.AUDITOR)
    [finder] = [one for one in finders_for(world.coordinator) if one.key == "people"]

    found = finder.find(world.coordinator, "le thi mo", 0, 5)

    assert [(one.title, one.url) for one in found.hits] == [
        ("Lê Thị Mơ", reverse("orgs:show", args=[body.pk]))
    ]
    assert "UBND xã Vĩnh Sơn" in found.hits[0].text
    clerk.is_active = False
    clerk.save()
    assert finder.find(world.coordinator, "le thi mo", 0, 5).count == 0


def test_nobody_else_finds_people(world):
    for person in (world.mine, world.leader):
        assert "people" not in {one.key for one in finders_for(person)}


def test_assignments_and_reports_are_found_by_body_and_task_together(world):
    name = Assignment.objects.get(organisation=world.bodies[0]).task.short_text
    body = world.bodies[0].versions.get().name

    assert found(world.mine, f"{name} {body}")["assignments"] == 1
    assert found(world.mine, body)["reports"] == 1
    assert "assignments" not in found(world.other, body)
    assert "reports" not in found(world.other, body)


def test_evidence_that_was_withdrawn_is_not_found(world):
    Evidence.objects.filter(search_key__contains="hoai").update(
        withdrawn_by=world.mine, withdrawn_at=world.period.opened_at
    )

    assert "evidence" not in found(world.mine, WORD)


def test_what_a_heading_only_task_says_is_not_found(world):
    TaskFactory(plan=world.period.plan, heading_only=True, text=f"Mật {WORD}", short_text="Đề mục")

    assert found(world.mine, WORD)["tasks"] == 1


def test_the_page_groups_marks_and_leads_to_all_of_a_kind(client, world):
    DifficultyFactory.create_batch(
        6, plan=world.period.plan, organisation=world.bodies[0], title=f"Vướng ở {WORD}"
    )
    client.force_login(world.mine)

    text = client.get(reverse("search:results"), {"q": "hoai nhon"}).content.decode()
    whole = client.get(
        reverse("search:results"), {"q": "hoai nhon", "loai": "difficulties"}
    ).content.decode()

    assert f"<mark>{WORD}</mark>" in text
    assert "Xem tất cả 7" in text
    assert whole.count("Vướng ở") == 6


@pytest.mark.parametrize("query", ["", "?q=", "?q=zzzz", "?q=a&loai=khong-co", "?q=a&trang=x"])
def test_nothing_found_is_explained(client, world, query):
    client.force_login(world.mine)

    page = client.get(reverse("search:results") + query)

    assert page.status_code == 200


def test_it_costs_the_same_for_one_hit_and_many(
    client, world, django_assert_num_queries, django_assert_max_num_queries
):
    client.force_login(world.mine)
    address = reverse("search:results") + "?q=hoai+nhon"
    client.get(address)
    with django_assert_max_num_queries(70) as queries:
        client.get(address)
    DifficultyFactory.create_batch(
        3, plan=world.period.plan, organisation=world.bodies[0], title=f"Khó ở {WORD}"
    )
    OrganisationFactory(name=f"Ủy ban nhân dân xã {WORD} Bắc")

    with django_assert_num_queries(len(queries)):
        client.get(address)


def test_what_a_task_says_is_cut_after_a_whole_word(world):
    long = f"Tại {WORD} " + "tuyên truyền " * 40
    TaskFactory(plan=world.period.plan, text=long, short_text="Đề mục")

    found = next(one for one in finders_for(world.mine) if one.key == "tasks")
    texts = [hit.text for hit in found.find(world.mine, WORD, 0, 5).hits]

    assert any(text.endswith("truyền…") for text in texts)


def test_assignments_of_this_year_come_first_then_those_before_then_those_to_come(world):
    lead = Assignment.objects.get(organisation=world.bodies[0])
    for year in (2025, 2027, 2028):
        AssignmentFactory(task=lead.task, organisation=lead.organisation, year=year)

    finder = next(one for one in finders_for(world.mine) if one.key == "assignments")
    hits = finder.find(world.mine, lead.task.short_text, 0, 9).hits

    assert [hit.text[-4:] for hit in hits] == ["2026", "2025", "2027", "2028"]
