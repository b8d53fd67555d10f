from __future__ import annotations

from datetime import date, datetime, timedelta

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from chuan.core.calendar.enums import ExtensionState
from chuan.core.calendar.models import Extension
from chuan.modules.plans.engine import history, locks
from chuan.modules.plans.enums import (
    LIVE_FATES,
    Achievement,
    DifficultyState,
    DueKind,
    EvidenceKind,
    ExceptionState,
    FateKind,
    FateState,
    ImportState,
    LockKind,
    PartyKind,
    PartyRole,
    PlanState,
    RequestState,
    Timeliness,
)

PERSON = settings.AUTH_USER_MODEL


class Plan(models.Model):
    """What a decision orders: tasks with lead and coordinating bodies, until a last day."""

    document = models.ForeignKey(
        "documents.OfficialDocument", on_delete=models.PROTECT, related_name="+"
    )
    title = models.CharField(max_length=1000)
    short_title = models.CharField(max_length=200)
    # The department that watches over the plan and consolidates its reports.
    managed_by = models.ForeignKey("orgs.Organisation", on_delete=models.PROTECT, related_name="+")
    # [first day, day after the last day)
    valid = DateRangeField()
    # As written, day and month: "before the 20th of November each year".
    report_due_day = models.PositiveSmallIntegerField(null=True, blank=True)
    report_due_month = models.PositiveSmallIntegerField(null=True, blank=True)
    # Whether the day itself still counts; “trước ngày” means it does not.
    report_due_inclusive = models.BooleanField(default=False)
    approved_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()
    # Ended before its time: `valid` was cut to the last day that still counted.
    ended_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end_basis = models.CharField(max_length=500, blank=True)
    replaced_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # How many parties the last reconciliation could not turn into bodies, and when it ran.
    open_questions = models.PositiveSmallIntegerField(default=0)
    reconciled_at = models.DateTimeField(null=True, blank=True)
    # Counts decisions about the whole plan, so that two people cannot undo each other's.
    version = models.PositiveIntegerField(default=1)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plans_end_has_a_person_a_time_and_a_basis",
                condition=Q(
                    ended_by__isnull=True,
                    ended_at__isnull=True,
                    end_basis="",
                    replaced_by__isnull=True,
                )
                | (Q(ended_by__isnull=False, ended_at__isnull=False) & ~Q(end_basis="")),
                violation_error_message="Kết thúc kế hoạch cần người quyết định và căn cứ.",
            ),
            models.CheckConstraint(
                name="plans_report_day_and_month_together",
                condition=Q(report_due_day__isnull=True, report_due_month__isnull=True)
                | Q(report_due_day__isnull=False, report_due_month__isnull=False),
                violation_error_message="Hạn báo cáo cần cả ngày và tháng.",
            ),
        ]

    def __str__(self) -> str:
        return self.short_title

    @property
    def last_day(self) -> date:
        """The last day that still belongs to the plan."""
        day: date = self.valid.upper
        return day - timedelta(days=1)

    def state_on(self, day: date) -> PlanState:
        """What the plan's days say: nothing has to be switched over when the last one is past."""
        if day < self.valid.upper:
            return PlanState.IN_FORCE
        return PlanState.REPLACED if self.replaced_by_id else PlanState.ENDED


class PlanVersion(models.Model):
    """A plan as one decision made or amended it: the first is the plan's own.

    It holds for what begins on its first day or later; what began before goes on under the version
    it began under.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    document = models.ForeignKey(
        "documents.OfficialDocument", on_delete=models.PROTECT, related_name="+"
    )
    from_day = models.DateField()
    approved_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "number"], name="plans_one_version_of_a_number"
            ),
            models.UniqueConstraint(
                fields=["plan", "from_day"],
                name="plans_one_version_from_a_day",
                violation_error_message="Đã có phiên bản áp dụng từ ngày này.",
            ),
            models.CheckConstraint(
                name="plans_versions_count_from_one", condition=Q(number__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} v{self.number}"


class Section(models.Model):
    """One group of tasks of a plan, as titled from one version on."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="sections")
    code = models.CharField(max_length=16)
    title = models.CharField(max_length=1000)
    position = models.PositiveSmallIntegerField()
    # The number of the version that brought this title.
    since = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code", "since"], name="plans_one_section_per_code"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code}. {self.title}"


