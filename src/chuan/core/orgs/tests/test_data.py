"""The register as loaded: both eras of the province, and the day between them."""

from datetime import date

import pytest

from chuan.core.audit.models import Entry
from chuan.core.legal.operations import load_legal_sources
from chuan.core.orgs.enums import OrgKind, Share
from chuan.core.orgs.models import (
    Group,
    Organisation,
    OrganisationVersion,
    SuccessionLink,
)
from chuan.core.orgs.operations import load_organisations
from chuan.core.orgs.operations.loading import LoadedOrganisations
from chuan.core.orgs.queries import (
    Gazetteer,
    descent_on,
    find_organisations,
    group_members,
    home_province_on,
    match_party,
    name_on,
    organisations_on,
    province_name,
    successor_on,
    version_on,
)

pytestmark = pytest.mark.django_db

LAST_DAY, MERGER = date(2025, 6, 30), date(2025, 7, 1)
DECISION, NEXT_YEAR = date(2025, 3, 25), date(2026, 1, 1)


@pytest.fixture(scope="module")
def once(around_the_file):
    with around_the_file():
        load_legal_sources()
        return load_organisations()


@pytest.fixture(autouse=True)
def loaded(once, db):
    return once


def body(key):
    return Organisation.objects.get(key=key)


def members(code, on):
    return group_members(Group.objects.get(code=code), on)


def test_on_the_last_day_of_binh_dinh_there_are_11_districts_and_17_bodies():
    assert home_province_on(LAST_DAY).name == "Ủy ban nhân dân tỉnh Bình Định"
    assert organisations_on(LAST_DAY, kind=OrgKind.DISTRICT).count() == 11
    assert organisations_on(LAST_DAY, kind=OrgKind.COMMUNE).count() == 0
    assert len(members("ubnd-cap-huyen", LAST_DAY)) == 11
    assert len(members("so-ban-nganh", LAST_DAY)) == 17
    assert members("ubnd-cap-xa", LAST_DAY) == []


def test_from_the_first_day_of_gia_lai_there_are_135_communes_and_no_district():
    assert home_province_on(MERGER).name == "Ủy ban nhân dân tỉnh Gia Lai"
    assert organisations_on(MERGER, kind=OrgKind.DISTRICT).count() == 0
    communes = organisations_on(MERGER, kind=OrgKind.COMMUNE)
    assert communes.count() == 135
    assert [communes.filter(subtype=kind).count() for kind in ("xã", "phường")] == [110, 25]
    assert members("ubnd-cap-huyen", MERGER) == []
    assert len(members("ubnd-cap-xa", MERGER)) == 135
    assert len(members("so-ban-nganh", MERGER)) == 17


def test_the_header_names_the_province_of_the_day():
    assert province_name(LAST_DAY) == "tỉnh Bình Định"
    assert province_name(MERGER) == "tỉnh Gia Lai"
    assert province_name(date(2024, 1, 1)) == ""


def test_58_communes_come_from_the_districts_of_binh_dinh_each_in_part_and_unconfirmed():
    links = SuccessionLink.objects.filter(event__kind="dissolve")
    assert links.count() == links.values("successor").distinct().count() == 58
    assert links.values("predecessor").distinct().count() == 11
    assert set(links.values_list("share", "is_confirmed")) == {(Share.PARTIAL, False)}


def test_the_code_of_binh_dinh_was_given_to_another_province():
    codes = OrganisationVersion.objects.filter(kind=OrgKind.PROVINCE, code="52")
    assert {version.organisation.key for version in codes} == {"tinh-binh-dinh", "tinh-gia-lai"}


def test_every_department_has_one_successor_and_every_district_is_a_question():
    for version in members("so-ban-nganh", LAST_DAY):
        heir = successor_on(version.organisation_id, NEXT_YEAR)
        assert version_on(heir, NEXT_YEAR).parent == body("tinh-gia-lai")
    for version in members("ubnd-cap-huyen", LAST_DAY):
        descent = descent_on(version.organisation_id, NEXT_YEAR)
        assert descent.organisation_id is None
        assert len(descent.candidates) >= 3
    for key in ("tinh-binh-dinh", "tinh-gia-lai-cu"):
        assert successor_on(body(key), NEXT_YEAR) == body("tinh-gia-lai").pk
    for key in ("bd-bao-binh-dinh", "bd-dai-phat-thanh-va-truyen-hinh"):
        assert successor_on(body(key), MERGER) == body("gl-bao-va-phat-thanh-truyen-hinh").pk


