from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.core.audit.models import Entry
from chuan.core.legal.models import SourceRelation
from chuan.core.legal.testing import LegalSourceFactory, StatutoryParameterFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory

pytestmark = pytest.mark.django_db

LIST = "/can-cu/"


@pytest.fixture
def reader(client):
    client.force_login(PersonFactory(role=Role.UNIT_CLERK))


def text_of(page):
    assert page.status_code == 200
    return page.content.decode()


@pytest.mark.usefixtures("reader")
def test_sources_are_searched_and_narrowed_by_force_and_by_whether_they_were_compared(client):
    LegalSourceFactory(notation="91/2015/QH13", title="Bộ luật Dân sự", is_verified=False)
    LegalSourceFactory(notation="65/2025/QH15", title="Luật cũ", effective_to=date(2025, 6, 16))

    def found(**asked):
        page = text_of(client.get(LIST, asked))
        return [one for one in ("91/2015/QH13", "65/2025/QH15") if one in page]

    assert found() == ["91/2015/QH13", "65/2025/QH15"]
    assert found(q="dan su") == ["91/2015/QH13"]
    assert found(hieu_luc="con") == ["91/2015/QH13"]
    assert found(hieu_luc="het") == ["65/2025/QH15"]
    assert found(hieu_luc="sap") == []
    assert found(doi_chieu="chua") == ["91/2015/QH13"]
    assert found(doi_chieu="roi") == ["65/2025/QH15"]


@pytest.mark.usefixtures("reader")
def test_the_list_costs_the_same_for_one_source_and_for_many(client):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            text_of(client.get(LIST))
        return len(asked)

    StatutoryParameterFactory()
    one = cost()
    for _number in range(4):
        StatutoryParameterFactory()
    assert cost() == one


@pytest.mark.usefixtures("reader")
def test_a_source_shows_its_parameters_past_and_present_and_its_relations(client):
    source = LegalSourceFactory(notation="09/2019/NĐ-CP", is_verified=False)
    days = {"valid_from": date(2020, 1, 1), "valid_to": date(2025, 1, 1)}
    StatutoryParameterFactory(
        code="a", title="Kỳ chốt số liệu", value=[6, 7], source=source, clause="Điều 12", **days
    )
    new = LegalSourceFactory(notation="10/2027/NĐ-CP")
    SourceRelation.objects.create(source=new, kind=SourceRelation.Kind.REPLACES, target=source)

    page = text_of(client.get(reverse("legal:show", args=[source.pk])))
    for words in ("Kỳ chốt số liệu", "6, 7", "Điều 12", "Được thay thế bởi", "10/2027/NĐ-CP"):
        assert words in page
    assert "Chưa đối chiếu với văn bản chính thức" in page
    assert "Ghi nhận đã đối chiếu" not in page
    other = text_of(client.get(reverse("legal:show", args=[new.pk])))
    assert "Thay thế" in other
    assert client.get(reverse("legal:show", args=[0])).status_code == 404


def test_the_standing_department_confirms_a_source_on_its_page(client):
    actor = PersonFactory(role=Role.DEPARTMENT_COORDINATOR)
    client.force_login(actor)
    source = LegalSourceFactory(is_verified=False)
    assert "Ghi nhận đã đối chiếu" in text_of(client.get(reverse("legal:show", args=[source.pk])))

    page = client.post(reverse("legal:confirm", args=[source.pk]), follow=True)

    assert "Đã ghi nhận việc đối chiếu" in text_of(page)
    source.refresh_from_db()
    assert source.is_verified
    assert Entry.objects.get(action="legal.source_confirmed").actor == actor


@pytest.mark.usefixtures("reader")
def test_a_clerk_who_confirms_a_source_is_told_who_may(client):
    source = LegalSourceFactory(is_verified=False)
    page = client.post(reverse("legal:confirm", args=[source.pk]), follow=True)
    assert "Chỉ cơ quan thường trực" in text_of(page)
    source.refresh_from_db()
    assert not source.is_verified
    assert client.get(reverse("legal:confirm", args=[source.pk])).status_code == 405
