from datetime import UTC, datetime

import pytest
from django.contrib.sessions.models import Session

from chuan.lib.questions import Question

pytestmark = pytest.mark.django_db

NEVER = datetime(1, 1, 1, tzinfo=UTC)
LONG_AGO, THEN, LATER = (datetime(year, 5, 1, tzinfo=UTC) for year in (2024, 2025, 2026))


def _sessions(key, ends_after):
    mine = Session.objects.filter(session_key=key, expire_date__gt=ends_after)
    return mine.values_list("session_key", "session_data")


def test_each_asking_has_its_own_values_and_one_text():
    for key, ends in (("an", LATER), ("binh", LONG_AGO)):
        Session.objects.create(session_key=key, session_data=f"của {key}", expire_date=ends)
    question = Question(_sessions, key="?", ends_after=NEVER)

    assert question.answers(key="an", ends_after=THEN) == [("an", "của an")]
    text = question._words
    assert question.answers(key="binh", ends_after=THEN) == []
    assert question.answers(key="binh", ends_after=datetime(2023, 1, 1, tzinfo=UTC)) == [
        ("binh", "của binh")
    ]
    assert question._words is text


def test_a_value_is_a_value_whatever_is_in_it():
    Session.objects.create(session_key="100%s'", session_data="", expire_date=LATER)
    question = Question(_sessions, key="?", ends_after=NEVER)

    assert question.answers(key="100%s'", ends_after=THEN) == [("100%s'", "")]


def test_a_value_that_the_query_does_not_hold_as_it_was_given_is_refused():
    question = Question(lambda key: _sessions(key.upper(), NEVER), key="?a")

    with pytest.raises(LookupError, match="key"):
        question.answers(key="an")