def test_predecessors_end_on_the_day_their_successors_begin():
    for link in SuccessionLink.objects.select_related("event"):
        before = link.predecessor.versions.latest("valid")
        after = link.successor.versions.earliest("valid")
        assert before.valid.upper == after.valid.lower == link.event.effective_on


def test_an_old_report_keeps_the_name_of_its_day():
    assert str(name_on(body("bd-cong-an-tinh"), DECISION)) == "Công an tỉnh Bình Định"
    assert name_on(body("bd-cong-an-tinh"), NEXT_YEAR).is_former


def test_an_old_district_finds_its_communes():
    found = find_organisations("hoai nhon", on=NEXT_YEAR)
    assert "Ủy ban nhân dân phường Bồng Sơn" in {version.name for version in found}
    assert found.count() == 7


def test_names_are_in_the_one_form_and_have_no_stray_spaces():
    for version in OrganisationVersion.objects.all():
        assert version.name == " ".join(version.name.split())
        assert version.sort_key


def test_a_second_load_adds_nothing(loaded, django_assert_max_num_queries):
    assert loaded.organisations == Organisation.objects.count()
    assert loaded.versions == OrganisationVersion.objects.count()
    lines = Entry.objects.count()
    with django_assert_max_num_queries(10):
        assert load_organisations() == LoadedOrganisations(0, 0, 0, 0)
    assert Entry.objects.count() == lines


def test_a_load_teaches_a_group_the_phrases_it_lacks_and_keeps_its_own():
    group = Group.objects.get(code="so-ban-nganh")
    Group.objects.filter(pk=group.pk).update(phrases=["Riêng của tỉnh"])
    assert load_organisations() == LoadedOrganisations(0, 0, 0, 1)
    taught = Group.objects.get(pk=group.pk).phrases
    assert taught[0] == "Riêng của tỉnh"
    assert set(taught) == {"Riêng của tỉnh", *group.phrases}


def test_loading_leaves_what_people_changed():
    version = body("gl-so-y-te").versions.get()
    OrganisationVersion.objects.filter(pk=version.pk).update(email="soyte@example.vn")
    load_organisations()
    version.refresh_from_db()
    assert version.email == "soyte@example.vn"


