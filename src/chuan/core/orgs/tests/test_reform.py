"""The real list of the reform of 1 July 2025, read and made into events of the register."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as running
from hypothesis import strategies as st

from chuan.core.legal.models import LegalSource
from chuan.core.legal.operations import load_legal_sources
from chuan.core.orgs import operations, queries
from chuan.core.orgs.enums import OrgKind, Share
from chuan.core.orgs.models import ChangeEvent, Organisation, OrganisationVersion, SuccessionLink
from chuan.core.orgs.operations import load_organisations
from chuan.core.orgs.parsing.reform import (
    DIFFERENT,
    NO_UNIT,
    SAME,
    DoubtKind,
    NotAReform,
    read_reform,
)
from chuan.core.orgs.testing import commit
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory

MERGER = date(2025, 7, 1)
HEADER = "ma,ten_moi,ma_tinh,tinh_moi,truoc_sap_nhap\n"


def national_list() -> bytes:
    """Other people's data, read where it lies."""
    shared = Path(os.environ.get("CHUAN_SHARED", settings.ROOT.parent / "shared"))
    path = shared / "data" / "vn-admin-units" / "merge_map_2025.csv"
    if not path.exists():
        pytest.skip(f"The list of the reform of 2025 is not at {path}")
    return path.read_bytes()


def a_list(*rows):
    province = 't1,Tỉnh Mới,,,"tỉnh Một và tỉnh Hai"'
    return HEADER + "\n".join(
        [province, *(f'x{at},{new},t1,Tỉnh Mới,"{old}"' for at, (new, old) in enumerate(rows))]
    )


def read(*rows, answers=None):
    return read_reform(a_list(*rows), answers).provinces[0]


def heirs(province):
    return {one.title: [unit.title for unit in one.successors] for one in province.old_units}


# ---------------------------------------------------------------- the words


def test_a_row_lists_the_old_units_a_new_one_was_made_of():
    province = read(("Xã An Hòa", "Xã An Hòa, Thị trấn An Quang"), ("Xã Đảo", "giữ nguyên"))
    assert province.before == ("tỉnh Một", "tỉnh Hai")
    assert heirs(province) == {
        "xã An Hòa": ["xã An Hòa"],
        "thị trấn An Quang": ["xã An Hòa"],
        "xã Đảo": ["xã Đảo"],
    }
    assert not province.split
    assert not province.doubts


def test_the_rest_of_a_unit_is_of_the_one_the_other_row_names():
    province = read(
        ("Xã An Hòa", "Xã An Nghĩa, Xã Một"),
        ("Xã An Toàn", "Xã An Nghĩa (phần còn lại sau khi sáp nhập vào xã An Hòa)"),
        ("Xã Kim Sơn", "Xã Ân Nghĩa"),
    )
    assert heirs(province) == {
        "xã An Nghĩa": ["xã An Hòa", "xã An Toàn"],
        "xã Một": ["xã An Hòa"],
        "xã Ân Nghĩa": ["xã Kim Sơn"],
    }
    assert [one.title for one in province.split] == ["xã An Nghĩa"]


def test_units_of_one_name_are_told_apart_by_their_districts():
    province = read(
        ("Xã A", "Xã Tân (huyện Một)"),
        ("Xã B", "Xã Tân (huyện Hai)"),
        ("Xã C", "Xã Tân (huyện Hai)"),
    )
    assert sorted((one.district, one.is_split) for one in province.old_units) == [
        ("huyện Hai", True),
        ("huyện Một", False),
    ]
    assert not province.doubts


def test_two_of_one_name_that_nothing_ties_are_a_question_for_a_person():
    rows = (("Xã A", "Xã Tân"), ("Xã B", "Xã Tân"))
    [doubt] = read(*rows).doubts
    assert (doubt.kind, doubt.suggestion, doubt.is_answered) == (
        DoubtKind.SAME_NAME,
        DIFFERENT,
        False,
    )
    answered = read(*rows, answers={doubt.key: SAME})
    assert not answered.open_doubts
    assert heirs(answered) == {"xã Tân": ["xã A", "xã B"]}