class BodyPoint(models.Model):
    """One point of the decision's body that an annex task carries out."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="body_points")
    code = models.CharField(max_length=16)
    text = models.TextField()
    position = models.PositiveSmallIntegerField()
    # The number of the version that brought this text.
    since = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code", "since"], name="plans_one_body_point_per_code"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code}) {self.text[:60]}"


class Task(models.Model):
    """One row of the plan's annex in one wording, kept as the decision has it.

    A wording holds from the version `since` until the version `until`. An amendment that changes
    anything in a row closes it and writes another that `follows` it; work begun under the old
    wording stays with the old row.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="tasks")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="tasks")
    code = models.CharField(max_length=16)
    position = models.PositiveSmallIntegerField()
    text = models.TextField()
    short_text = models.CharField(max_length=160)
    product = models.TextField(blank=True)
    time_text = models.CharField(max_length=200, blank=True)
    due_kind = models.CharField(max_length=8, choices=DueKind.choices)
    due_on = models.DateField(null=True, blank=True)
    body_points = models.ManyToManyField(BodyPoint, related_name="tasks", blank=True)
    source_page = models.PositiveIntegerField(null=True, blank=True)
    source_line = models.PositiveIntegerField(null=True, blank=True)
    # Only its heading is followed here: no content, no files (defence, state secrets).
    heading_only = models.BooleanField(default=False)
    # Numbers of versions; without a last one it still holds.
    since = models.PositiveSmallIntegerField(default=1)
    until = models.PositiveSmallIntegerField(null=True, blank=True)
    # The wording this one takes the place of.
    follows = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by"
    )
    # Counts changes of its deliverables, so that two people cannot undo each other's.
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                condition=Q(until__isnull=True),
                name="plans_one_task_per_code",
            ),
            models.UniqueConstraint(
                fields=["plan", "code", "since"], name="plans_one_wording_per_code_and_version"
            ),
            models.CheckConstraint(
                name="plans_wording_ends_after_it_begins",
                condition=Q(until__isnull=True) | Q(until__gt=models.F("since")),
            ),
            models.CheckConstraint(
                name="plans_wording_that_follows_comes_later",
                condition=Q(follows__isnull=True) | Q(since__gt=1),
            ),
            models.CheckConstraint(
                name="plans_date_goes_with_once_and_until",
                condition=Q(due_kind__in=[DueKind.ONCE, DueKind.UNTIL], due_on__isnull=False)
                | Q(due_kind__in=[DueKind.YEARLY, DueKind.BY_LAW], due_on__isnull=True),
                violation_error_message="Chỉ nhiệm vụ một lần hoặc nhiều năm mới có ngày hết hạn.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.short_text}"


class Deliverable(models.Model):
    """One result a task asks for, with the evidence that proves it.

    Weights of a task's deliverables sum to 100; the operation that sets them sees to it.
    """

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="deliverables")
    title = models.CharField(max_length=300)
    position = models.PositiveSmallIntegerField(default=1)
    weight = models.PositiveSmallIntegerField(default=100, validators=[MaxValueValidator(100)])
    # Any one of these kinds proves it; none named: any evidence does.
    evidence_kinds = ArrayField(
        models.CharField(max_length=16, choices=EvidenceKind.choices), default=list, blank=True
    )

    def __str__(self) -> str:
        return self.title


