"""The pages on which a plan is amended and its versions are read."""

from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.core.orgs.testing import OrganisationFactory
from chuan.modules.plans.models import PlanImport, PlanVersion
from chuan.modules.plans.operations.assignments import reconcile_assignments
from chuan.modules.plans.testing import (
    VIETNAM,
    DecisionFactory,
    PlanFactory,
    TaskFactory,
    clerk_of,
    coordinator_of,
)

pytestmark = pytest.mark.django_db

AT = datetime(2026, 5, 20, 9, tzinfo=VIETNAM)


@pytest.fixture(autouse=True)
def in_may_2026(time_machine):
    time_machine.move_to(AT, tick=False)


@pytest.fixture
def body():
    return OrganisationFactory(name="Sở Thử nghiệm")


@pytest.fixture
def plan(body):
    plan = PlanFactory()
    for _place in range(2):
        TaskFactory(plan=plan, lead=[body])
    reconcile_assignments(plan, at=AT)
    return plan


@pytest.fixture
def coordinator(plan, client):
    person = coordinator_of(plan)
    client.force_login(person)
    return person


def started(client, plan, content="Quyết định sửa đổi, bổ sung", covers="part"):
    file = SimpleUploadedFile("sua-doi.txt", content.encode(), "text/plain")
    answer = client.post(
        reverse("plans:amend", args=[plan.pk]), {"content": file, "covers": covers}
    )
    made = PlanImport.objects.get(amends=plan)
    assert answer.headers["Location"] == reverse("plans:import", args=[made.pk])
    return made


def head(made, **fields):
    return {
        "version": made.version,
        "number": "512",
        "notation": "QĐ-UBND",
        "issued_on": "10/05/2026",
        "issuer": "Ủy ban nhân dân tỉnh Thử",
        "title": "Quyết định sửa đổi, bổ sung Kế hoạch",
        "from_day": "15/06/2026",
        **fields,
    }


def test_a_coordinator_amends_one_task_from_the_file_to_the_approval(client, plan, coordinator):
    made = started(client, plan)
    assert (
        client.post(reverse("plans:import_document", args=[made.pk]), head(made)).status_code == 302
    )
    made.refresh_from_db()
    key = f"p{plan.tasks.get(code='I.1').pk}"
    page = client.get(reverse("plans:import_task", args=[made.pk, key]))
    form = page.context["form"]
    written = {name: form[name].value() or "" for name in form.fields} | {"text": "Lời mới"}
    client.post(reverse("plans:import_task", args=[made.pk, key]), written | {"save": "1"})
    made.refresh_from_db()

    approval = client.get(reverse("plans:import_approval", args=[made.pk]))
    assert "Tổ chức thực hiện nội dung số 1" in approval.text
    assert "Lời mới" in approval.text
    assert "chuyển 4 phân công chưa đến kỳ sang nội dung mới" in approval.text
    answer = client.post(
        reverse("plans:import_approval", args=[made.pk]), {"version": made.version}, follow=True
    )

    assert answer.redirect_chain[-1][0] == reverse("plans:versions", args=[plan.pk])
    assert "Phiên bản 2, áp dụng từ 15/06/2026" in answer.text
    assert "1 nhiệm vụ sửa đổi" in answer.text
    assert [one["years"] for one in answer.context["shown"]] == [
        "2027, 2028, 2029, 2030",
        "2025, 2026",
    ]


@pytest.mark.parametrize(("year", "text"), [(2026, "nội dung số 1"), (2027, "Lời mới")])
def test_the_plans_page_shows_each_year_in_its_wording(client, plan, coordinator, year, text):
    test_a_coordinator_amends_one_task_from_the_file_to_the_approval(client, plan, coordinator)
    page = client.get(reverse("plans:show", args=[plan.pk]), {"nam": year})

    lines = [row["line"].task.text for row in page.context["table"].rows]
    assert len(lines) == 2
    assert any(text in line for line in lines)


def test_what_is_missing_is_told_on_the_page_of_approval(client, plan, coordinator):
    made = started(client, plan)
    page = client.get(reverse("plans:import_approval", args=[made.pk]))

    assert "Nhập ngày áp dụng bản sửa đổi." in page.text
    refused = client.post(
        reverse("plans:import_approval", args=[made.pk]), {"version": made.version}, follow=True
    )
    assert "Bản nhập còn điểm phải xử lý trước khi phê duyệt." in refused.text
    assert PlanVersion.objects.filter(plan=plan).count() == 1


def test_units_read_the_versions_and_amend_nothing(client, plan, body):
    client.force_login(clerk_of(body))
    page = client.get(reverse("plans:versions", args=[plan.pk]))

    assert "Phiên bản 1, áp dụng từ 25/03/2025" in page.text
    assert reverse("plans:amend", args=[plan.pk]) not in page.text
    assert client.get(reverse("plans:amend", args=[plan.pk])).status_code == 403


def test_the_versions_cost_the_same_however_many_there_are(client, plan, coordinator):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as made:
            client.get(reverse("plans:versions", args=[plan.pk]))
        return len(made)

    queries()
    few = queries()
    for number in (2, 3, 4):
        PlanVersion.objects.create(
            plan=plan,
            number=number,
            document=DecisionFactory(held_by=plan.managed_by),
            from_day=date(2025 + number, 1, 1),
            approved_by=coordinator,
            approved_at=AT,
        )
        plan.tasks.filter(code="I.1", until=None).update(until=number)
        old = plan.tasks.order_by("-pk").first()
        TaskFactory(plan=plan, code="I.1", since=number, follows=old, position=1)

    assert queries() == few


def test_a_removed_task_is_compared_with_nothing(client, plan, coordinator):
    made = started(client, plan)
    client.post(reverse("plans:import_document", args=[made.pk]), head(made))
    made.refresh_from_db()
    key = f"p{plan.tasks.get(code='I.1').pk}"
    client.post(reverse("plans:import_remove_task", args=[made.pk, key]), {"version": made.version})

    page = client.get(reverse("plans:import_approval", args=[made.pk]))

    assert "Bãi bỏ" in page.text
    assert 'data-l="Trước"' in page.text
    assert 'data-l="Sau"' not in page.text
