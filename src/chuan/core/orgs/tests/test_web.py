from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.core.legal.testing import LegalSourceFactory
from chuan.core.orgs.enums import OrgKind, Share
from chuan.core.orgs.models import GroupException
from chuan.core.orgs.testing import (
    ChangeEventFactory,
    GroupFactory,
    OrganisationFactory,
    OrganisationVersionFactory,
    SuccessionLinkFactory,
)
from chuan.core.people.testing import PersonFactory

pytestmark = pytest.mark.django_db

MERGER = date(2025, 7, 1)


@pytest.fixture
def reader(client):
    person = PersonFactory()
    client.force_login(person)
    return person


def text_of(page):
    assert page.status_code == 200
    return page.content.decode()


def queries_of(client, url):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


@pytest.mark.usefixtures("reader")
def test_the_list_shows_the_bodies_of_the_chosen_day_under_their_kinds(client):
    province = OrganisationFactory(province=True, name="Ủy ban nhân dân tỉnh Gia Lai")
    OrganisationFactory(name="Sở Y tế", parent=province, valid_from=MERGER)
    OrganisationFactory(district=True, name="Ủy ban nhân dân huyện Cũ", valid_to=MERGER)

    now = text_of(client.get(reverse("orgs:list")))
    assert "Sở Y tế" in now
    assert "Cơ quan cấp tỉnh" in now
    assert "huyện Cũ" not in now

    then = text_of(client.get(reverse("orgs:list"), {"ngay": "30/06/2025"}))
    assert "huyện Cũ" in then
    assert "Sở Y tế" not in then
    assert "Danh mục vào ngày 30/06/2025" in then


@pytest.mark.usefixtures("reader")
def test_the_list_is_narrowed_by_kind_and_searched_by_old_names(client):
    old = OrganisationFactory(district=True, name="UBND huyện Hoài Ân", valid_to=MERGER)
    heir = OrganisationFactory(commune=True, name="UBND xã Kim Sơn", valid_from=MERGER)
    OrganisationFactory(name="Sở Y tế")
    event = ChangeEventFactory(effective_on=MERGER)
    SuccessionLinkFactory(event=event, predecessor=old, successor=heir, share=Share.PARTIAL)

    found = text_of(client.get(reverse("orgs:list"), {"q": "HOAI an"}))
    assert "UBND xã Kim Sơn" in found
    assert "Sở Y tế" not in found
    communes = text_of(client.get(reverse("orgs:list"), {"loai": OrgKind.COMMUNE}))
    assert "UBND xã Kim Sơn" in communes
    assert "Sở Y tế" not in communes


@pytest.mark.usefixtures("reader")
def test_a_day_that_cannot_be_read_says_so_and_shows_today(client):
    OrganisationFactory(name="Sở Y tế")
    page = text_of(client.get(reverse("orgs:list"), {"ngay": "31/02/2025"}))
    assert "Ngày phải là ngày có thật" in page
    assert "Sở Y tế" in page


@pytest.mark.usefixtures("reader")
def test_the_list_costs_the_same_for_one_body_and_for_many(client):
    OrganisationFactory()
    addresses = [reverse("orgs:list"), reverse("orgs:list") + "?q=so"]
    one = [queries_of(client, address) for address in addresses]
    for _number in range(5):
        OrganisationFactory(parent=OrganisationFactory(province=True))
    assert [queries_of(client, address) for address in addresses] == one


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_list_can_be_taken_away_as_a_file(client, kind):
    OrganisationFactory(name="Sở Y tế")
    page = client.get(reverse("orgs:list"), {"export": kind})
    assert page.status_code == 200
    assert f".{kind}" in page["Content-Disposition"]
    assert page.getvalue()


