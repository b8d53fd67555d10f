"""Every word of the standard that a page can meet has a word of people beside it."""

from __future__ import annotations

import pytest

from chuan.modules.traceability import titles
from chuan.modules.traceability.engine import units
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
