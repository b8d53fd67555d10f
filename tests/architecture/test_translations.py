"""English is complete, nothing in it is stale, and the compiled form is the committed text."""

import pytest

from tools import translations

pytestmark = pytest.mark.slow


def test_every_text_on_the_screens_has_an_english_translation():
    assert translations.missing(translations.kept(), translations.texts()) == []


def test_no_translation_is_left_over():
    assert translations.unused(translations.kept(), translations.texts()) == []


def test_no_english_says_the_same_twice():
    assert translations.said_twice(translations.kept()) == []


def test_the_compiled_catalogue_is_what_the_text_compiles_to():
    assert translations.compiled_is_current()