def test_words_without_a_type_and_a_rest_of_nothing_are_questions():
    province = read(
        ("Phường A", "Phường Một, Lê Lợi, Trường bắn TB1"),
        ("Phường B", "Phường Hai (phần còn lại sau khi sáp nhập vào phường Xa)"),
        ("Phường C", "Phường Ba (theo bản đồ)"),
    )
    found = [(one.kind, one.words, one.suggestion) for one in province.doubts]
    assert found == [
        (DoubtKind.NO_TYPE, "Lê Lợi", "phường"),
        (DoubtKind.NO_TYPE, "Trường bắn TB1", "phường"),
        (DoubtKind.UNKNOWN_WORDS, "Phường Ba (theo bản đồ)", "whole"),
        (
            DoubtKind.REST_OF_NOTHING,
            "Phường Hai (phần còn lại sau khi sáp nhập vào phường Xa)",
            "part",
        ),
    ]
    key = province.doubts[1].key
    again = read(("Phường A", "Phường Một, Lê Lợi, Trường bắn TB1"), answers={key: NO_UNIT})
    assert "phường Trường bắn TB1" not in heirs(again)


def test_rows_that_cannot_be_read_are_named_and_a_file_of_another_kind_is_refused():
    reading = read_reform(HEADER + "x1,Một đơn vị lạ,t1,Tỉnh Mới,gì đó\n")
    assert reading.refused == ("2: x1, Một đơn vị lạ, t1, Tỉnh Mới, gì đó",)
    with pytest.raises(NotAReform):
        read_reform("a,b,c\n1,2,3\n")


@running(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Xã A", "Phường B", "Xã Bốn", "lạ"]),
            st.text(
                st.sampled_from(list('XãPhường ATn(),; "phần còn lại sau khi sáp nhập vào\n\x00')),
                max_size=60,
            ),
        ),
        max_size=6,
    )
)
def test_no_words_break_the_reader_and_no_old_unit_is_lost_or_twice(rows):
    text = a_list(*((new, old.replace('"', '""')) for new, old in rows))
    for province in read_reform(text).provinces:
        mentions = [one for old in province.old_units for one in old.mentions]
        assert len(mentions) == len(set(map(id, mentions)))
        assert all(old.successors for old in province.old_units)


def test_the_whole_nation_is_understood_but_for_some_questions():
    reading = read_reform(national_list().decode())
    assert not reading.refused
    assert len(reading.provinces) == 34
    assert sum(len(one.units) for one in reading.provinces) == 3321
    old_units = [old for one in reading.provinces for old in one.old_units]
    assert 10_030 <= len(old_units) <= 10_250
    doubts = [doubt for one in reading.provinces for doubt in one.doubts]
    assert len(doubts) < 250
    assert len({doubt.key for doubt in doubts}) == len(doubts)


# ---------------------------------------------------------------- in the register


@pytest.fixture
def people():
    return (
        PersonFactory(role=Role.DEPARTMENT_COORDINATOR),
        PersonFactory(role=Role.SYSTEM_ADMINISTRATOR),
    )


def taken_in(actor, content, on=MERGER, **fields):
    return operations.take_in_reform(
        actor=actor,
        name="merge_map_2025.csv",
        content=content,
        effective_on=on,
        at=timezone.now(),
        **({"basis_text": "1664/NQ-UBTVQH15"} | fields),
    )


@pytest.fixture
def gia_lai(db, people):
    """The register as shipped, with the communes of before taken over from the national list."""
    load_legal_sources()
    load_organisations()
    before = (Organisation.objects.count(), OrganisationVersion.objects.count())
    preparer, confirmer = people
    reform = taken_in(
        preparer,
        national_list(),
        legal_basis=LegalSource.objects.get(code="nq-1664-2025-ubtvqh15"),
    )
    [event] = operations.draft_reform_events(
        actor=preparer, reform=reform, provinces=["ti24"], at=timezone.now()
    )
    event = commit(event, preparer=preparer, confirmer=confirmer)
    return event, before


