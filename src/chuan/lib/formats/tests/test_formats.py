"""Dates and numbers mean the same everywhere, in either language of the screen."""

import datetime as dt
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.http import JsonResponse
from django.template import Context, Template
from django.test import override_settings
from django.urls import path, reverse
from django.utils import formats, translation

import chuan

TEMPLATES = sorted(Path(chuan.__file__).parent.rglob("templates/**/*.html"))
EITHER = pytest.mark.parametrize("language", ["vi", "en"])

urlpatterns = [
    path("nhiem-vu/<int:pk>/", lambda request, pk: JsonResponse({"pk": pk}), name="task")
]


def shown(template, **context):
    return Template(template).render(Context(context))


@EITHER
@pytest.mark.parametrize("typed", ["05/04/2025", "5/4/2025", "05-04-2025", "2025-04-05"])
def test_a_date_typed_day_first_is_the_fifth_of_april(language, typed):
    with translation.override(language):
        assert forms.DateField().clean(typed) == dt.date(2025, 4, 5)


@EITHER
def test_a_time_typed_after_the_day_keeps_the_day_first(language):
    with translation.override(language):
        read = forms.DateTimeField().clean("05/04/2025 13:30")
    assert (read.day, read.month, read.hour) == (5, 4, 13)


@EITHER
def test_a_date_is_printed_day_first(language):
    with translation.override(language):
        assert shown("{{ day }}", day=dt.date(2025, 4, 5)) == "05/04/2025"
        assert formats.date_format(dt.date(2025, 4, 5), "SHORT_DATE_FORMAT") == "05/04/2025"


@EITHER
def test_the_week_begins_on_monday(language):
    with translation.override(language):
        assert formats.get_format("FIRST_DAY_OF_WEEK") == 1


@EITHER
def test_a_point_groups_thousands_in_a_field_that_reads_local_numbers(language):
    with translation.override(language):
        assert forms.DecimalField(localize=True).clean("1234,5") == Decimal("1234.5")


@EITHER
@override_settings(ROOT_URLCONF=__name__)
def test_an_id_of_a_thousand_or_more_is_never_localised(language):
    with translation.override(language):
        assert reverse("task", args=[12345]) == "/nhiem-vu/12345/"
        assert shown("{% url 'task' pk %} {{ pk }}", pk=12345) == "/nhiem-vu/12345/ 12345"
        assert json.loads(JsonResponse({"pk": 12345, "share": 33.5}).content) == {
            "pk": 12345,
            "share": 33.5,
        }


def test_numbers_are_grouped_by_filters_and_never_by_a_switch():
    assert settings.USE_THOUSAND_SEPARATOR is False


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_no_template_localises_what_machines_read(template):
    text = template.read_text()
    assert not re.search(r"intcomma|localize on|floatformat:\"-?\d*g", text)
    assert not re.search(r"\sstyle=", text)
    # A share of 33.5 would be printed 33,5, which no browser takes for a width.
    drawn = re.findall(r'\s(?:width|height|x|y|x1|x2|y1|y2|cx|cy|r|d|points|viewBox)="([^"]*\{\{[^"]*)"', text)  # fmt: skip
    assert [value for value in drawn if "unlocalize" not in value] == []
