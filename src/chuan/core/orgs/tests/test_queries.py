from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chuan.core.orgs.enums import OrgKind, Share
from chuan.core.orgs.models import Group, GroupException
from chuan.core.orgs.queries import (
    children_on,
    descent_on,
    descents_on,
    find_organisations,
    group_members,
    groups_of,
    home_province_on,
    lineage,
    lineage_ids,
    member_counts,
    members,
    members_on,
    name_on,
    names_at,
    names_on,
    organisations_on,
    successor_on,
    told_apart_on,
    version_on,
    versions_of,
)
from chuan.core.orgs.testing import (
    ChangeEventFactory,
    GroupFactory,
    OrganisationFactory,
    OrganisationVersionFactory,
    SuccessionLinkFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

BEFORE, MERGER, AFTER = date(2025, 6, 30), date(2025, 7, 1), date(2026, 1, 1)


def renamed(old, new, **more):
    """A body that was called one thing until the merger and another from then on."""
    body = OrganisationFactory(name=old, valid_to=MERGER, **more)
    OrganisationVersionFactory(organisation=body, name=new, valid_from=MERGER, **more)
    return body


def names(versions):
    return [version.name for version in versions]


# ---------------------------------------------------------------- versions


def test_a_body_is_what_it_was_on_the_day():
    body = renamed("Sở Cũ", "Sở Mới")
    assert version_on(body, BEFORE).name == "Sở Cũ"
    assert version_on(body.pk, MERGER).name == "Sở Mới"
    assert version_on(body, date(2019, 12, 31)) is None
    assert names(versions_of(body)) == ["Sở Mới", "Sở Cũ"]


def test_bodies_of_a_day_come_by_kind_and_then_in_vietnamese_order():
    province = OrganisationFactory(province=True, name="Ủy ban nhân dân tỉnh")
    for name in ("Sở Đất đai", "Sở Dân tộc", "Sở Ăn uống", "Sở Âm nhạc"):
        OrganisationFactory(name=name, parent=province)
    OrganisationFactory(commune=True, name="Ủy ban nhân dân xã A", parent=province)
    OrganisationFactory(name="Sở đã giải thể", parent=province, valid_to=MERGER)
    assert names(organisations_on(AFTER)) == [
        "Ủy ban nhân dân tỉnh",
        "Sở Ăn uống",
        "Sở Âm nhạc",
        "Sở Dân tộc",
        "Sở Đất đai",
        "Ủy ban nhân dân xã A",
    ]
    assert names(organisations_on(AFTER, kind=OrgKind.COMMUNE)) == ["Ủy ban nhân dân xã A"]
    assert organisations_on(AFTER, kind=[OrgKind.PROVINCE, OrgKind.COMMUNE]).count() == 2
    assert organisations_on(BEFORE, under=province).count() == 6
    assert children_on(province, AFTER).count() == 5


def test_the_home_province_is_the_one_of_the_day():
    before = OrganisationFactory(province=True, valid_to=MERGER)
    after = OrganisationFactory(province=True, valid_from=MERGER)
    OrganisationFactory(province=True, is_home=False)
    assert home_province_on(BEFORE).organisation == before
    assert home_province_on(MERGER).organisation == after


# ---------------------------------------------------------------- names


def test_a_story_of_a_day_uses_the_name_of_that_day():
    body = renamed("Sở Cũ", "Sở Mới")
    assert str(name_on(body, BEFORE)) == "Sở Cũ"
    assert str(name_on(body, AFTER)) == "Sở Mới"


def test_a_body_that_had_ended_keeps_its_last_name_and_one_to_come_its_first():
    gone = OrganisationFactory(name="UBND huyện Cũ", valid_to=MERGER)
    to_come = OrganisationFactory(name="UBND xã Mới", valid_from=MERGER)
    named = names_on([gone.pk, to_come.pk], AFTER)
    assert (named[gone.pk].name, named[gone.pk].is_former) == ("UBND huyện Cũ", True)
    assert (named[to_come.pk].name, named[to_come.pk].is_former) == ("UBND xã Mới", False)
    assert names_on([to_come.pk], BEFORE)[to_come.pk].name == "UBND xã Mới"
    assert names_on([to_come.pk], BEFORE)[to_come.pk].is_former


def test_a_body_that_came_back_has_in_between_the_name_it_had_before():
    body = OrganisationFactory(name="Cũ", valid_to=date(2021, 1, 1))
    OrganisationVersionFactory(organisation=body, name="Mới", valid_from=date(2023, 1, 1))
    between = name_on(body, date(2022, 1, 1))
    assert (between.name, between.is_former) == ("Cũ", True)


@pytest.mark.parametrize("how_many", [1, 3])
def test_names_cost_one_query_however_many(django_assert_num_queries, how_many):
    bodies = [renamed(f"Cũ {n}", f"Mới {n}") for n in range(how_many)]
    asked = [(body.pk, day) for body in bodies for day in (BEFORE, AFTER)]
    with django_assert_num_queries(1):
        named = names_at(asked)
    assert {name.name for name in named.values()} == {
        f"{word} {n}" for word in ("Cũ", "Mới") for n in range(how_many)
    }


def test_nobody_knows_the_name_of_a_body_that_does_not_exist():
    assert names_on([0], AFTER) == {}
    assert name_on(0, AFTER) is None


# ---------------------------------------------------------------- search


@pytest.mark.parametrize("typed", ["hoai nhon", "Hoài Nhơn", "HOÀI NHƠN", "Hoa\u0300i Nho\u031bn"])
def test_a_name_is_found_without_tones_in_any_case_and_form(typed):
    OrganisationFactory(name="Ủy ban nhân dân huyện An Lão")
    OrganisationFactory(name="Ủy ban nhân dân thị xã Hoài Nhơn")
    assert names(find_organisations(typed, on=AFTER)) == ["Ủy ban nhân dân thị xã Hoài Nhơn"]


def test_an_old_name_finds_the_body_and_an_old_district_what_took_its_place():
    body = renamed("Sở Khoa học, Công nghệ và Môi trường", "Sở Khoa học và Công nghệ")
    district = OrganisationFactory(name="Ủy ban nhân dân huyện Hoài Ân", valid_to=MERGER)
    heirs = [
        OrganisationFactory(name=f"Ủy ban nhân dân xã {name}", valid_from=MERGER)
        for name in ("Ân Hảo", "Kim Sơn")
    ]
    event = ChangeEventFactory(effective_on=MERGER)
    for heir in heirs:
        SuccessionLinkFactory(
            event=event, predecessor=district, successor=heir, share=Share.PARTIAL
        )
    assert [v.organisation for v in find_organisations("moi truong", on=AFTER)] == [body]
    assert names(find_organisations("hoai an", on=BEFORE)) == ["Ủy ban nhân dân huyện Hoài Ân"]
    assert names(find_organisations("huyen hoai an", on=AFTER)) == [
        "Ủy ban nhân dân xã Ân Hảo",
        "Ủy ban nhân dân xã Kim Sơn",
    ]


@pytest.mark.parametrize("how_many", [1, 3])
def test_search_costs_the_same_however_much_it_finds(django_assert_num_queries, how_many):
    for number in range(how_many):
        OrganisationFactory(name=f"Sở Thử {number}")
    with django_assert_num_queries(3):
        assert len(find_organisations("so thu", on=AFTER)) == how_many


# ---------------------------------------------------------------- groups


def test_a_group_is_whom_its_rules_name_on_the_day_with_its_exceptions():
    province = OrganisationFactory(province=True)
    group = GroupFactory(kinds=[OrgKind.PROVINCIAL], under=province, valid_to=MERGER)
    GroupFactory(kinds=[OrgKind.PROVINCIAL], under=province)
    inside, out, ended = (
        OrganisationFactory(name=name, parent=province) for name in ("Sở A", "Sở B", "Sở C")
    )
    OrganisationFactory(name="Sở của tỉnh khác", parent=OrganisationFactory(province=True))
    extra = OrganisationFactory(name="Công an tỉnh", kind=OrgKind.ARMED, parent=province)
    ended.versions.update(valid=(date(2020, 1, 1), date(2025, 1, 1)))
    since_2020 = (date(2020, 1, 1), None)
    GroupException.objects.create(group=group, organisation=out, is_member=False, valid=since_2020)
    GroupException.objects.create(group=group, organisation=extra, is_member=True, valid=since_2020)

    assert names(group_members(group, BEFORE)) == ["Sở A", "Công an tỉnh"]
    assert names(group_members(group, MERGER)) == ["Công an tỉnh"]
    assert names(group_members(group, date(2024, 6, 1))) == ["Sở A", "Sở C", "Công an tỉnh"]
    assert groups_of(inside, MERGER) != groups_of(inside, BEFORE)
    # As rows to page through, and as numbers, they are the same.
    groups = list(Group.objects.all())
    for day in (BEFORE, MERGER, date(2024, 6, 1), date(2010, 1, 1)):
        assert list(members(group, day)) == group_members(group, day)
        found = members_on(groups, [day])
        assert member_counts(groups, day) == {one.pk: len(found[one.pk, day]) for one in groups}
        for body in (inside, out, ended, extra):
            assert {one.pk for one in groups_of(body, day)} == {
                one.pk
                for one in groups
                if body.pk in {version.organisation_id for version in found[one.pk, day]}
            }


@pytest.mark.parametrize("how_many", [1, 3])
def test_counting_the_members_of_many_groups_costs_three_queries(
    django_assert_num_queries, how_many
):
    province = OrganisationFactory(province=True)
    groups = [
        GroupFactory(kinds=[OrgKind.PROVINCIAL], under=province) for _number in range(how_many)
    ]
    for _number in range(how_many):
        OrganisationFactory(parent=province)
    with django_assert_num_queries(3):
        assert member_counts(groups, MERGER) == {group.pk: how_many for group in groups}
    assert member_counts([], MERGER) == {}


@pytest.mark.parametrize("how_many", [1, 3])
def test_members_of_many_groups_on_many_days_cost_three_queries(
    django_assert_num_queries, how_many
):
    province = OrganisationFactory(province=True)
    groups = [
        GroupFactory(kinds=[OrgKind.PROVINCIAL], under=province) for _number in range(how_many)
    ]
    for _number in range(how_many):
        OrganisationFactory(parent=province)
    with django_assert_num_queries(3):
        found = members_on(groups, [BEFORE, MERGER, AFTER])
    assert [len(members) for members in found.values()] == [how_many] * 3 * how_many


def test_nobody_asks_for_nothing():
    assert members_on([], [BEFORE]) == {}


# ---------------------------------------------------------------- succession


def chain(*links, on=MERGER):
    event = ChangeEventFactory(effective_on=on)
    for before, after, share in links:
        SuccessionLinkFactory(event=event, predecessor=before, successor=after, share=share)


def test_a_body_that_still_exists_stands_for_itself():
    body = OrganisationFactory()
    assert successor_on(body, AFTER) == body.pk
    assert descent_on(body, AFTER).is_itself


def test_full_links_are_followed_step_by_step_to_whoever_exists_on_the_day():
    first = OrganisationFactory(valid_to=date(2023, 1, 1))
    second = OrganisationFactory(valid_from=date(2023, 1, 1), valid_to=MERGER)
    third = OrganisationFactory(valid_from=MERGER)
    chain((first, second, Share.FULL), on=date(2023, 1, 1))
    chain((second, third, Share.FULL))
    assert successor_on(first, date(2024, 1, 1)) == second.pk
    assert successor_on(first, AFTER) == third.pk
    assert descent_on(first, AFTER).path == (first.pk, second.pk, third.pk)
    assert lineage_ids(third) == {first.pk, second.pk, third.pk}
    assert [link.predecessor for link in lineage(second).predecessors] == [first]
    assert [link.successor for link in lineage(second).successors] == [third]


@pytest.mark.parametrize("heirs", [1, 2])
def test_what_went_over_in_part_is_a_question_for_a_person(heirs):
    district = OrganisationFactory(name="UBND huyện Cũ", valid_to=MERGER)
    communes = [OrganisationFactory(valid_from=MERGER) for _number in range(heirs)]
    chain(*[(district, commune, Share.PARTIAL) for commune in communes])
    descent = descent_on(district, AFTER)
    assert descent.organisation_id is None
    assert descent.candidates == tuple(commune.pk for commune in communes)
    assert "UBND huyện Cũ không còn vào ngày 01/01/2026" in descent.question
    assert successor_on(district, AFTER) is None


def test_a_body_that_ended_without_an_heir_is_a_question():
    gone = OrganisationFactory(name="Sở Cũ", valid_to=MERGER)
    descent = descent_on(gone, AFTER)
    assert (descent.organisation_id, descent.candidates) == (None, ())
    assert "chưa ghi cơ quan nào kế thừa" in descent.question


def test_a_succession_that_has_not_happened_yet_is_not_followed():
    gone = OrganisationFactory(valid_to=date(2024, 1, 1))
    heir = OrganisationFactory(valid_from=MERGER)
    chain((gone, heir, Share.FULL))
    assert successor_on(gone, BEFORE) is None
    assert successor_on(gone, MERGER) == heir.pk


def test_a_circle_in_the_data_is_a_question_and_not_an_endless_walk():
    one, other = (OrganisationFactory(valid_to=MERGER) for _number in range(2))
    chain((one, other, Share.FULL), (other, one, Share.FULL))
    assert successor_on(one, AFTER) is None


@pytest.mark.parametrize("how_many", [1, 3])
def test_descents_cost_three_queries_however_many(django_assert_num_queries, how_many):
    links = [SuccessionLinkFactory() for _number in range(how_many)]
    with django_assert_num_queries(3):
        found = descents_on([link.predecessor_id for link in links], AFTER)
    assert {descent.organisation_id for descent in found.values()} == {
        link.successor_id for link in links
    }


def test_ended_bodies_and_namesakes_are_told_apart_and_nobody_else_says_more_than_the_name():
    old = OrganisationFactory(
        province=True, name="Ủy ban nhân dân tỉnh Cũ", valid_to=date(2025, 7, 1)
    )
    new = OrganisationFactory(province=True, name="Ủy ban nhân dân tỉnh Mới")
    gone = OrganisationFactory(name="Sở Công Thương", parent=old, valid_to=date(2025, 7, 1))
    here = OrganisationFactory(name="Sở Công Thương", parent=new)
    alone = OrganisationFactory(name="Sở Y tế", parent=new)
    day = date(2026, 1, 1)

    assert told_apart_on([gone.pk, here.pk, alone.pk], day) == {
        gone.pk: "Sở Công Thương (tỉnh Cũ, đến 30/06/2025)",
        here.pk: "Sở Công Thương (tỉnh Mới)",
        alone.pk: "Sở Y tế",
    }
    assert told_apart_on([gone.pk], date(2025, 6, 30)) == {gone.pk: "Sở Công Thương (tỉnh Cũ)"}


def test_telling_apart_costs_the_same_for_one_and_for_many():
    body = OrganisationFactory(parent=OrganisationFactory(), valid_to=date(2025, 7, 1))
    others = [
        OrganisationFactory(parent=OrganisationFactory(), valid_to=date(2025, 7, 1))
        for _ in range(3)
    ]

    with CaptureQueriesContext(connection) as one:
        told_apart_on([body.pk], date(2026, 1, 1))
    with CaptureQueriesContext(connection) as many:
        told_apart_on([each.pk for each in others], date(2026, 1, 1))

    assert (len(one), len(many)) == (3, 3)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("sở khcn", "Sở Khoa học và Công nghệ"),
        ("so kh&cn", "Sở Khoa học và Công nghệ"),
        ("SKHCN", "Sở Khoa học và Công nghệ"),
        ("ubnd tp quy nhon", "Ủy ban nhân dân thành phố Quy Nhơn"),
        ("bch qs tinh", "Bộ Chỉ huy quân sự tỉnh"),
        ("lao", "Ủy ban nhân dân xã An Lão"),
    ],
)
def test_abbreviations_stand_for_words_that_begin_with_their_letters(text, name):
    for one in (
        "Sở Khoa học và Công nghệ",
        "Ủy ban nhân dân thành phố Quy Nhơn",
        "Bộ Chỉ huy quân sự tỉnh",
        "Ủy ban nhân dân xã An Lão",
        # “lao” are its first letters, and no abbreviation.
        "Liên hiệp Ái Ôn",
    ):
        OrganisationFactory(name=one)

    assert [row.name for row in find_organisations(text, on=date(2026, 1, 1))] == [name]