def old_commune(name):
    return Organisation.objects.get(
        versions__name=f"Ủy ban nhân dân xã {name}", versions__valid__endswith=MERGER
    )


@pytest.mark.slow
def test_gia_lai_has_135_communes_from_373_of_which_155_lay_in_binh_dinh(gia_lai):
    now = queries.organisations_on(MERGER, kind=OrgKind.COMMUNE)
    assert [now.filter(subtype=kind).count() for kind in ("xã", "phường")] == [110, 25]
    then = queries.organisations_on(date(2025, 6, 30), kind=OrgKind.COMMUNE)
    assert then.count() == 373
    districts = queries.organisations_on(date(2025, 6, 30), kind=OrgKind.DISTRICT)
    assert districts.count() == 11
    of_districts = then.filter(parent__in=districts.values("organisation"))
    assert of_districts.count() == 155
    old_gia_lai = Organisation.objects.get(key="tinh-gia-lai-cu")
    assert then.filter(parent=old_gia_lai).count() == 373 - 155
    event, _before = gia_lai
    sides = SuccessionLink.objects.filter(
        event=event, predecessor__versions__parent__in=districts.values("organisation")
    )
    assert sides.values("successor").distinct().count() == 58


@pytest.mark.slow
def test_three_communes_of_binh_dinh_are_split_as_the_resolution_says(gia_lai):
    """Resolution 1664/NQ-UBTVQH15 splits three; its clause 27 gives the whole of Ân Nghĩa to Kim
    Sơn, where another published mapping takes it for An Nghĩa and finds three heirs.
    """
    names = {
        name: sorted(
            queries.name_on(link.successor, MERGER).short_name
            for link in queries.successors_of(old_commune(name))
        )
        for name in ("An Nghĩa", "Ân Nghĩa", "Canh Liên", "Canh Hiệp")
    }
    assert names == {
        "An Nghĩa": ["UBND xã An Hòa", "UBND xã An Toàn"],
        "Ân Nghĩa": ["UBND xã Kim Sơn"],
        "Canh Liên": ["UBND xã Canh Liên", "UBND xã Canh Vinh"],
        "Canh Hiệp": ["UBND xã Canh Vinh", "UBND xã Vân Canh"],
    }
    event, _before = gia_lai
    partial = event.links.filter(share=Share.PARTIAL)
    assert partial.values("predecessor").distinct().count() == 3
    canh_lien = queries.name_on(old_commune("Canh Liên"), date(2025, 6, 30))
    assert canh_lien.name == "Ủy ban nhân dân xã Canh Liên"
    assert queries.successor_on(old_commune("Canh Liên"), MERGER) is None


@pytest.mark.slow
def test_every_old_commune_ends_on_the_day_its_successors_begin(gia_lai):
    event, _before = gia_lai
    for link in event.links.select_related("predecessor", "successor"):
        assert link.predecessor.versions.get().valid_to == MERGER
        assert link.successor.versions.get().valid_from == MERGER


@pytest.mark.slow
def test_the_code_that_was_given_again_leads_nobody_astray(gia_lai):
    with_code = OrganisationVersion.objects.filter(code="52").values_list("organisation__key")
    assert {key for (key,) in with_code} == {"tinh-binh-dinh", "tinh-gia-lai"}
    binh_dinh = Organisation.objects.get(key="tinh-binh-dinh")
    new = Organisation.objects.get(key="tinh-gia-lai")
    assert queries.successor_on(binh_dinh, MERGER) == new.pk
    assert queries.version_on(new, date(2025, 6, 30)) is None
    assert not SuccessionLink.objects.filter(predecessor=new).exists()


