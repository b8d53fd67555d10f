from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from chuan.core.audit.models import Entry
from chuan.core.legal import operations
from chuan.core.legal.models import LegalSource, SourceRelation, StatutoryParameter
from chuan.core.legal.queries import statute
from chuan.core.legal.testing import LegalSourceFactory, StatutoryParameterFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db

NEW_YEAR = date(2026, 1, 1)


def keeper():
    return PersonFactory(role=Role.DEPARTMENT_COORDINATOR)


def values_of(code):
    rows = StatutoryParameter.objects.filter(code=code).order_by("valid")
    return [(row.value, row.valid.lower, row.valid.upper) for row in rows]


def set_parameter(**changed):
    given = {
        "actor": keeper(),
        "code": "a",
        "title": "Thời hạn trả lời",
        "value": 7,
        "source": LegalSourceFactory(),
        "clause": "Điều 5",
        "valid_from": NEW_YEAR,
    }
    return operations.set_parameter(**{**given, **changed})


def test_a_new_value_ends_the_one_before_and_both_stay_readable():
    StatutoryParameterFactory(code="a", value=5)
    set_parameter(value=7)
    assert values_of("a") == [(5, date(2020, 1, 1), NEW_YEAR), (7, NEW_YEAR, None)]
    assert statute("a", on=date(2025, 12, 31)).value == 5
    entry = Entry.objects.get(action="legal.parameter_set")
    assert entry.details == {"value": 7, "valid_from": "2026-01-01", "before": 5}


@pytest.mark.parametrize(
    "standing", [(NEW_YEAR, None), (date(2026, 6, 1), None), (date(2020, 1, 1), date(2027, 1, 1))]
)
def test_a_value_that_would_overlap_one_with_its_own_dates_is_refused(standing):
    StatutoryParameterFactory(code="a", value=5, valid_from=standing[0], valid_to=standing[1])
    with pytest.raises(ValidationError, match="Tham số a đã có giá trị từ ngày"):
        set_parameter()
    assert values_of("a") == [(5, *standing)]


def test_a_value_may_stand_before_one_that_begins_when_it_ends():
    StatutoryParameterFactory(code="a", value=5, valid_from=date(2026, 6, 1))
    set_parameter(valid_to=date(2026, 6, 1))
    assert values_of("a") == [(7, NEW_YEAR, date(2026, 6, 1)), (5, date(2026, 6, 1), None)]


def test_the_database_itself_refuses_two_values_on_one_day():
    StatutoryParameterFactory(code="a")
    with pytest.raises(IntegrityError, match="legal_parameter_has_one_value_a_day"):
        StatutoryParameterFactory(code="a", valid_from=NEW_YEAR)


def test_adding_a_source_leaves_it_to_be_compared():
    source = operations.add_source(
        actor=keeper(), code="nd-1", notation="01/2026/NĐ-CP", title="Nghị định", issuer="Chính phủ"
    )
    assert not source.is_verified
    assert Entry.objects.get().action == "legal.source_added"


def test_a_source_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValidationError, match="Ngày hết hiệu lực phải sau ngày có hiệu lực"):
        operations.add_source(
            actor=keeper(),
            code="nd-1",
            notation="01/2026/NĐ-CP",
            title="Nghị định",
            issuer="Chính phủ",
            effective_from=NEW_YEAR,
            effective_to=NEW_YEAR,
        )


def test_a_source_that_is_replaced_ends_when_the_new_one_begins():
    old, new = LegalSourceFactory(), LegalSourceFactory(effective_from=NEW_YEAR)
    operations.relate_sources(
        actor=keeper(), source=new, kind=SourceRelation.Kind.REPLACES, target=old
    )
    old.refresh_from_db()
    assert old.effective_to == NEW_YEAR


def test_confirming_a_source_says_who_did_it():
    actor, source = keeper(), LegalSourceFactory(is_verified=False)
    assert operations.confirm_source(actor=actor, source=source).is_verified
    assert Entry.objects.get(action="legal.source_confirmed").actor == actor


@pytest.mark.parametrize("role", [Role.UNIT_HEAD, Role.AUDITOR, None])
def test_others_may_not_touch_the_table(role):
    actor = PersonFactory(role=role)
    source = LegalSourceFactory(is_verified=False)
    with pytest.raises(Denied, match="cơ quan thường trực"):
        operations.confirm_source(actor=actor, source=source)
    with pytest.raises(Denied):
        set_parameter(actor=actor)
    source.refresh_from_db()
    assert not source.is_verified
    assert not Entry.objects.exists()


def test_loading_brings_sources_and_parameters_and_a_second_load_changes_nothing():
    first = operations.load_legal_sources()
    assert first.sources == LegalSource.objects.count() >= 20
    assert first.parameters == StatutoryParameter.objects.count() >= 10
    assert first.relations == SourceRelation.objects.count() > 0
    lines = Entry.objects.count()

    assert operations.load_legal_sources() == operations.LoadedLaw(0, 0, 0)
    assert Entry.objects.count() == lines


def test_the_second_load_costs_a_fixed_number_of_queries(django_assert_max_num_queries):
    operations.load_legal_sources()
    with django_assert_max_num_queries(8):
        operations.load_legal_sources()


def test_loading_never_undoes_what_a_person_did():
    operations.load_legal_sources()
    source = LegalSource.objects.get(code="nd-30-2020-nd-cp")
    operations.confirm_source(actor=keeper(), source=source)
    set_parameter(code="plans.difficulty_answer_days", value=5, source=source)

    assert operations.load_legal_sources() == operations.LoadedLaw(0, 0, 0)

    source.refresh_from_db()
    assert source.is_verified
    assert statute("plans.difficulty_answer_days", on=NEW_YEAR).value == 5


def test_what_the_files_say_is_what_deadlines_need():
    operations.load_legal_sources()
    day = date(2026, 11, 20)
    assert statute("calendar.before_day_is_exclusive", on=day).value is True
    assert statute("calendar.weekend", on=day).value == [6, 7]
    cutoff = statute("reports.yearly_cutoff", on=day)
    assert cutoff.value == {
        "from": {"years_back": 1, "month": 12, "day": 15},
        "to": {"years_back": 0, "month": 12, "day": 14},
    }
    assert cutoff.citation == "Điều 12, 09/2019/NĐ-CP"
    assert statute("plans.difficulty_answer_days", on=day).source == "Quy ước vận hành"
