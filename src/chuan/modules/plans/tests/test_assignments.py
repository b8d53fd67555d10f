import os
import subprocess
import sys
from datetime import date

import pytest
from django.db import connection

from chuan.core.audit.models import Entry
from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import OrganisationVersion
from chuan.core.orgs.testing import GroupFactory, OrganisationFactory
from chuan.modules.plans.enums import PartyRole
from chuan.modules.plans.models import Assignment, Plan, Substitution
from chuan.modules.plans.operations import assignments
from chuan.modules.plans.operations.assignments import reconcile_assignments
from chuan.modules.plans.testing import PlanFactory, TaskFactory
from chuan.modules.plans.tests.conftest import APPROVED_AT

pytestmark = pytest.mark.django_db


def a_plan(*, bodies=3):
    """A plan whose one yearly task is led by a group of communes."""
    province = OrganisationFactory(province=True)
    OrganisationFactory.create_batch(bodies, commune=True, parent=province)
    communes = GroupFactory(kinds=[OrgKind.COMMUNE], under=province)
    plan = PlanFactory()
    TaskFactory(plan=plan, lead=[communes])
    return plan


def rows():
    return list(
        Assignment.objects.order_by("pk").values_list(
            "task", "organisation", "role", "period_start", "period_end", "due_on"
        )
    )


def test_everybody_gets_a_row_for_each_year_to_the_end():
    plan = a_plan(bodies=3)

    found = reconcile_assignments(plan, at=APPROVED_AT)

    assert (found.created, found.extra, found.questions) == (18, (), ())
    assert Assignment.objects.count() == 18
    assert Entry.objects.get().details == {"created": 18}


def test_a_second_run_changes_nothing_and_says_nothing():
    plan = a_plan()
    reconcile_assignments(plan, at=APPROVED_AT)
    before = rows()

    found = reconcile_assignments(plan, at=APPROVED_AT)

    assert (found.created, rows()) == (0, before)
    assert Entry.objects.count() == 1


def test_what_was_lost_is_created_again_and_the_rest_left_alone():
    plan = a_plan()
    reconcile_assignments(plan, at=APPROVED_AT)
    before = {row[:4] for row in rows()}
    Assignment.objects.filter(year=2028).delete()

    found = reconcile_assignments(plan, at=APPROVED_AT)

    assert found.created == 3
    assert {row[:4] for row in rows()} == before


def test_a_body_that_joined_gets_rows_from_the_next_cycle_on():
    plan = a_plan(bodies=1)
    reconcile_assignments(plan, at=APPROVED_AT)
    province = OrganisationVersion.objects.get(kind=OrgKind.PROVINCE).organisation
    OrganisationFactory(commune=True, parent=province, valid_from=date(2027, 5, 1))

    found = reconcile_assignments(plan, at=APPROVED_AT)

    assert found.created == 3  # 2028, 2029, 2030


def test_rows_nobody_owes_any_more_are_reported_and_kept():
    plan = a_plan(bodies=2)
    reconcile_assignments(plan, at=APPROVED_AT)
    version = OrganisationVersion.objects.filter(kind=OrgKind.COMMUNE).first()
    version.valid = (version.valid.lower, date(2028, 7, 1))
    version.save()

    found = reconcile_assignments(plan, at=APPROVED_AT)

    gone = Assignment.objects.filter(organisation=version.organisation, year__in=[2029, 2030])
    assert found.extra == tuple(gone.order_by("pk").values_list("pk", flat=True))
    assert Assignment.objects.count() == 12


def test_a_group_that_vanished_is_a_question_until_somebody_stands_in():
    plan = a_plan(bodies=1)
    group = plan.tasks.get().parties.get().group
    OrganisationVersion.objects.filter(kind=OrgKind.COMMUNE).update(
        valid=(date(2020, 1, 1), date(2026, 7, 1))
    )

    asked = reconcile_assignments(plan, at=APPROVED_AT)
    assert [(one.group_id, one.on) for one in asked.questions] == [(group.pk, date(2027, 1, 1))]
    assert Assignment.objects.count() == 2

    Substitution.objects.create(
        plan=plan,
        group=group,
        by_organisation=OrganisationFactory(),
        from_day=date(2027, 1, 1),
        basis="Quyết định số 12/QĐ-UBND",
        decided_by=plan.approved_by,
        decided_at=APPROVED_AT,
    )
    answered = reconcile_assignments(plan, at=APPROVED_AT)
    assert (answered.created, answered.questions) == (4, ())


def test_a_run_cut_off_between_batches_is_finished_by_the_next_with_the_same_rows(monkeypatch):
    whole = a_plan()
    reconcile_assignments(whole, at=APPROVED_AT)
    expected = {row[1:] for row in rows()}
    Assignment.objects.all().delete()
    monkeypatch.setattr(assignments, "BATCH", 4)
    create = assignments._create
    calls = []

    def cut_off(*args, **kwargs):
        if len(calls) == 2:
            raise RuntimeError("power cut")
        calls.append(args)
        return create(*args, **kwargs)

    monkeypatch.setattr(assignments, "_create", cut_off)
    with pytest.raises(RuntimeError):
        reconcile_assignments(whole, at=APPROVED_AT)
    assert Assignment.objects.count() == 8

    monkeypatch.setattr(assignments, "_create", create)
    reconcile_assignments(whole, at=APPROVED_AT)

    assert {row[1:] for row in rows()} == expected


KILLED = """
import os
import django

django.setup()
from django.db import connection

connection.settings_dict["NAME"] = os.environ["TEST_DATABASE"]
from chuan.modules.plans.models import Plan
from chuan.modules.plans.operations import assignments
from chuan.modules.plans.tests.conftest import APPROVED_AT

assignments.BATCH = 4
create = assignments._create
done = []


def die(*args, **kwargs):
    if len(done) == 2:
        os.kill(os.getpid(), 9)
    done.append(create(*args, **kwargs))
    return done[-1]


assignments._create = die
assignments.reconcile_assignments(Plan.objects.get(), at=APPROVED_AT)
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_midway_leaves_whole_batches_that_the_next_completes():
    plan = a_plan()
    settings = connection.settings_dict
    environment = os.environ | {
        "TEST_DATABASE": settings["NAME"],
        "DJANGO_SETTINGS_MODULE": "chuan.config.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }

    killed = subprocess.run(
        [sys.executable, "-c", KILLED], env=environment, capture_output=True, text=True, check=False
    )

    assert killed.returncode == -9, killed.stderr
    assert Assignment.objects.count() == 8

    found = reconcile_assignments(Plan.objects.get(pk=plan.pk), at=APPROVED_AT)

    assert (found.created, Assignment.objects.count()) == (10, 18)
    assert reconcile_assignments(plan, at=APPROVED_AT).created == 0


@pytest.mark.parametrize("bodies", [2, 12])
def test_reconciling_costs_the_same_however_many_bodies(bodies, django_assert_max_num_queries):
    plan = a_plan(bodies=bodies)
    reconcile_assignments(plan, at=APPROVED_AT)

    with django_assert_max_num_queries(35):
        reconcile_assignments(plan, at=APPROVED_AT)


def test_the_database_keeps_a_body_from_owing_twice():
    plan = a_plan(bodies=1)
    reconcile_assignments(plan, at=APPROVED_AT)
    row = Assignment.objects.first()

    row.pk = None
    with pytest.raises(Exception, match="plans_one_assignment_per_period"):
        row.save(force_insert=True)

    assert row.role == PartyRole.LEAD
