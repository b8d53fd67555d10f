"""One duty of one real body in one period, and how it stood at each moment."""

from __future__ import annotations

from datetime import date

import pgtrigger
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from chuan.modules.plans.engine import history, locks, tallies
from chuan.modules.plans.enums import (
    Achievement,
    PartyRole,
    Timeliness,
)
from chuan.modules.plans.models.tasks import Task


class Assignment(models.Model):
    """What one real body owes for one task in one period, as lead or as coordinator.

    The period is [start, end). A yearly task has one for each year; `due_on` is the last day
    that still counts, and `due_why` the steps that led to it.
    """

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="assignments")
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    role = models.CharField(max_length=16, choices=PartyRole.choices)
    year = models.PositiveSmallIntegerField()
    period_start = models.DateField()
    period_end = models.DateField()
    # The day on which groups were resolved into bodies.
    resolved_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)
    due_why = models.JSONField(default=list)
    # The first day there was, once a later one was granted.
    original_due_on = models.DateField(null=True, blank=True)
    # More time was asked for by the due day and nobody has decided yet: the clock stands still.
    is_paused = models.BooleanField(default=False)
    achievement = models.CharField(
        max_length=16, choices=Achievement.choices, default=Achievement.NOT_STARTED
    )
    percent = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    percent_reason = models.CharField(max_length=500, blank=True)
    done_on = models.DateField(null=True, blank=True)
    # The last reconciliation found nobody who owes it any more; what becomes of it, a person decides.
    is_extra = models.BooleanField(default=False)
    # The first day on which its body, which is no more, owes it no longer: by an approved `Fate`.
    closed_on = models.DateField(null=True, blank=True)
    # Written down because another body that is no more owed it, by an approved `Fate`.
    is_passed_on = models.BooleanField(default=False)
    # One body is enough, and this row is counted with that of another: with whoever did it, and until
    # somebody has with the body named first (`operations/any_of.py`).
    counted_with = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="counted_here"
    )
    # The day another body did it, so that this one owes it no longer.
    relieved_on = models.DateField(null=True, blank=True)
    # Counts changes, so that a page opened before another person's change cannot undo it.
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    # What dashboards count it as, whatever the day; null: it is not counted.
    tally = models.GeneratedField(
        expression=tallies.tally(), output_field=models.SmallIntegerField(), db_persist=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "organisation", "role", "period_start"],
                name="plans_one_assignment_per_period",
            ),
            models.CheckConstraint(
                name="plans_done_day_goes_with_complete",
                condition=Q(achievement=Achievement.COMPLETE, done_on__isnull=False)
                | (~Q(achievement=Achievement.COMPLETE) & Q(done_on__isnull=True)),
                violation_error_message="Nhiệm vụ hoàn thành phải có ngày hoàn thành.",
            ),
            models.CheckConstraint(
                name="plans_period_ends_after_it_starts",
                condition=Q(period_end__gt=models.F("period_start")),
            ),
            models.CheckConstraint(
                name="plans_extended_day_is_later",
                condition=Q(original_due_on__isnull=True)
                | Q(due_on__isnull=True)
                | Q(due_on__gt=models.F("original_due_on")),
                violation_error_message="Hạn gia hạn phải sau hạn gốc.",
            ),
            models.CheckConstraint(
                name="plans_only_a_clock_stands_still",
                condition=Q(is_paused=False) | Q(due_on__isnull=False),
                violation_error_message="Không có hạn thì không có gì để xin gia hạn.",
            ),
            models.CheckConstraint(
                name="plans_closed_assignment_is_not_done_and_not_due",
                condition=Q(closed_on__isnull=True) | Q(done_on__isnull=True, due_on__isnull=True),
                violation_error_message="Phân công đã đóng không còn hạn và không ghi hoàn thành.",
            ),
            models.CheckConstraint(
                name="plans_relieved_by_another_that_did_it",
                condition=Q(relieved_on__isnull=True)
                | Q(counted_with__isnull=False, done_on__isnull=True),
                violation_error_message="Chỉ thôi giao khi cơ quan khác đã làm xong.",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "year", "role"], name="plans_by_body_and_year"),
            # Answers counts of a year by itself, without a look at the rows.
            models.Index(
                fields=["task", "role", "period_end", "period_start"],
                include=[
                    "organisation",
                    "due_on",
                    "done_on",
                    "achievement",
                    "resolved_on",
                    "closed_on",
                    "id",
                    "original_due_on",
                    "is_paused",
                    "counted_with",
                ],
                name="plans_by_task_and_days",
            ),
            # Answers dashboards by itself, and in the order they count in.
            models.Index(
                fields=["task", "period_end", "period_start", "tally", "due_on", "organisation"],
                condition=Q(role=PartyRole.LEAD, tally__isnull=False),
                name="plans_tallied",
            ),
            # And the few that are not counted, for who lists them all the same.
            models.Index(
                fields=["task", "organisation"],
                condition=Q(role=PartyRole.LEAD, tally__isnull=True),
                name="plans_untallied",
            ),
            models.Index(fields=["task"], condition=Q(is_extra=True), name="plans_extra_by_task"),
        ]
        triggers = [
            # Nothing is closed silently: at the end of the transaction there is an approved decision.
            pgtrigger.Trigger(
                name="closed_by_a_decision",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("closed_on"),
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Condition("NEW.closed_on IS NOT NULL"),
                func=(
                    "IF EXISTS (SELECT 1 FROM plans_assignment WHERE id = NEW.id"
                    " AND closed_on IS NOT NULL)"
                    " AND NOT EXISTS (SELECT 1 FROM plans_fate WHERE assignment_id = NEW.id"
                    " AND state = 'approved')"
                    " THEN RAISE EXCEPTION 'assignment % is closed without a decision', NEW.id"
                    " USING ERRCODE = 'check_violation'; END IF; RETURN NULL;"
                ),
            ),
            pgtrigger.Trigger(
                name="standing_while_open",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf(
                    "achievement",
                    "percent",
                    "percent_reason",
                    "done_on",
                    "due_on",
                    "original_due_on",
                ),
                declare=[("closed_on", "date")],
                func=locks.STANDING,
            ),
            pgtrigger.Trigger(
                name="history_begins",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func=history.ADDED,
            ),
            pgtrigger.Trigger(
                name="history_goes_on",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
                func=history.CHANGED,
            ),
            pgtrigger.Trigger(
                name="history_ends",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                referencing=pgtrigger.Referencing(old="old_rows"),
                func=history.TAKEN_AWAY,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task.code} {self.year} #{self.organisation_id}"

    def timeliness(self, on: date) -> Timeliness | None:
        return timeliness_of(
            done_on=self.done_on,
            due_on=self.due_on,
            on=on,
            is_paused=self.is_paused,
            is_closed=self.closed_on is not None or self.relieved_on is not None,
        )

    @property
    def first_due_on(self) -> date | None:
        """The day before any more time was granted."""
        return self.original_due_on or self.due_on


class AssignmentState(models.Model):
    """How one assignment stood from `since` until `until`; none: it still does.

    Triggers on `Assignment` write these rows and nobody else; `engine/history.py` says which columns.
    They have the names they have there, so that queries count the one or the other alike. The
    assignment itself may be gone.
    """

    assignment = models.ForeignKey(
        Assignment, on_delete=models.DO_NOTHING, db_constraint=False, related_name="states"
    )
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="+")
    # Undoing a reorganisation takes away the bodies it made, with all that they never did.
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.CASCADE, related_name="+"
    )
    role = models.CharField(max_length=16, choices=PartyRole.choices)
    year = models.PositiveSmallIntegerField()
    period_start = models.DateField()
    period_end = models.DateField()
    resolved_on = models.DateField()
    due_on = models.DateField(null=True)
    original_due_on = models.DateField(null=True)
    is_paused = models.BooleanField(default=False, db_default=False)
    achievement = models.CharField(max_length=16, choices=Achievement.choices)
    percent = models.PositiveSmallIntegerField(null=True)
    done_on = models.DateField(null=True)
    is_extra = models.BooleanField(default=False)
    closed_on = models.DateField(null=True)
    counted_with = models.ForeignKey(
        Assignment,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    relieved_on = models.DateField(null=True)
    tally = models.GeneratedField(
        expression=tallies.tally(), output_field=models.SmallIntegerField(), db_persist=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"],
                condition=Q(until__isnull=True),
                name="plans_one_state_at_a_time",
            ),
            models.CheckConstraint(
                name="plans_state_ends_after_it_begins",
                condition=Q(until__isnull=True) | Q(until__gte=models.F("since")),
            ),
        ]
        indexes = [
            models.Index(fields=["assignment", "since"], name="plans_state_by_assignment"),
            # What changed between two days is found by the changes alone.
            models.Index(fields=["since"], name="plans_state_by_since"),
            models.Index(
                fields=["until"], condition=Q(until__isnull=False), name="plans_state_by_until"
            ),
            models.Index(fields=["organisation", "year", "role"], name="plans_state_by_body"),
            # Answers counts of a year on a day by itself, without a look at the rows.
            models.Index(
                fields=["task", "role", "period_end", "period_start"],
                include=[
                    "assignment",
                    "since",
                    "until",
                    "organisation",
                    "due_on",
                    "done_on",
                    "achievement",
                    "closed_on",
                    "original_due_on",
                    "is_paused",
                    "counted_with",
                ],
                name="plans_state_by_task_and_days",
            ),
            models.Index(
                fields=[
                    "task",
                    "period_end",
                    "period_start",
                    "tally",
                    "due_on",
                    "organisation",
                    "since",
                    "until",
                ],
                condition=Q(role=PartyRole.LEAD, tally__isnull=False),
                name="plans_state_tallied",
            ),
            models.Index(
                fields=["task", "organisation"],
                condition=Q(role=PartyRole.LEAD, tally__isnull=True),
                name="plans_state_untallied",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.assignment_id} {self.since:%d/%m/%Y %H:%M}"

    def timeliness(self, on: date) -> Timeliness | None:
        return timeliness_of(
            done_on=self.done_on,
            due_on=self.due_on,
            on=on,
            is_paused=self.is_paused,
            is_closed=self.closed_on is not None or self.relieved_on is not None,
        )


def timeliness_of(
    *,
    done_on: date | None,
    due_on: date | None,
    on: date,
    is_paused: bool = False,
    is_closed: bool = False,
) -> Timeliness | None:
    """Exactly one of four for any three days, and none for what is owed no longer: closed when its
    body was no more, or done by another body where one was enough. `queries.timeliness_case` says
    the same in SQL, but counts what one of several bodies owes only once.

    While the clock stands still nothing becomes overdue; what is done meanwhile is judged by the
    day that holds.
    """
    if is_closed:
        return None
    if done_on is not None:
        in_time = due_on is None or done_on <= due_on
        return Timeliness.ON_TIME if in_time else Timeliness.LATE
    if is_paused or due_on is None or on <= due_on:
        return Timeliness.IN_TIME
    return Timeliness.OVERDUE
