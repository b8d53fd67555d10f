"""Characters that are digits to the eye and no number: "²", "①"."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from chuan.modules.plans.engine.draft import Draft, DraftDocument
from chuan.modules.plans.engine.problems import problems_of
from chuan.modules.plans.queries.imports import plans_of_decision
from chuan.modules.plans.web.forms import imports

NO_NUMBERS = ["²", "1²", "①"]


@pytest.mark.parametrize("typed", NO_NUMBERS)
def test_they_are_refused_in_a_decisions_number_and_reporting_day(typed):
    form = imports.DocumentForm({"number": typed, "report_due": f"{typed}/11"})

    assert not form.is_valid()
    assert "chỉ gồm chữ số" in form.errors["number"][0]
    assert "ngày/tháng có thật" in form.errors["report_due"][0]


@pytest.mark.parametrize("typed", NO_NUMBERS)
def test_they_are_no_weight_of_a_result(typed):
    with pytest.raises(ValidationError, match="tỷ trọng"):
        imports._deliverable(f"Diễn đàn | {typed}", 1)


@pytest.mark.parametrize("typed", NO_NUMBERS)
def test_a_draft_that_has_them_is_a_problem_and_nobodys_plan(typed):
    head = DraftDocument(number=typed, notation="QĐ-UBND", issued_on=date(2025, 3, 25))
    draft = Draft(document=head)

    assert "Số văn bản chỉ gồm chữ số." in [one.message for one in problems_of(draft)]
    assert plans_of_decision(draft, managed_by_id=1) == []
