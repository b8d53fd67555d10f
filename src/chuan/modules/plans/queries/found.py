"""Tasks, assignments, evidence and difficulties in the search across everything."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import shorten

from django.db.models import Case, F, Q, When
from django.db.models.functions import Abs
from django.urls import reverse
from django.utils import timezone

from chuan.core.orgs.queries import known_as, names_on
from chuan.core.people.models import Person
from chuan.core.ui.finding import Found, Hit, found_in
from chuan.core.ui.search import folded_contains
from chuan.lib.vietnamese import clean, fold
from chuan.modules.plans.models import Difficulty, Evidence, Plan, Task
from chuan.modules.plans.queries.assignments import assignments_visible_to
from chuan.modules.plans.queries.difficulties import difficulties_visible_to
from chuan.modules.plans.queries.plans import are_several, tasks_visible_to


def _beginning(text: str) -> str:
    """As much as fits two lines, in whole words."""
    return shorten(text, 200, placeholder="…")


def find_tasks(person: Person, text: str, start: int, limit: int) -> Found:
    """By code and words; of a task followed by its heading alone, by its heading."""
    inside = Q(folded_contains(text, "text", "product"), heading_only=False)
    rows = (
        tasks_visible_to(person)
        .filter(folded_contains(text, "code", "short_text") | inside)
        .order_by("-plan", "position", "pk")
    )
    says = _says_plan(person)
    return found_in(rows, start, limit, lambda row: _task(row, says))


def _says_plan(person: Person) -> Callable[[Plan], str]:
    """What a hit adds to say which plan it is of, where there are several; one query."""
    several = are_several(person)
    return lambda plan: f"{plan.short_title}. " if several else ""


def _task(row: Task, says: Callable[[Plan], str]) -> Hit:
    return Hit(
        title=row.short_text,
        url=reverse("plans:task", args=[row.plan_id, row.pk]),
        text=says(row.plan) + ("" if row.heading_only else _beginning(row.text)),
        ref=row.code,
    )


def find_assignments(person: Person, text: str, start: int, limit: int) -> Found:
    """Every word stands in the task or in any name the body has or had: “khen thưởng hoài nhơn”.

    Two queries a word for the bodies, and one for the tasks.
    """
    today = timezone.localdate()
    wanted = Q()
    words = fold(clean(text)).split()[:6]
    tasks = [
        (pk, fold(f"{code} {title}"))
        for pk, code, title in tasks_visible_to(person).values_list("pk", "code", "short_text")
    ]
    for word in words:
        wanted &= Q(task__in=[pk for pk, key in tasks if word in key]) | Q(
            organisation__in=known_as(word)
        )
    if not words:
        return Found([], 0)
    rows = (
        assignments_visible_to(person)
        .filter(wanted)
        # What people do now, then the years before, then those to come.
        .order_by(
            Case(When(year=today.year, then=0), When(year__lt=today.year, then=1), default=2),
            Abs(F("year") - today.year),
            "task__position",
            "organisation",
            "pk",
        )
    )
    page = list(rows.select_related("task__plan")[start : start + limit])
    names = names_on({row.organisation_id for row in page}, today)
    says = _says_plan(person)
    hits = [
        Hit(
            title=row.task.short_text,
            url=reverse("plans:assignment", args=[row.pk]),
            text=f"{says(row.task.plan)}{names[row.organisation_id]}, {row.year}",
            ref=row.task.code,
        )
        for row in page
    ]
    return Found(hits, rows.count())


def find_evidence(person: Person, text: str, start: int, limit: int) -> Found:
    """What was shown and not withdrawn, of assignments the person sees, by its title."""
    words = fold(clean(text)).split()
    wanted = Q(withdrawn_at__isnull=True)
    for word in words:
        wanted &= Q(search_key__contains=word)
    rows = (
        Evidence.objects.filter(wanted, assignment__in=assignments_visible_to(person).values("pk"))
        .select_related("assignment__task__plan")
        .order_by("-added_at", "-pk")
    )
    says = _says_plan(person)
    return found_in(rows if words else rows.none(), start, limit, lambda row: _evidence(row, says))


def _evidence(row: Evidence, says: Callable[[Plan], str]) -> Hit:
    task = row.assignment.task
    return Hit(
        title=row.title,
        url=reverse("plans:assignment", args=[row.assignment_id]),
        text=says(task.plan) + task.short_text,
        ref=task.code,
    )


def find_difficulties(person: Person, text: str, start: int, limit: int) -> Found:
    """Of the person's own body, or of every body for those who watch over the plan."""
    rows = (
        difficulties_visible_to(person)
        .filter(folded_contains(text, "title", "text"))
        .order_by("-raised_at", "-pk")
    )
    says = _says_plan(person)
    return found_in(rows, start, limit, lambda row: _difficulty(row, says))


def _difficulty(row: Difficulty, says: Callable[[Plan], str]) -> Hit:
    return Hit(
        title=row.title,
        url=reverse("plans:difficulty", args=[row.pk]),
        text=says(row.plan) + _beginning(row.text),
    )