class Party(models.Model):
    """One lead or coordinating body of a task: a group, one body, or words that name none."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="parties")
    role = models.CharField(max_length=16, choices=PartyRole.choices)
    kind = models.CharField(max_length=8, choices=PartyKind.choices)
    name = models.CharField(max_length=300)
    text = models.CharField(max_length=500)
    group = models.ForeignKey(
        "orgs.Group", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plans_party_points_where_its_kind_says",
                condition=Q(kind=PartyKind.GROUP, group__isnull=False, organisation__isnull=True)
                | Q(kind=PartyKind.NAMED, group__isnull=True, organisation__isnull=False)
                | Q(kind=PartyKind.OPEN, group__isnull=True, organisation__isnull=True),
                violation_error_message="Chọn nhóm hoặc cơ quan ứng với cách gọi trong quyết định.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class CentralTask(models.Model):
    """One task of a document from above: a directive of the Party, a programme of the Government.

    `text` is our own short wording unless `is_compared` says that a person has put the official
    text beside it.
    """

    source = models.ForeignKey("legal.LegalSource", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=16)
    position = models.PositiveSmallIntegerField()
    text = models.TextField()
    # Where in the document it stands, and where our wording was taken from.
    clause = models.CharField(max_length=200, blank=True)
    known_from = models.CharField(max_length=300, blank=True)
    is_compared = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "code"],
                name="plans_one_central_task_per_code",
                violation_error_message="Văn bản này đã có nhiệm vụ mang mã đó.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text[:60]}"


class CentralLink(models.Model):
    """Which central task a task of a plan carries out; said by a person."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="central_links")
    central = models.ForeignKey(CentralTask, on_delete=models.PROTECT, related_name="links")
    linked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "central"], name="plans_one_link_to_a_central_task"
            )
        ]

    def __str__(self) -> str:
        return f"{self.task_id} → {self.central_id}"