@pytest.mark.usefixtures("reader")
def test_a_body_shows_what_it_was_its_names_and_who_came_before_and_after(client):
    province = OrganisationFactory(province=True, short_name="UBND tỉnh", name="UBND tỉnh Gia Lai")
    body = OrganisationFactory(name="Sở Cũ", valid_to=MERGER, parent=province)
    OrganisationVersionFactory(
        organisation=body,
        name="Sở Mới",
        valid_from=MERGER,
        parent=province,
        legal_basis=LegalSourceFactory(notation="99/QĐ-UBND"),
    )
    before = SuccessionLinkFactory(
        predecessor=OrganisationFactory(name="Sở Trước", valid_to=MERGER),
        successor=body,
        share=Share.PARTIAL,
        is_confirmed=False,
        note="Suy ra từ tên",
    )
    group = GroupFactory(name="Các sở", members=[body])

    page = text_of(client.get(reverse("orgs:show", args=[body.pk])))
    for words in (
        "<h1>Sở Mới</h1>",
        "Sở Cũ",
        "UBND tỉnh Gia Lai",
        "99/QĐ-UBND",
        "Sở Trước",
        "Một phần",
        "Cần đối chiếu",
        "Suy ra từ tên",
        group.name,
    ):
        assert words in page
    after = text_of(client.get(reverse("orgs:show", args=[before.predecessor_id])))
    assert "Cơ quan kế thừa" in after
    assert "Không có vào ngày này" in after
    then = text_of(client.get(reverse("orgs:show", args=[body.pk]), {"ngay": "30/06/2025"}))
    assert "<h1>Sở Cũ</h1>" in then


@pytest.mark.usefixtures("reader")
def test_a_body_costs_the_same_with_one_heir_and_with_many(client):
    def one_with(heirs):
        body = OrganisationFactory(district=True, valid_to=MERGER)
        event = ChangeEventFactory()
        for _number in range(heirs):
            SuccessionLinkFactory(event=event, predecessor=body, share=Share.PARTIAL)
        return reverse("orgs:show", args=[body.pk])

    assert queries_of(client, one_with(1)) == queries_of(client, one_with(5))


@pytest.mark.usefixtures("reader")
def test_nobody_and_a_body_without_a_version_are_not_found(client):
    empty = OrganisationFactory()
    empty.versions.all().delete()
    for pk in (0, empty.pk):
        assert client.get(reverse("orgs:show", args=[pk])).status_code == 404
    assert client.get(reverse("orgs:group", args=["khong-co"])).status_code == 404


@pytest.mark.usefixtures("reader")
def test_a_group_lists_its_members_of_the_day_its_rules_and_exceptions(client):
    province = OrganisationFactory(province=True, name="UBND tỉnh Gia Lai")
    OrganisationFactory(name="Sở Một", parent=province)
    out = OrganisationFactory(name="Sở Hai", parent=province)
    group = GroupFactory(
        code="so", name="Các sở", kinds=[OrgKind.PROVINCIAL], under=province, valid_to=MERGER
    )
    GroupException.objects.create(
        group=group,
        organisation=out,
        is_member=False,
        valid=(date(2025, 1, 1), None),
        reason="Theo văn bản riêng",
    )
    page = text_of(client.get(reverse("orgs:group", args=["so"]), {"ngay": "30/06/2025"}))
    assert "Sở Một" in page
    assert "Cơ quan cấp tỉnh</b> trực thuộc UBND tỉnh Gia Lai" in " ".join(page.split())
    assert "Theo văn bản riêng" in page
    assert f'href="/co-quan/{out.pk}/' not in page
    now = text_of(client.get(reverse("orgs:group", args=["so"])))
    assert "nhóm không có cơ quan nào" in now


@pytest.mark.usefixtures("reader")
def test_groups_cost_the_same_for_one_and_for_many(client):
    province = OrganisationFactory(province=True)

    def one_more():
        OrganisationFactory(parent=province)
        GroupFactory(kinds=[OrgKind.PROVINCIAL], under=province)

    one_more()
    first = queries_of(client, reverse("orgs:groups"))
    group = GroupFactory(code="so", kinds=[OrgKind.PROVINCIAL], under=province)
    one_member = queries_of(client, reverse("orgs:group", args=[group.code]))
    for _number in range(4):
        one_more()
    assert queries_of(client, reverse("orgs:groups")) == first
    assert queries_of(client, reverse("orgs:group", args=[group.code])) == one_member
    assert "Không chỉ đích danh" not in text_of(client.get(reverse("orgs:groups")))
