"""Where a scanned key leads, and what people say about what they scanned."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chuan.modules.traceability.models.registry import Party

PERSON = settings.AUTH_USER_MODEL


class Link(models.Model):
    """One answer of the resolver for one key, and for everything finer that has none of this type.

    `anchor` is a canonical link; `href` may hold `{gtin}`, `{lot}`, `{serial}` and `{key}`, which are
    filled from what was scanned.
    """

    anchor = models.CharField(max_length=200, db_collation="C")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    link_type = models.CharField(max_length=60)
    href = models.CharField(max_length=1000)
    title = models.CharField(max_length=200)
    # A tag of BCP 47, "" for any; a media type, "" when nobody said; a context of the owner's own.
    language = models.CharField(max_length=35, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    context = models.CharField(max_length=50, blank=True)
    is_default = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["anchor", "link_type", "language", "media_type", "context", "href"],
                name="traceability_link_told_once",
                violation_error_message=_("Liên kết này đã có."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.anchor} {self.link_type}"


class LinkFile(models.Model):
    """A file of links: seen by its sender first, then stored, perhaps taken back."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    # One object for each line, as `NewLink` has it.
    links = models.JSONField()
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    loaded_at = models.DateTimeField(null=True, blank=True)
    loaded_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # What it did: the links it added; those it changed, with what they said before; and which
    # versions it made of these.
    added = models.JSONField(default=list, blank=True)
    changed = models.JSONField(default=list, blank=True)
    versions = models.JSONField(default=dict, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(fields=["party", "-loaded_at"], name="traceability_link_files"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["party", "sent_by"],
                condition=Q(loaded_at=None),
                name="traceability_one_waiting_link_file",
                violation_error_message=_("Đã có một tệp liên kết đang chờ của bạn."),
            ),
            models.CheckConstraint(
                condition=Q(loaded_at=None, loaded_by=None, undone_at=None)
                | Q(loaded_at__isnull=False, loaded_by__isnull=False),
                name="traceability_link_file_loaded_by_somebody",
                violation_error_message=_("Tệp đã ghi cần cả người ghi và thời điểm."),
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="traceability_link_file_undone_by_somebody",
                violation_error_message=_("Tệp đã hoàn tác cần cả người làm và thời điểm."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProblemReport(models.Model):
    """What somebody who scanned a label wants looked into. It is no denunciation under the law of
    that name: nobody signs it."""

    class Kind(models.TextChoices):
        FAKE = "fake", _("Nghi hàng giả, tem giả")
        WRONG = "wrong", _("Thông tin không đúng")
        UNSAFE = "unsafe", _("Hàng hỏng, không an toàn")
        OTHER = "other", _("Việc khác")

    class State(models.TextChoices):
        OPEN = "open", _("Chờ xử lý")
        CLOSED = "closed", _("Đã xử lý")

    number = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    uri = models.CharField(max_length=200, db_collation="C")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.TextField()
    where_bought = models.CharField(max_length=300, blank=True)
    # Personal data, given freely, removed when the report is closed.
    contact = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField()
    # One of very many from one address, or about one key, within an hour.
    is_bulk = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    outcome = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(fields=["state", "-sent_at"], name="traceability_open_problems"),
            models.Index(fields=["uri"], name="traceability_problems_of_key"),
            models.Index(fields=["sent_at"], name="traceability_problems_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None, closed_by=None)
                | Q(state="closed", closed_at__isnull=False, closed_by__isnull=False, contact=""),
                name="traceability_problem_closed_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]
