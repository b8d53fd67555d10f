from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chuan.core.notices.enums import MailState


class Notice(models.Model):
    """One message in one person's inbox."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Names the event, so that a job run twice says it once: "annual_report.returned:41:2".
    dedupe_key = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=500, blank=True)
    is_urgent = models.BooleanField(default=False)
    # Its letter waits for the person's daily one, which takes it along unless it was read before.
    awaits_digest = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "dedupe_key"], name="notices_said_once")
        ]
        indexes = [
            models.Index(fields=["person", "-created_at"], name="notices_inbox"),
            models.Index(
                fields=["person"], name="notices_unread", condition=models.Q(read_at__isnull=True)
            ),
            models.Index(
                fields=["person"],
                name="notices_for_digest",
                condition=models.Q(awaits_digest=True, read_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class MailChoice(models.Model):
    """How one person wants to be told by e-mail. Without a row: daily, and at once what is urgent.

    The inbox has every notice whatever is chosen here.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", primary_key=True
    )
    by_mail = models.BooleanField(default=True)
    # A return or an escalation does not wait for the next morning's letter.
    urgent_at_once = models.BooleanField(default=True)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person_id}: {self.by_mail}, {self.urgent_at_once}"


class OutgoingMail(models.Model):
    """One letter by e-mail: waiting, sent, in doubt or given up, never lost.

    A letter is marked as being sent before it goes out and as sent after: where the machine stopped
    in between, nobody knows whether it went, and it is not sent again by itself.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    dedupe_key = models.CharField(max_length=240, unique=True)
    address = models.EmailField()
    subject = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    # Carries a key, such as a link to choose a password: the text goes when the letter has gone.
    is_secret = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=MailState.choices, default=MailState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    # Not before this instant; pushed back after each failure.
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="notices_mail_waiting",
                condition=models.Q(state__in=["waiting", "sending"]),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="notices_sent_when",
                condition=models.Q(state="sent", sent_at__isnull=False)
                | (~models.Q(state="sent") & models.Q(sent_at__isnull=True)),
                violation_error_message=_("Thư đã gửi phải có thời điểm gửi."),
            )
        ]

    def __str__(self) -> str:
        return self.subject