class Substitution(models.Model):
    """Who stands in for a group or a body that is there no more, from a day on.

    A person decides it and names the text it rests on; nothing passes by itself. With no
    replacement the duty lapses, by that same text.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="substitutions")
    group = models.ForeignKey(
        "orgs.Group", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    by_group = models.ForeignKey(
        "orgs.Group", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    by_organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    from_day = models.DateField()
    basis = models.CharField(max_length=500)
    # The document the basis names, when a register here holds it.
    basis_document = models.ForeignKey(
        "documents.OfficialDocument",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plans_substitution_of_a_group_or_a_body",
                condition=Q(group__isnull=False, organisation__isnull=True)
                | Q(group__isnull=True, organisation__isnull=False),
            ),
            models.CheckConstraint(
                name="plans_substitution_by_one_at_most",
                condition=Q(by_group__isnull=True) | Q(by_organisation__isnull=True),
                violation_error_message="Chọn một nhóm hoặc một cơ quan thay thế.",
            ),
            models.UniqueConstraint(
                fields=["plan", "group", "from_day"], name="plans_one_group_substitution_a_day"
            ),
            models.UniqueConstraint(
                fields=["plan", "organisation", "from_day"],
                name="plans_one_body_substitution_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.from_day:%d/%m/%Y}"


class OpenQuestion(models.Model):
    """A party that the last reconciliation could not turn into bodies, from a day on."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="questions")
    # As `engine.expansion.Trouble` has it.
    trouble = models.CharField(max_length=16)
    name = models.CharField(max_length=300)
    from_day = models.DateField()
    group = models.ForeignKey(
        "orgs.Group", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Of the tasks that have the party.
    codes = ArrayField(models.CharField(max_length=16))

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plans_question_about_a_group_or_a_body",
                condition=Q(group__isnull=False, organisation__isnull=True)
                | Q(group__isnull=True, organisation__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name


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
    # Counts changes, so that a page opened before another person's change cannot undo it.
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

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
                ],
                name="plans_by_task_and_days",
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
                operation=pgtrigger.UpdateOf("achievement", "percent", "percent_reason", "done_on"),
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
            is_closed=self.closed_on is not None,
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
            models.Index(fields=["organisation", "year", "role"], name="plans_state_by_body"),
            # Answers counts of a year on a day by itself, without a look at the rows.
            models.Index(
                fields=["task", "role", "period_end", "period_start"],
                include=[
                    "since",
                    "until",
                    "organisation",
                    "due_on",
                    "done_on",
                    "achievement",
                    "closed_on",
                    "original_due_on",
                    "is_paused",
                ],
                name="plans_state_by_task_and_days",
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
            is_closed=self.closed_on is not None,
        )


def timeliness_of(
    *,
    done_on: date | None,
    due_on: date | None,
    on: date,
    is_paused: bool = False,
    is_closed: bool = False,
) -> Timeliness | None:
    """Exactly one of four for any three days, and none for what was closed when its body was no
    more; `queries.timeliness_case` says the same in SQL.

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


class FateDecision(models.Model):
    """What becomes of some open assignments of bodies that are no more: proposed by one person on
    the basis of a text, approved by another, undone while nothing rests on it."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="fate_decisions")
    kind = models.CharField(max_length=16, choices=FateKind.choices)
    state = models.CharField(max_length=16, choices=FateState.choices, default=FateState.PROPOSED)
    # The first day on which the bodies owe nothing more; the day after their last when empty.
    from_day = models.DateField(null=True, blank=True)
    basis = models.CharField(max_length=500)
    clause = models.CharField(max_length=200, blank=True)
    # The document the basis names, when a register here holds it.
    basis_document = models.ForeignKey(
        "documents.OfficialDocument",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    note = models.CharField(max_length=500, blank=True)
    proposed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    # Whoever handed it back or undid it, and why.
    ended_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["plan", "state"], name="plans_fates_by_state")]
        constraints = [
            models.CheckConstraint(
                name="plans_fates_are_approved_by_another",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("proposed_by")),
                violation_error_message="Người duyệt phải khác người đề xuất.",
            ),
            models.CheckConstraint(
                name="plans_approved_fates_have_who_and_when",
                condition=Q(
                    state__in=[FateState.APPROVED, FateState.UNDONE],
                    approved_by__isnull=False,
                    approved_at__isnull=False,
                )
                | Q(
                    state__in=[FateState.PROPOSED, FateState.HANDED_BACK],
                    approved_by__isnull=True,
                    approved_at__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="plans_ended_fates_have_who_and_when",
                condition=Q(state__in=LIVE_FATES, ended_by__isnull=True, ended_at__isnull=True)
                | Q(
                    state__in=[FateState.HANDED_BACK, FateState.UNDONE],
                    ended_by__isnull=False,
                    ended_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="plans_fates_have_a_basis",
                condition=~Q(basis=""),
                violation_error_message="Nhập văn bản làm căn cứ.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    @property
    def full_basis(self) -> str:
        """“khoản 2 Điều 4, Nghị quyết 1664/NQ-UBTVQH15”."""
        return ", ".join(part for part in (self.clause, self.basis) if part)


class Fate(models.Model):
    """One assignment in one decision; an assignment has one decision that waits or holds."""

    decision = models.ForeignKey(FateDecision, on_delete=models.PROTECT, related_name="fates")
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="fates")
    # Of its decision, so that the database can keep a second one away.
    state = models.CharField(max_length=16, choices=FateState.choices, default=FateState.PROPOSED)
    # The first day on which the body was no more, and from which it owes this no longer.
    body_ended_on = models.DateField()
    from_day = models.DateField()
    # What approving changed, for undoing: {"period_end", "due_on", "due_why", "is_extra", "requests"}
    before = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"],
                condition=Q(state__in=LIVE_FATES),
                name="plans_one_fate_per_assignment",
                violation_error_message="Phân công này đã có quyết định xử lý.",
            ),
            models.UniqueConstraint(
                fields=["decision", "assignment"], name="plans_one_fate_per_decision"
            ),
            models.CheckConstraint(
                name="plans_fate_begins_once_the_body_is_gone",
                condition=Q(from_day__gte=models.F("body_ended_on")),
                violation_error_message="Ngày áp dụng không thể trước ngày cơ quan kết thúc.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id}: {self.assignment_id}"


class FateHeir(models.Model):
    """One body that goes on with an assignment, and its own assignment once it is approved.

    `was_there`: the body had the task in those days already, so nothing new was written down.
    """

    fate = models.ForeignKey(Fate, on_delete=models.CASCADE, related_name="heirs")
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    assignment = models.ForeignKey(
        Assignment, on_delete=models.PROTECT, null=True, blank=True, related_name="came_from"
    )
    was_there = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fate", "organisation"], name="plans_one_heir_per_fate")
        ]

    def __str__(self) -> str:
        return f"{self.fate_id} → {self.organisation_id}"


class ProgressUpdate(models.Model):
    """What one person told about one assignment at one moment; never rewritten."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="updates")
    narrative = models.TextField()
    achievement = models.CharField(max_length=16, choices=Achievement.choices)
    percent = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    percent_reason = models.CharField(max_length=500, blank=True)
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["assignment", "-made_at"], name="plans_update_latest")]
        triggers = [
            pgtrigger.Protect(
                name="never_rewritten", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            pgtrigger.Trigger(
                name="told_while_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("closed_on", "date"), ("assignment", "record")],
                func=locks.TOLD,
            ),
        ]

    def __str__(self) -> str:
        return self.narrative[:60]


class Evidence(models.Model):
    """One file or link that proves something was done. Withdrawn, never deleted."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="evidence")
    deliverable = models.ForeignKey(
        Deliverable, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=16, choices=EvidenceKind.choices)
    title = models.CharField(max_length=300)
    upload = models.ForeignKey(
        "files.Upload", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    link = models.URLField(max_length=1000, blank=True)
    added_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    # When its first version came: a correction moves nothing to another reporting period.
    first_added_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    # The earlier version this one corrects; that one is withdrawn, and stays.
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    # The same file or link, shown first for another assignment of the same body.
    reused_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    search_key = models.GeneratedField(
        expression=models.Func(models.F("title"), function="chuan_fold"),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plans_evidence_is_a_file_or_a_link",
                condition=Q(upload__isnull=False, link="") | (Q(upload__isnull=True) & ~Q(link="")),
                violation_error_message="Minh chứng là một tệp hoặc một liên kết.",
            ),
            models.CheckConstraint(
                name="plans_withdrawal_has_a_person_and_a_time",
                condition=Q(withdrawn_by__isnull=True, withdrawn_at__isnull=True)
                | Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["assignment", "-added_at"], name="plans_evidence_latest")]
        triggers = [
            pgtrigger.Trigger(
                name="proven_while_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("closed_on", "date"), ("assignment", "record")],
                func=locks.PROOF,
            )
        ]

    def __str__(self) -> str:
        return self.title


class ContributionRequest(models.Model):
    """What the lead body of a task asks of one that coordinates, by a day; and what came of it."""

    # The lead's assignment, and the coordinator's of the same task.
    lead = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="requests_made")
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="requests")
    text = models.TextField()
    due_on = models.DateField()
    state = models.CharField(
        max_length=16, choices=RequestState.choices, default=RequestState.ASKED
    )
    asked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    # The contribution itself, when it was answered.
    update = models.OneToOneField(
        ProgressUpdate, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Why it was declined or taken back.
    reason = models.CharField(max_length=500, blank=True)
    closed_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lead", "assignment"],
                condition=Q(state=RequestState.ASKED),
                name="plans_one_open_request_per_pair",
                violation_error_message="Đã có đề nghị đang chờ cơ quan này.",
            ),
            models.CheckConstraint(
                name="plans_closed_request_has_a_person_and_a_time",
                condition=Q(
                    state=RequestState.ASKED, closed_by__isnull=True, closed_at__isnull=True
                )
                | (
                    ~Q(state=RequestState.ASKED)
                    & Q(closed_by__isnull=False, closed_at__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="plans_answered_request_has_its_contribution",
                condition=Q(state=RequestState.ANSWERED, update__isnull=False)
                | (~Q(state=RequestState.ANSWERED) & Q(update__isnull=True)),
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="plans_request_by_day")]

    def __str__(self) -> str:
        return self.text[:60]

    def is_overdue(self, on: date) -> bool:
        return self.state == RequestState.ASKED and self.due_on < on


class DeadlineExtension(Extension):
    """What a body asks for an assignment it cannot finish by its day."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="extensions")
    # What shows that more time is needed, where the body has something to show.
    upload = models.ForeignKey(
        "files.Upload", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta(Extension.Meta):
        abstract = False
        constraints = [
            *Extension.Meta.constraints,
            models.UniqueConstraint(
                fields=["assignment"],
                condition=Q(state=ExtensionState.WAITING),
                name="plans_one_open_extension",
                violation_error_message="Phân công này đang có đề nghị gia hạn chờ quyết định.",
            ),
        ]
        indexes = [models.Index(fields=["state", "asked_at"], name="plans_extension_by_state")]


class YearLock(models.Model):
    """A year of a plan whose consolidated report is closed: what was done by then stays as it was
    told (`engine/locks.py`); what is still owed goes on."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="year_locks")
    year = models.PositiveSmallIntegerField()
    # What closed it, as pages say it.
    reason = models.CharField(max_length=300)
    locked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    locked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "year"], name="plans_one_lock_per_year")
        ]
        triggers = [
            pgtrigger.Protect(name="lock_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.year}"


class LockException(models.Model):
    """One lock opened for one body until a time, asked for by one person and approved by another.

    `number` is the year, or the id of the reporting period: that table is upstairs, and keys point
    down; `title` is what pages call it. Triggers compare `expires_at` with the time of the database.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="lock_exceptions")
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=8, choices=LockKind.choices)
    number = models.PositiveBigIntegerField()
    title = models.CharField(max_length=200)
    reason = models.TextField()
    expires_at = models.DateTimeField()
    requested_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    # Refused, taken back, or revoked before its time.
    closed_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plans_exception_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message="Ghi lý do mở khóa.",
            ),
            models.CheckConstraint(
                name="plans_exception_ends_after_it_is_asked",
                condition=Q(expires_at__gt=models.F("requested_at")),
                violation_error_message="Thời điểm khóa lại phải sau lúc xin.",
            ),
            models.CheckConstraint(
                name="plans_exception_needs_two_people",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("requested_by")),
                violation_error_message="Người xin mở khóa không tự duyệt: người khác phải duyệt.",
            ),
            models.CheckConstraint(
                name="plans_approved_exception_has_a_person_and_a_time",
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="plans_closed_exception_says_who_when_and_why",
                condition=Q(closed_by__isnull=True, closed_at__isnull=True, closed_reason="")
                | (Q(closed_by__isnull=False, closed_at__isnull=False) & ~Q(closed_reason="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["plan", "kind", "number", "organisation"], name="plans_exception_of_lock"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} #{self.organisation_id}"

    def state_at(self, moment: datetime) -> ExceptionState:
        """By its people and the clock."""
        if self.closed_at is not None:
            return ExceptionState.CLOSED
        if moment >= self.expires_at:
            return ExceptionState.EXPIRED
        return ExceptionState.OPEN if self.approved_at else ExceptionState.WAITING


class Urging(models.Model):
    """One act of urging: the department wrote to bodies about what they lead and have not done."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="urgings")
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["plan", "-made_at"], name="plans_urging_latest")]

    def __str__(self) -> str:
        return f"{self.plan} {self.made_at:%d/%m/%Y}"