# ---------------------------------------------------------------- the words of the decision


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("Sở Khoa học và Công nghệ", "bd-so-khoa-hoc-va-cong-nghe"),
        ("Sở KH&CN", "bd-so-khoa-hoc-va-cong-nghe"),
        ("Sở KHCN tỉnh", "bd-so-khoa-hoc-va-cong-nghe"),
        ("sở khoa học và công nghệ tỉnh Bình Định", "bd-so-khoa-hoc-va-cong-nghe"),
        ("Sở Giáo dục và Đào tạo", "bd-so-giao-duc-va-dao-tao"),
        ("Sở Văn hoá, Thể thao và Du lịch", "bd-so-van-hoa-the-thao-va-du-lich"),
        ("Sở VHTT&DL", "bd-so-van-hoa-the-thao-va-du-lich"),
        ("Sở Y tế", "bd-so-y-te"),
        ("Công an tỉnh", "bd-cong-an-tinh"),
        ("Bộ Chỉ huy Quân sự tỉnh", "bd-bo-chi-huy-quan-su-tinh"),
        ("Bộ CHQS tỉnh", "bd-bo-chi-huy-quan-su-tinh"),
        ("Báo Bình Định", "bd-bao-binh-dinh"),
        ("Báo BĐ", "bd-bao-binh-dinh"),
        ("Đài Phát thanh và Truyền hình Bình Định", "bd-dai-phat-thanh-va-truyen-hinh"),
        ("Đài PT&TH BĐ", "bd-dai-phat-thanh-va-truyen-hinh"),
        ("Đài PTTH tỉnh", "bd-dai-phat-thanh-va-truyen-hinh"),
        ("Ủy ban MTTQVN tỉnh", "bd-uy-ban-mttq-tinh"),
        ("Ban Tuyên giáo và Dân vận Tỉnh ủy", "bd-ban-tuyen-giao-va-dan-van-tinh-uy"),
        ("UBND tỉnh", "tinh-binh-dinh"),
        ("UBND TX Hoài Nhơn", "bd-thi-xa-hoai-nhon"),
        ("thành phố Quy Nhơn", "bd-thanh-pho-quy-nhon"),
        ("Bộ Khoa học và Công nghệ", "bo-khoa-hoc-va-cong-nghe"),
    ],
)
def test_bodies_the_decision_names_are_known_for_certain(words, key):
    [candidate] = match_party(words, on=DECISION)
    assert candidate.organisation_id == body(key).pk
    assert (candidate.kind, candidate.confidence) == ("named", 1.0)


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        ("Các sở, ban, ngành", "so-ban-nganh", "group"),
        ("các sở, ban,  ngành;", "so-ban-nganh", "group"),
        ("Thủ trưởng các sở, ban, ngành", "so-ban-nganh", "group"),
        ("UBND các huyện, thị xã, thành phố", "ubnd-cap-huyen", "group"),
        ("Ủy ban nhân dân các huyện, thị xã, thành phố", "ubnd-cap-huyen", "group"),
        ("UBND các xã, phường", "ubnd-cap-xa", "group"),
        ("UBND cấp xã", "ubnd-cap-xa", "group"),
        ("Cơ sở GDNN trên địa bàn tỉnh", "co-so-gdnn", "open"),
        ("các cơ quan liên quan", "co-quan-lien-quan", "open"),
        ("Các tổ chức, cơ quan liên quan", "co-quan-lien-quan", "open"),
        ("các đơn vị sự nghiệp công lập", "don-vi-su-nghiep-tdc", "open"),
    ],
)
def test_collectives_are_groups_or_open(words, code, kind):
    [candidate] = match_party(words, on=DECISION)
    assert candidate.group_id == Group.objects.get(code=code).pk
    assert (candidate.kind, candidate.confidence) == (kind, 1.0)


def test_the_same_words_mean_the_body_of_the_day():
    [candidate] = match_party("Sở Khoa học và Công nghệ", on=NEXT_YEAR)
    assert candidate.organisation_id == body("gl-so-khoa-hoc-va-cong-nghe").pk
    [candidate] = match_party("xã An Lão", on=NEXT_YEAR)
    assert candidate.name == "Ủy ban nhân dân xã An Lão"


def test_a_former_name_offers_who_took_over_and_is_not_certain():
    [paper] = match_party("Báo Bình Định", on=NEXT_YEAR)
    assert paper.organisation_id == body("gl-bao-va-phat-thanh-truyen-hinh").pk
    assert 0.5 < paper.confidence < 1
    assert "kế thừa toàn bộ" in paper.why
    communes = match_party("UBND huyện Vân Canh", on=NEXT_YEAR)
    assert {one.name for one in communes} == {
        f"Ủy ban nhân dân xã {name}" for name in ("Vân Canh", "Canh Liên", "Canh Vinh")
    }
    assert max(one.confidence for one in communes) < 0.5


def test_wrong_tones_and_slips_of_the_pen_are_offered_but_not_certain():
    [candidate] = match_party("Sơ Khoa học và Công nghệ", on=DECISION)
    assert candidate.organisation_id == body("bd-so-khoa-hoc-va-cong-nghe").pk
    assert candidate.confidence == 0.95
    best = match_party("Sở Khoa học và Công nhệ", on=DECISION)[0]
    assert best.organisation_id == body("bd-so-khoa-hoc-va-cong-nghe").pk
    assert 0.7 < best.confidence < 0.95
    assert best.why == "Gần giống “Sở Khoa học và Công nghệ”."


@pytest.mark.parametrize("words", ["Ủy ban Sao Hỏa", "", "…", "và"])
def test_words_that_name_nobody_known_are_a_question(words):
    assert match_party(words, on=DECISION) == []


def test_a_whole_decision_costs_a_fixed_number_of_queries(django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        gazetteer = Gazetteer(DECISION)
        for words in ("Sở Y tế", "Các sở, ban, ngành", "Công an tỉnh", "Báo BĐ"):
            assert gazetteer.match(words)
