"""A person's own page of reminders."""

from datetime import date

import pytest

from chuan.core.notices.models import MailChoice
from chuan.core.people.testing import PersonFactory
from chuan.flows.reminders.testing import DigestFactory, with_a_ladder

pytestmark = pytest.mark.django_db


@pytest.fixture
def digest(client):
    found = DigestFactory(day=date(2026, 11, 2))
    client.force_login(found.person)
    return found


def test_a_digest_is_read_as_it_was_given(client, digest):
    page = client.get(f"/nhac-viec/{digest.pk}/").content.decode()
    assert "Nhắc việc ngày 02/11/2026" in page
    assert "Tổ chức tuyên truyền" in page
    assert "quá 3 ngày làm việc" in page


def test_somebody_else_s_digest_is_not_there(client, digest):
    client.force_login(PersonFactory())
    assert client.get(f"/nhac-viec/{digest.pk}/").status_code == 404
    assert digest.title not in client.get("/nhac-viec/").content.decode()


def test_my_page_tells_the_rungs_in_force(client, digest):
    with_a_ladder()
    page = client.get("/nhac-viec/").content.decode()
    assert digest.title in page
    assert "Trước hạn 30, 15, 7, 3, 1 ngày và đúng ngày hết hạn" in page
    assert "15 ngày: vào danh sách trình UBND tỉnh" in page


@pytest.mark.parametrize(
    ("way", "stored"),
    [
        ("ngay-va-khan", (True, True)),
        ("moi-sang", (True, False)),
        ("khong-thu", (False, False)),
    ],
)
def test_how_letters_come_is_chosen_on_the_page(client, digest, way, stored):
    done = client.post("/nhac-viec/", {"way": way})
    assert done.status_code == 302
    choice = MailChoice.objects.get(person=digest.person)
    assert (choice.by_mail, choice.urgent_at_once) == stored
    page = client.get("/nhac-viec/").content.decode()
    assert f'value="{way}"' in page.split(" checked")[0][-120:]


def test_a_choice_that_is_none_is_said_to_be_one(client, digest):
    page = client.post("/nhac-viec/", {"way": "bo-cau"})
    assert page.status_code == 422
    assert not MailChoice.objects.exists()


def test_the_page_costs_the_same_with_one_and_with_many(
    client, digest, django_assert_max_num_queries
):
    with_a_ladder()
    client.get("/nhac-viec/")
    counts = []
    for _more in range(2):
        with django_assert_max_num_queries(40) as queries:
            client.get("/nhac-viec/")
        counts.append(len(queries))
        for _day in range(3):
            DigestFactory(person=digest.person)
    assert counts[0] == counts[1]
