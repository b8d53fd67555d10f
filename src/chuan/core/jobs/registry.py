"""Declaring jobs, and asking for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import Generic, ParamSpec
from zoneinfo import ZoneInfo

from django.conf import settings
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

P = ParamSpec("P")

ATTEMPTS = 5


class Job(Generic[P]):
    """A function that a worker calls later. Called directly, it does its work at once."""

    def __init__(self, function: Callable[P, None]) -> None:
        self.function = function
        self.name = _name_of(function)
        self.__doc__ = function.__doc__
        # 3 s, 9 s, 27 s, 81 s: a mail server that restarts is back by then.
        app.task(name=self.name, retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=3))(
            function
        )

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        self.function(*args, **kwargs)

    def after_commit(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Have a worker do this once the caller's transaction is committed; never if it is not.

        Asked for twice with the same arguments while the first is still waiting, it is done once.
        """
        _by_name(self.name, args)
        waiting = ProcrastinateJob.objects.filter(
            task_name=self.name, status="todo", scheduled_at=None, args=kwargs
        )
        if not waiting.exists():
            app.configure_task(name=self.name, allow_unknown=False).defer(**kwargs)

    def not_before(self, moment: datetime, /) -> Callable[P, None]:
        """Have a worker do this once a moment has come, within some seconds; never if the caller's
        transaction is not committed."""

        def ask(*args: P.args, **kwargs: P.kwargs) -> None:
            _by_name(self.name, args)
            later = app.configure_task(name=self.name, allow_unknown=False, schedule_at=moment)
            later.defer(**kwargs)

        return ask


def _by_name(name: str, args: tuple[object, ...]) -> None:
    if args:
        raise TypeError(f"{name} takes its arguments by name")


def job() -> Callable[[Callable[P, None]], Job[P]]:
    """Make a job of a function with keyword arguments that JSON can carry."""
    return Job


def nightly(*, at: time) -> Callable[[Callable[[], None]], Job[[]]]:
    """Have a worker call this every day at a time of the province's clock.

    Missed while the machine was off, it is called once when a worker starts again.
    """
    # procrastinate reads schedules in UTC. Viet Nam has no summer time, so one day tells all.
    local = datetime.combine(datetime(2025, 1, 1), at, ZoneInfo(settings.TIME_ZONE))  # noqa: DTZ001
    in_utc = local.astimezone(ZoneInfo("UTC"))
    return _periodic(f"{in_utc.minute} {in_utc.hour} * * *")


def every_minute() -> Callable[[Callable[[], None]], Job[[]]]:
    return _periodic("* * * * *")


def _periodic(cron: str) -> Callable[[Callable[[], None]], Job[[]]]:
    def declare(function: Callable[[], None]) -> Job[[]]:
        declared = Job(function)

        def run(timestamp: int) -> None:
            declared()

        scheduled = app.task(name=f"{declared.name}@schedule")(run)
        app.periodic(cron=cron)(scheduled)
        return declared

    return declare


def _name_of(function: Callable[..., None]) -> str:
    """`notices.send_letter` for `chuan.core.notices.tasks.send_letter`: kept in queued rows, so it
    outlives a change of floor."""
    parts = function.__module__.split(".")
    owner = parts[2] if parts[0] == "chuan" and len(parts) > 2 else parts[0]
    return f"{owner}.{function.__name__}"
