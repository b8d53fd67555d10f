"""Jobs follow commits, are done once, and survive their workers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinatePeriodicDefer

from chuan.core.jobs import queries
from chuan.core.jobs.operations import forget_old_jobs, requeue_stuck_jobs
from chuan.core.jobs.registry import ATTEMPTS
from chuan.core.jobs.tasks import forget_old_jobs as forget_old_jobs_job
from chuan.core.jobs.testing import perform_jobs, waiting_jobs
from chuan.core.jobs.worker import run_worker

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def make_running_job(*, heartbeat_age: timedelta, attempts: int = 0) -> ProcrastinateJob:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id",
            [timezone.now() - heartbeat_age],
        )
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, attempts)"
            " VALUES ('default', 'jobs.forget_old_jobs', %s) RETURNING id, %s",
            [attempts, cursor.fetchone()[0]],
        )
        job_id, worker_id = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s",
            [worker_id, job_id],
        )
    return ProcrastinateJob.objects.get(pk=job_id)


def test_a_job_is_gone_when_the_change_it_follows_is_rolled_back():
    with transaction.atomic():
        forget_old_jobs_job.after_commit()
        assert len(waiting_jobs()) == 1
        transaction.set_rollback(True)
    assert waiting_jobs() == []


def test_a_job_asked_for_twice_is_done_once():
    forget_old_jobs_job.after_commit()
    forget_old_jobs_job.after_commit()
    assert perform_jobs() == ["jobs.forget_old_jobs"]
    assert waiting_jobs() == []


def test_a_job_for_later_waits_for_its_moment_beside_one_for_now():
    later = timezone.now() + timedelta(minutes=5)
    forget_old_jobs_job.not_before(later)()
    forget_old_jobs_job.after_commit()

    times = ProcrastinateJob.objects.order_by("pk").values_list("scheduled_at", flat=True)
    assert list(times) == [later, None]


def test_a_job_of_a_silent_worker_is_queued_again():
    job = make_running_job(heartbeat_age=timedelta(minutes=5))
    assert requeue_stuck_jobs() == 1
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("todo", 1)
    assert requeue_stuck_jobs() == 0


def test_a_job_of_a_live_worker_is_left_alone_until_it_hangs():
    job = make_running_job(heartbeat_age=timedelta(0))
    assert requeue_stuck_jobs() == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '3 hours'")
    assert requeue_stuck_jobs() == 1
    job.refresh_from_db()
    assert job.status == "todo"


def test_a_job_that_keeps_killing_its_worker_is_given_up():
    job = make_running_job(heartbeat_age=timedelta(minutes=5), attempts=ATTEMPTS - 1)
    requeue_stuck_jobs()
    job.refresh_from_db()
    assert job.status == "failed"
    assert queries.queue_facts(at=timezone.now()).failed_lately == 1


def test_old_jobs_are_forgotten_and_fresh_ones_kept():
    make_running_job(heartbeat_age=timedelta(minutes=5), attempts=ATTEMPTS - 1)
    requeue_stuck_jobs()
    forget_old_jobs()
    assert ProcrastinateJob.objects.get().status == "failed"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '181 days'")
    forget_old_jobs()
    assert not ProcrastinateJob.objects.exists()


def test_the_facts_count_what_is_there():
    make_running_job(heartbeat_age=timedelta(minutes=5))
    forget_old_jobs_job.after_commit()
    facts = queries.queue_facts(at=timezone.now() + timedelta(seconds=1))
    assert (facts.waiting, facts.running, facts.stuck, facts.live_workers) == (1, 1, 1, 0)
    assert facts.waiting_since is not None


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_worker_does_the_waiting_jobs_and_the_nightly_ones_that_were_missed():
    forget_old_jobs_job.after_commit()

    def work():
        # The schedule is read beside the work, perhaps too late for a worker that leaves an empty
        # queue.
        for _ in range(5):
            run_worker(wait=False)
        connection.close()

    # A thread of its own: a browser test may have left an event loop running in this one.
    with ThreadPoolExecutor() as threads:
        threads.submit(work).result()
    assert waiting_jobs() == []
    nightly = ProcrastinatePeriodicDefer.objects.filter(
        task_name="jobs.forget_old_jobs@schedule", job=None
    )
    assert nightly.count() == 1
