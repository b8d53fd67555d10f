"""Doing jobs in tests."""

from __future__ import annotations

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob


def perform_jobs() -> list[str]:
    """Do what is waiting and what that asks for, now, in the test's own transaction; returns the
    names of the jobs done. An error of a job is the test's error."""
    done: list[str] = []
    while job := ProcrastinateJob.objects.filter(status="todo").order_by("pk").first():
        app.tasks[job.task_name].func(**job.args)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [job.pk]
            )
        done.append(job.task_name)
    return done


def waiting_jobs() -> list[tuple[str, dict[str, object]]]:
    """What is waiting: name and arguments, in the order asked for."""
    return list(
        ProcrastinateJob.objects.filter(status="todo")
        .order_by("pk")
        .values_list("task_name", "args")
    )