class UrgingLetter(models.Model):
    """One letter of an urging, to one body or to several.

    `rows` is what it says, for as long as it exists, whatever is done afterwards: [{"body", "code",
    "task", "due_on", "late"}], `late` in working days on the day it was written.
    """

    urging = models.ForeignKey(Urging, on_delete=models.PROTECT, related_name="letters")
    document = models.OneToOneField(
        "documents.OfficialDocument", on_delete=models.PROTECT, related_name="+"
    )
    assignments = models.ManyToManyField(Assignment, related_name="urging_letters")
    rows = models.JSONField()

    def __str__(self) -> str:
        return f"#{self.urging_id} {self.document_id}"


class Difficulty(models.Model):
    """A problem one body puts in writing, which the department answers or puts to the province."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="difficulties")
    task = models.ForeignKey(
        Task, on_delete=models.PROTECT, null=True, blank=True, related_name="difficulties"
    )
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    title = models.CharField(max_length=200)
    text = models.TextField()
    proposal = models.TextField(blank=True)
    state = models.CharField(
        max_length=16, choices=DifficultyState.choices, default=DifficultyState.RAISED
    )
    raised_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    answer_due_on = models.DateField(null=True, blank=True)
    answer_due_why = models.JSONField(default=list)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    escalation = models.TextField(blank=True)
    escalated_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    escalated_at = models.DateTimeField(null=True, blank=True)
    direction = models.TextField(blank=True)
    settled_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    withdrawn_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "difficulties"
        indexes = [
            models.Index(fields=["plan", "state"], name="plans_difficulty_by_state"),
            models.Index(fields=["organisation", "-raised_at"], name="plans_difficulty_by_body"),
        ]
        constraints = [
            models.CheckConstraint(
                name="plans_answer_has_a_person_and_a_time",
                condition=Q(answered_by__isnull=True, answered_at__isnull=True)
                | Q(answered_by__isnull=False, answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="plans_escalation_has_a_person_and_a_time",
                condition=Q(escalated_by__isnull=True, escalated_at__isnull=True)
                | Q(escalated_by__isnull=False, escalated_at__isnull=False),
            ),
            models.CheckConstraint(
                name="plans_direction_has_a_person_and_a_time",
                condition=Q(settled_by__isnull=True, settled_at__isnull=True)
                | Q(settled_by__isnull=False, settled_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PlanImport(models.Model):
    """One reading of one decision on its way to becoming a plan, or a new version of one.

    `reading` is what the parser made of the file and never changes; `draft` is what people made
    of the reading, saved at every step. Nothing else is created before approval.
    """

    upload = models.ForeignKey("files.Upload", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, choices=ImportState.choices, default=ImportState.OPEN)
    # {"plan": ReadPlan.as_json(), "source": [[page, line, text], …], "doubts": {code: […]}}
    reading = models.JSONField()
    draft = models.JSONField()
    managed_by = models.ForeignKey("orgs.Organisation", on_delete=models.PROTECT, related_name="+")
    plan = models.OneToOneField(
        Plan, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Of an amendment: the plan, the number of the version the draft began from, and the version
    # it became.
    amends = models.ForeignKey(
        Plan, on_delete=models.PROTECT, null=True, blank=True, related_name="amendments"
    )
    base_version = models.PositiveSmallIntegerField(null=True, blank=True)
    made_version = models.OneToOneField(
        PlanVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="plan_import"
    )
    created_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    updated_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["managed_by", "-updated_at"], name="plans_import_latest")]
        triggers = [
            pgtrigger.Protect(
                name="reading_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.reading IS DISTINCT FROM NEW.reading"),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="plans_approved_import_has_its_plan",
                condition=Q(
                    state=ImportState.APPROVED,
                    plan__isnull=False,
                    amends__isnull=True,
                    made_version__isnull=True,
                )
                | Q(
                    state=ImportState.APPROVED,
                    plan__isnull=True,
                    amends__isnull=False,
                    made_version__isnull=False,
                )
                | (
                    ~Q(state=ImportState.APPROVED) & Q(plan__isnull=True, made_version__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="plans_amendment_knows_where_it_began",
                condition=Q(amends__isnull=True, base_version__isnull=True)
                | Q(amends__isnull=False, base_version__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.draft.get("document", {}).get("title") or str(self.upload_id)
