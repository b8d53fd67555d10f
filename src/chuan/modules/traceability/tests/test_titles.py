"""Every word of the standard that a page can meet has a word of people beside it."""

from __future__ import annotations

import pytest
from django.conf import settings

from chuan.modules.traceability import titles
from chuan.modules.traceability.engine import units
from chuan.modules.traceability.engine.reading_json import read_json
from chuan.modules.traceability.engine.validation import faults_of
from chuan.modules.traceability.engine.vocabulary import Form, Vocabulary, names, written


@pytest.mark.parametrize("vocabulary", list(Vocabulary))
def test_every_word_of_the_standard_is_said_in_vietnamese(vocabulary):
    told = {word: titles.said(word, vocabulary) for word in names(vocabulary)}

    assert [word for word, said in told.items() if said.word != word] == []
    titles_of = [str(said.title) for said in told.values()]
    assert len(set(titles_of)) == len(titles_of)


@pytest.mark.parametrize("form", list(Form))
def test_a_word_is_said_alike_in_whatever_form_it_is_written(form):
    value = written("in_transit", Vocabulary.DISPOSITION, form)

    assert str(titles.said(value, Vocabulary.DISPOSITION).title) == "Đang vận chuyển"


def test_a_word_of_another_vocabulary_is_shown_as_it_is():
    assert titles.said("https://example.com/fermenting", Vocabulary.BIZ_STEP) == titles.Said(
        "https://example.com/fermenting", ""
    )
    assert titles.attribute("example:brix") == titles.Said("example:brix", "")
    assert titles.kind_of("OtherEvent") == titles.Said("OtherEvent", "")
    assert titles.unit("XYZ") == "XYZ"


def test_every_unit_that_is_converted_has_a_sign():
    assert [code for code in units._UNITS if titles.unit(code) == code] == []


def test_the_glossary_says_what_pages_say():
    rows = {
        line.strip() for line in (settings.ROOT / "docs" / "glossary.md").read_text().splitlines()
    }
    tables = [titles._KINDS, titles._ACTIONS, titles._ATTRIBUTES, *titles._OF.values()]

    assert [
        f"| {word} | {title} |"
        for table in tables
        for word, title in table.items()
        if f"| {word} | {title} |" not in rows
    ] == []


def test_the_sample_of_the_first_steps_is_right():
    document = read_json((settings.ROOT / "samples" / "epcis" / "chuoi-xoai.json").read_bytes())

    assert len(document.events) == 4
    assert faults_of(document) == []
