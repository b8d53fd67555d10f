"""Recalls: what is looked for, what each search found, and what became of it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chuan.modules.traceability.engine.walk import Mode
from chuan.modules.traceability.enums import Fate, Outcome, RecallState

PERSON = settings.AUTH_USER_MODEL


def _together(*names: str) -> Q:
    """All of these, or none."""
    return Q(**{f"{name}__isnull": True for name in names}) | Q(
        **{f"{name}__isnull": False for name in names}
    )


class Recall(models.Model):
    """Goods an authority looks for wherever they went, and why.

    It begins with identifiers, with a place, or with both, between two instants where these are
    given.
    """

    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    title = models.CharField(max_length=200)
    reason = models.TextField()
    # What people should do, as the letter to holders says it.
    advice = models.TextField(blank=True)
    # What people read who scan a label, and whom they call: inspectors' reasons stay inside.
    public_text = models.TextField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    # Canonical links, or patterns of them as `MATCH_` parameters have them.
    identifiers = ArrayField(models.CharField(max_length=500), default=list, blank=True)
    place = models.CharField(max_length=500, blank=True)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    mode = models.CharField(
        max_length=8, choices=[(mode.value, mode.value) for mode in Mode], default=Mode.STRICT.value
    )
    state = models.CharField(max_length=10, choices=RecallState.choices, default=RecallState.DRAFT)
    opened_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    issued_at = models.DateTimeField(null=True, blank=True)
    # The decision it rests on: "Quyết định số 12/QĐ-SKHCN".
    basis = models.CharField(max_length=200, blank=True)
    ended_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    conclusion = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "-id"], name="traceability_recalls_of_body"),
            models.Index(fields=["state"], name="traceability_recall_state"),
        ]
        constraints = [
            models.CheckConstraint(
                name="traceability_recall_begins_somewhere",
                condition=~Q(identifiers=[]) | ~Q(place=""),
                violation_error_message=_("Hãy nêu mã hàng hoặc địa điểm để bắt đầu truy tìm."),
            ),
            models.CheckConstraint(
                name="traceability_recall_since_before_until",
                condition=Q(since=None) | Q(until=None) | Q(since__lt=F("until")),
                violation_error_message=_("Thời điểm đầu phải trước thời điểm cuối."),
            ),
            models.CheckConstraint(
                name="traceability_recall_issued_by_somebody",
                condition=_together("issued_by", "issued_at"),
                violation_error_message=_("Ban hành thu hồi cần cả người và thời điểm."),
            ),
            models.CheckConstraint(
                name="traceability_recall_ended_by_somebody",
                condition=_together("ended_by", "ended_at"),
                violation_error_message=_("Kết thúc thu hồi cần cả người và thời điểm."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class RecallRun(models.Model):
    """One search through the chain for what a recall concerns, and what had changed since the last."""

    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="runs")
    number = models.PositiveIntegerField()
    # Empty when the night looked.
    run_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    run_at = models.DateTimeField()
    item_count = models.PositiveIntegerField()
    new_count = models.PositiveIntegerField()
    # Found before and not any more: an event was declared wrong.
    gone_count = models.PositiveIntegerField()
    # Somewhere else, or something else became of it.
    changed_count = models.PositiveIntegerField()
    truncated = models.BooleanField()
    # How many by fate: {"held": 12, …}.
    by_fate = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recall", "number"],
                name="traceability_one_run_of_a_number",
                violation_error_message=_("Lần truy tìm này đã có."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.recall}: {self.number}"


class RecallStep(models.Model):
    """What an officer found out about some of the goods, told once for all of them."""

    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="steps")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    happened_on = models.DateField()
    note = models.TextField(blank=True)
    item_ids = ArrayField(models.BigIntegerField())
    # Where the goods were, in words.
    where = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["recall", "-id"], name="traceability_steps_of_recall")]

    def __str__(self) -> str:
        return f"{self.recall}: {self.get_outcome_display()}"


class RecallAnswer(models.Model):
    """What a holder said it found and did, when it was told of a recall."""

    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="answers")
    holder = models.CharField(max_length=500, db_collation="C")
    holder_name = models.CharField(max_length=300)
    text = models.TextField()
    answered_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["recall", "holder"], name="traceability_recall_answers")]

    def __str__(self) -> str:
        return f"{self.recall}: {self.holder_name}"


class RecallItem(models.Model):
    """One identifier a recall concerns: where it was at the last search, and what became of it."""

    # Every question names the recall; with an index for each of these, ten thousand items took twice
    # as long to note, and a search that found the same wrote all indexes anew.
    recall = models.ForeignKey(
        Recall, on_delete=models.PROTECT, related_name="items", db_index=False
    )
    ident = models.BigIntegerField()
    uri = models.CharField(max_length=500, db_collation="C")
    # Canonical link of its kind of goods; empty for what is no trade item.
    product = models.CharField(max_length=500, blank=True, db_collation="C")
    product_name = models.CharField(max_length=300, blank=True)
    is_lot = models.BooleanField()
    is_source = models.BooleanField()
    place = models.CharField(max_length=500, blank=True, db_collation="C")
    place_name = models.CharField(max_length=300, blank=True)
    holder = models.CharField(max_length=500, blank=True, db_collation="C")
    holder_name = models.CharField(max_length=300, blank=True)
    # The outermost thing it is packed in now.
    inside = models.CharField(max_length=500, blank=True, db_collation="C")
    fate = models.CharField(max_length=12, choices=Fate.choices)
    seen_at = models.DateTimeField()
    quantity = models.FloatField(null=True, blank=True)
    uom = models.CharField(max_length=3, blank=True)
    found_in = models.ForeignKey(RecallRun, on_delete=models.PROTECT, related_name="+")
    last_in = models.ForeignKey(
        RecallRun, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    step = models.ForeignKey(
        RecallStep,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    search_key = models.GeneratedField(
        expression=models.Func(
            models.Func(
                *("uri", models.Value(" "), "product_name", models.Value(" "), "place_name"),
                *(models.Value(" "), "holder_name"),
                template="(%(expressions)s)",
                arg_joiner=" || ",
            ),
            function="chuan_fold",
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["recall", "holder", "place", "fate"], name="traceability_items_by_place"
            ),
            models.Index(fields=["uri"], name="traceability_items_by_link"),
            models.Index(fields=["product"], name="traceability_items_of_product"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["recall", "ident"],
                name="traceability_item_once_in_a_recall",
                violation_error_message=_("Mã này đã có trong lần thu hồi."),
            ),
            models.CheckConstraint(
                name="traceability_item_outcome_was_told",
                condition=Q(outcome=Outcome.OPEN, step=None)
                | Q(~Q(outcome=Outcome.OPEN), step__isnull=False),
                violation_error_message=_("Kết quả xử lý cần có người ghi."),
            ),
        ]

    def __str__(self) -> str:
        return self.uri


class RecallNotice(models.Model):
    """A holder was told that goods are recalled, and of how many of them."""

    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="notices")
    holder = models.CharField(max_length=500, blank=True, db_collation="C")
    holder_name = models.CharField(max_length=300, blank=True)
    item_count = models.PositiveIntegerField()
    # How many accounts got it here; none means it must be handed over on paper.
    told_count = models.PositiveIntegerField()
    sent_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["recall", "holder"], name="traceability_notices_to_holder")]

    def __str__(self) -> str:
        return f"{self.recall}: {self.holder_name}"
