"""Vietnamese text as people search, sort and compare it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuan.lib.vietnamese import (
    clean,
    fold,
    nfc,
    person_sort_key,
    same_spelling,
    sort_key,
    spelling_key,
)

SYLLABLES = st.sampled_from(
    [
        "hoà",
        "hòa",
        "hóa",
        "Thuỷ",
        "thủy",
        "quý",
        "quí",
        "Đắk",
        "Lắk",
        "đồng",
        "ĐỐNG",
        "ưỡn",
        "ươn",
        "nghiêng",
        "kỹ",
        "kĩ",
        "Ý",
        "y",
        "xã",
        "Ia",
        "Púch",
    ]
)
TEXTS = st.lists(SYLLABLES | st.text(max_size=5), max_size=6).map(" ".join)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("dong da", "Đống Đa"),
        ("HOA", "Hoà"),
        ("hoa", "Hòa"),
        ("dak lak", "Đắk Lắk"),
        ("uong", "Ường"),
        ("do luong", "đo lường"),
    ],
)
def test_a_search_without_tones_finds_the_text_with_them(typed, stored):
    assert fold(typed) == fold(stored)


def test_a_beginning_of_a_word_finds_the_word():
    assert fold("quyết định").startswith(fold("quy"))


@given(TEXTS)
def test_the_key_does_not_depend_on_how_the_letters_are_composed(text):
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@given(TEXTS)
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


def test_letters_are_sorted_as_the_alphabet_has_them():
    alphabet = [
        "a",
        "ă",
        "â",
        "b",
        "c",
        "d",
        "đ",
        "e",
        "ê",
        "g",
        "h",
        "i",
        "k",
        "l",
        "m",
        "n",
        "o",
        "ô",
        "ơ",
        "p",
        "q",
        "r",
        "s",
        "t",
        "u",
        "ư",
        "v",
        "x",
        "y",
    ]
    assert sorted(reversed(alphabet), key=sort_key) == alphabet


def test_tones_are_sorted_as_dictionaries_have_them():
    tones = ["ma", "mà", "mả", "mã", "má", "mạ"]
    assert sorted(reversed(tones), key=sort_key) == tones


def test_a_letter_weighs_more_than_a_tone():
    assert sorted(["Ấn", "Bạn", "Ăn", "An", "Án"], key=sort_key) == ["An", "Án", "Ăn", "Ấn", "Bạn"]


def test_names_of_communes_come_in_the_order_people_expect():
    names = [
        "An Khê",
        "Ayun",
        "Ân Hảo",
        "Đak Đoa",
        "Đăk Song",
        "Đống Đa",
        "Duy",
        "Ia Băng",
        "Ia Púch",
    ]
    shuffled = sorted(names, key=lambda name: hash(name))
    assert sorted(shuffled, key=sort_key) == [
        "An Khê",
        "Ayun",
        "Ân Hảo",
        "Duy",
        "Đak Đoa",
        "Đăk Song",
        "Đống Đa",
        "Ia Băng",
        "Ia Púch",
    ]


def test_a_shorter_name_comes_before_the_longer_one_that_begins_with_it():
    assert sorted(["Hòa Bình", "Hoa", "Hòa", "Hoa Lư"], key=sort_key) == [
        "Hoa",
        "Hòa",
        "Hòa Bình",
        "Hoa Lư",
    ]


def test_numbers_are_sorted_as_numbers():
    wards = ["Phường 10", "Phường 2", "Phường 1"]
    assert sorted(wards, key=sort_key) == ["Phường 1", "Phường 2", "Phường 10"]


def test_people_are_sorted_by_given_name_then_by_the_whole_name():
    people = ["Trần Văn An", "Lê Thị Ánh", "Nguyễn Văn An", "Đỗ Ân", "Bùi Bình"]
    assert sorted(people, key=person_sort_key) == [
        "Nguyễn Văn An",
        "Trần Văn An",
        "Lê Thị Ánh",
        "Đỗ Ân",
        "Bùi Bình",
    ]


@given(TEXTS)
def test_the_sort_key_of_any_text_can_be_stored(text):
    assert "\x00" not in sort_key(text)
    assert sort_key(text) == sort_key(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize(
    ("one", "other"),
    [("hoà bình", "Hòa Bình"), ("uý", "úy"), ("thuỷ lợi", "thủy lợi"), ("kĩ sư", "kỹ sư"), ("quí", "quý"), ("Lí", "Lý")],
)  # fmt: skip
def test_accepted_spellings_are_the_same_words(one, other):
    assert same_spelling(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("hóa", "hòa"), ("thúi", "thúy"), ("tay", "tai"), ("đo", "do"), ("ơn", "ôn")]
)
def test_different_words_stay_different(one, other):
    assert not same_spelling(one, other)


def test_names_themselves_are_never_rewritten():
    assert nfc("Hoà Bình") == "Hoà Bình"
    assert spelling_key("Hoà Bình") == spelling_key("Hòa Bình")


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        ("  Sở\u00a0Khoa  học\u200b ", "Sở Khoa học"),
        ("\ufeffhoa\u0300", "hoà"),
        ("một\r\nhai\u2028ba", "một\nhai\nba"),
        ("a\u00adb\u202ec", "abc"),
        ("dòng một  \n  dòng hai", "dòng một\ndòng hai"),
    ],
)
def test_pasted_text_is_stored_as_it_was_meant(pasted, meant):
    assert clean(pasted) == nfc(meant)


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text):
    assert clean(clean(text)) == clean(text)