@pytest.mark.slow
def test_an_old_name_finds_the_new_commune_and_says_so(gia_lai):
    found = queries.find_organisations("an nghia", on=MERGER)
    names = {version.organisation_id: version.short_name for version in found}
    said = queries.former_names("an nghia", names, on=MERGER)
    told = {names[pk]: former for pk, former in said.items()}
    for new, former in {
        # An Nghĩa was parted between two.
        "UBND xã An Hòa": queries.Former(part=("UBND xã An Nghĩa",)),
        "UBND xã An Toàn": queries.Former(part=("UBND xã An Nghĩa",)),
        "UBND xã Kim Sơn": queries.Former(whole=("UBND xã Ân Nghĩa",)),
    }.items():
        assert told[new] == former


@pytest.mark.slow
def test_undoing_the_reform_leaves_the_register_as_shipped(gia_lai, people):
    event, before = gia_lai
    operations.reverse_event(actor=people[1], event=event, at=timezone.now(), reason="Nạp thử")
    assert (Organisation.objects.count(), OrganisationVersion.objects.count()) == before
    reform = event.reform
    assert queries.events_of(reform) == {}


@pytest.mark.slow
def test_a_second_reform_on_30_april_2026_goes_on_from_the_first(gia_lai, people):
    preparer, confirmer = people
    content = HEADER + (
        "t1,Tỉnh Gia Lai,,,giữ nguyên\n"
        'a,Xã An Toàn,t1,Tỉnh Gia Lai,"Xã An Toàn, Xã An Vinh"\n'
        'b,Phường Ia Grai,t1,Tỉnh Gia Lai,"Xã Ia Grai"\n'
    )
    reform = taken_in(
        preparer, content.encode(), on=date(2026, 4, 30), basis_text="237/NQ-UBTVQH16"
    )
    [event] = operations.draft_reform_events(
        actor=preparer, reform=reform, provinces=["t1"], at=timezone.now()
    )
    commit(event, preparer=preparer, confirmer=confirmer)
    communes = queries.organisations_on(date(2026, 4, 30), kind=OrgKind.COMMUNE)
    assert communes.count() == 134
    assert communes.filter(subtype="phường").count() == 26
    assert queries.organisations_on(date(2026, 4, 29), kind=OrgKind.COMMUNE).count() == 135
    now = {v.short_name for v in queries.find_organisations("an vinh", on=date(2026, 5, 1))}
    assert "UBND xã An Toàn" in now


# ---------------------------------------------------------------- people and files


@pytest.mark.django_db
def test_questions_are_answered_before_an_event_is_drafted(people):
    preparer, _confirmer = people
    content = a_list(("Xã A", "Xã Tân"), ("Xã B", "Xã Tân")).encode()
    reform = taken_in(preparer, content)
    with pytest.raises(ValidationError, match="còn 1 chỗ chưa rõ"):
        operations.draft_reform_events(
            actor=preparer, reform=reform, provinces=["t1"], at=timezone.now()
        )
    [doubt] = queries.reading_of(reform).provinces[0].doubts
    with pytest.raises(ValidationError, match="Chọn lại câu trả lời"):
        operations.answer_doubts(actor=preparer, reform=reform, answers={doubt.key: "khác"})
    reform = operations.answer_doubts(actor=preparer, reform=reform, answers={doubt.key: SAME})
    [event] = operations.draft_reform_events(
        actor=preparer, reform=reform, provinces=["t1"], at=timezone.now()
    )
    with pytest.raises(ValidationError, match="đã có sự kiện"):
        operations.draft_reform_events(
            actor=preparer, reform=reform, provinces=["t1"], at=timezone.now()
        )
    commit(event, preparer=preparer, confirmer=people[1])
    assert SuccessionLink.objects.filter(event=event, share=Share.PARTIAL).count() == 2
    assert OrganisationVersion.objects.filter(kind=OrgKind.PROVINCE).count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a,b\n1,2\n", "phải là CSV"),
        ("Xã Mỹ".encode("utf-16"), "UTF-8"),
        (HEADER.encode(), "không có đơn vị"),
    ],
)
def test_other_files_are_refused_with_what_to_do(people, content, told):
    with pytest.raises(ValidationError, match=told):
        taken_in(people[0], content)
    assert not ChangeEvent.objects.exists()
