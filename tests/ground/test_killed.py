"""A process killed in the middle, and started again, ends where an undisturbed one does.

Real processes on this worker's own database: SIGKILL leaves them no time to tidy up. Each is stopped
inside a transaction, after others of the same job were committed.
"""

import os
import signal
import subprocess
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from chuan.config.testing import run_folder
from chuan.core.jobs.operations import requeue_stuck_jobs
from chuan.core.notices.models import Notice, OutgoingMail
from chuan.core.orgs.testing import GroupFactory, OrganisationFactory
from chuan.flows.annual_report.models import Consolidation, UnitReport
from chuan.flows.annual_report.operations.consolidation import consolidate
from chuan.flows.annual_report.testing import a_situation
from chuan.flows.reminders.models import Digest, DigestRun
from chuan.flows.reminders.operations.digests import give_digests
from chuan.flows.reminders.tasks import give_daily_digests
from chuan.flows.reminders.testing import with_a_ladder
from chuan.modules.plans import tasks as plans_tasks
from chuan.modules.plans.models import Assignment, Plan
from chuan.modules.plans.testing import AssignmentFactory, PlanFactory, TaskFactory, clerk_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MIDDLE = "in the middle"

# Sets Django up, makes one function stop the process's work at its n-th call, and does the work.
SCRIPT = """
import importlib, sys, time
import django
django.setup()
module, name, calls, work = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
if module:
    place = importlib.import_module(module)
    done, count = getattr(place, name), [0]
    def stopped(*args, **given):
        count[0] += 1
        if count[0] == calls:
            print("in the middle", flush=True)
            time.sleep(60)
        return done(*args, **given)
    setattr(place, name, stopped)
exec(work)
"""

WORK_A_WORKER_DOES = """
from procrastinate.contrib.django import app
from chuan.core.jobs.worker import run_worker
app.periodic_registry.periodic_tasks.clear()
run_worker(wait=False)
"""


def process(work, module="", name="", calls=0):
    there = connection.settings_dict
    address = f"postgresql://{there['USER']}@/{there['NAME']}?host={there['HOST']}"
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, module, name, str(calls), work],
        env=os.environ
        | {
            "DATABASE_URL": os.environ.get("DATABASE_URL") or address,
            "CHUAN_VAR": str(run_folder()),
            "DJANGO_SETTINGS_MODULE": "chuan.config.settings",
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def kill_in_the_middle(work, module, name, calls):
    killed = process(work, module, name, calls)
    said = ""
    for line in killed.stdout:
        said += line
        if line.strip() == MIDDLE:
            break
    assert MIDDLE in said, said
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate(timeout=10)
    assert killed.returncode == -signal.SIGKILL


def do(work):
    done = process(work)
    said, _nothing = done.communicate(timeout=40)
    assert done.returncode == 0, said


def start_again():
    """What happens a minute after a worker died: its jobs go to the next one."""
    assert ProcrastinateJob.objects.filter(status="doing").count() == 1
    assert requeue_stuck_jobs(at=timezone.now() + timedelta(minutes=5)) == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")
    do(WORK_A_WORKER_DOES)
    assert not ProcrastinateJob.objects.exists()


def undisturbed(work, state):
    """The state an undisturbed run leads to; the run itself is taken back."""
    with transaction.atomic():
        work()
        found = state()
        transaction.set_rollback(True)
    return found


# ---------------------------------------------------------------- the three


def assignments():
    rows = Assignment.objects.values_list(
        "task", "organisation", "role", "year", "period_start", "due_on"
    )
    return sorted(rows), Plan.objects.filter(reconciled_at__isnull=False).count()


def test_a_reconciliation_killed_between_two_plans():
    for _number in range(3):
        group = GroupFactory(members=[OrganisationFactory() for _body in range(3)])
        TaskFactory(plan=PlanFactory(), lead=[group])
    expected = undisturbed(lambda: plans_tasks.reconcile_plans(), assignments)
    assert assignments() == ([], 0)

    plans_tasks.reconcile_plans.after_commit()
    kill_in_the_middle(
        WORK_A_WORKER_DOES, "chuan.modules.plans.operations.assignments", "record", 2
    )
    half, plans_done = assignments()
    assert 0 < len(half) < len(expected[0])
    assert plans_done == 1

    start_again()
    assert assignments() == expected


def a_working_day():
    day = timezone.localdate()
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time(7)))


def digests():
    return (
        sorted(Digest.objects.values_list("person", "day", "title", "content__things")),
        sorted(Notice.objects.values_list("person", "title")),
        sorted(OutgoingMail.objects.values_list("person", "subject", "body")),
        list(DigestRun.objects.values_list("day", "given")),
    )


def test_a_digest_killed_between_recording_and_sending():
    with_a_ladder()
    at = a_working_day()
    body, task = OrganisationFactory(), TaskFactory(plan=PlanFactory())
    AssignmentFactory(
        task=task,
        organisation=body,
        due_on=at.date(),
        year=at.year,
        period_start=date(at.year, 1, 1),
        period_end=date(at.year + 1, 1, 1),
    )
    for _number in range(4):
        clerk_of(body)
    expected = undisturbed(lambda: give_digests(at=at), digests)
    assert len(expected[0]) == 4

    work = (
        "from datetime import datetime\n"
        "from chuan.flows.reminders.operations.digests import give_digests\n"
        f"give_digests(at=datetime.fromisoformat({at.isoformat()!r}))"
    )
    # After the digest is recorded and the notice written, before the letter is.
    kill_in_the_middle(work, "chuan.flows.reminders.operations.digests", "send_letter", 3)
    assert [Digest.objects.count(), Notice.objects.count(), OutgoingMail.objects.count()] == [2] * 3

    do(work)
    assert digests() == expected
    do(work)
    assert digests() == expected


def test_a_worker_killed_in_the_middle_of_the_digest_leaves_it_to_the_next():
    """Through the queue; whether today is a working day or not, it ends as an undisturbed one does."""
    with_a_ladder()
    give_daily_digests.after_commit()
    kill_in_the_middle(WORK_A_WORKER_DOES, "chuan.flows.reminders.tasks", "give_digests", 1)
    expected = undisturbed(lambda: give_digests(at=timezone.now()), digests)
    start_again()
    assert digests() == expected


def consolidated():
    made = Consolidation.objects.values_list("period", "number", "state", "snapshot_hash")
    return sorted(made), sorted(UnitReport.objects.values_list("pk", "state", "revision"))


def test_a_consolidation_killed_before_it_is_committed():
    world = a_situation(bodies=3)
    world.accept(0)
    world.accept(1)
    before = consolidated()
    at = timezone.now()
    expected = undisturbed(
        lambda: consolidate(actor=world.coordinator, period=world.period, at=at), consolidated
    )
    assert expected != before

    work = (
        "from datetime import datetime\n"
        "from chuan.core.people.models import Person\n"
        "from chuan.flows.annual_report.models import ReportingPeriod\n"
        "from chuan.flows.annual_report.operations import consolidation\n"
        f"consolidation.consolidate(actor=Person.objects.get(pk={world.coordinator.pk}),"
        f" period=ReportingPeriod.objects.get(pk={world.period.pk}),"
        f" at=datetime.fromisoformat({at.isoformat()!r}))"
    )
    kill_in_the_middle(work, "chuan.flows.annual_report.operations.consolidation", "record", 1)
    assert consolidated() == before

    do(work)
    assert consolidated() == expected


def test_the_folder_of_this_file_is_where_real_processes_are_started():
    """They import the tree that is tested and no other."""
    do(f"import chuan; assert chuan.__file__.startswith({str(Path(__file__).parents[2])!r})")
