from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext_lazy as _

from chuan.core.documents.enums import (
    Agreement,
    DocumentState,
    DocumentType,
    FilePurpose,
    RelationKind,
)

PERSON = settings.AUTH_USER_MODEL


class OfficialDocument(models.Model):
    """One administrative document, received or issued, as its register knows it.

    A document of ours begins as a draft without a number and gets one when it is issued; a number
    once given stays with it for good, also when the document is cancelled.
    """

    kind = models.CharField(max_length=4, choices=DocumentType.choices)
    # Ours are drafted and numbered here; the others came in with a symbol of their own.
    is_ours = models.BooleanField(default=False)
    # Whose register this row stands in; its people see it.
    held_by = models.ForeignKey("orgs.Organisation", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(null=True, blank=True)
    # What stands after the number: "BC-SKHCN".
    notation = models.CharField(max_length=64, blank=True)
    # The whole symbol as printed, where it is not number/notation: "38-CT/TW", "15a/QĐ-UBND".
    printed_symbol = models.CharField(max_length=100, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    issuer = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # The name as printed, also where the body is not in our register (a ministry, a party body).
    issuer_name = models.CharField(max_length=300)
    signer = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=1000)
    # "Nơi nhận" as printed, line by line.
    recipients = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    received_on = models.DateField(null=True, blank=True)
    registered_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    registered_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    issued_at = models.DateTimeField(null=True, blank=True)
    # Why a draft may get no number yet, in words for the person who asks; empty once it may.
    held_back = models.CharField(max_length=300, blank=True)
    cancelled_reason = models.CharField(max_length=300, blank=True)
    cancelled_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    search_key = models.GeneratedField(
        expression=models.Func(
            models.Func(
                F("subject"),
                models.Value(" "),
                F("issuer_name"),
                models.Value(" "),
                models.functions.Coalesce(
                    models.functions.Cast("number", models.TextField()), models.Value("")
                ),
                models.Value("/"),
                F("notation"),
                models.Value(" "),
                F("printed_symbol"),
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
            models.Index(fields=["held_by", "-issued_on"], name="documents_register"),
            models.Index(fields=["number", "notation"], name="documents_by_symbol"),
        ]
        constraints = [
            models.UniqueConstraint(
                "issuer",
                "kind",
                ExtractYear("issued_on"),
                "number",
                name="documents_number_once_a_year",
                condition=Q(number__isnull=False, is_ours=True),
                violation_error_message=_("Số này đã cấp cho một văn bản khác trong năm."),
            ),
            models.CheckConstraint(
                name="documents_issued_whole",
                condition=Q(is_ours=False)
                | Q(number__isnull=True, issued_at__isnull=True, issued_by__isnull=True)
                | Q(
                    number__isnull=False,
                    issued_on__isnull=False,
                    issuer__isnull=False,
                    issued_at__isnull=False,
                    issued_by__isnull=False,
                ),
                violation_error_message=_(
                    "Văn bản đã cấp số phải có cơ quan, ngày ban hành và người cấp số."
                ),
            ),
            models.CheckConstraint(
                name="documents_cancelled_whole",
                condition=Q(
                    cancelled_at__isnull=True, cancelled_by__isnull=True, cancelled_reason=""
                )
                | (
                    Q(cancelled_at__isnull=False, cancelled_by__isnull=False)
                    & ~Q(cancelled_reason="")
                ),
                violation_error_message=_("Hủy văn bản cần người hủy và lý do."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="number_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.is_ours AND OLD.number IS NOT NULL AND "
                    "(OLD.is_ours, OLD.number, OLD.notation, OLD.issued_on, OLD.issuer_id, OLD.kind)"
                    " IS DISTINCT FROM "
                    "(NEW.is_ours, NEW.number, NEW.notation, NEW.issued_on, NEW.issuer_id, NEW.kind)"
                ),
            ),
            pgtrigger.Protect(
                name="numbered_is_never_deleted",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__is_ours=True, old__number__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.symbol} – {self.subject}" if self.has_symbol else self.subject

    @property
    def has_symbol(self) -> bool:
        return bool(self.printed_symbol or self.number)

    @property
    def symbol(self) -> str:
        """Number and notation as printed: numbers under 10 get a zero (Decree 30, Annex I)."""
        if self.printed_symbol:
            return self.printed_symbol
        return f"{self.number:02d}/{self.notation}" if self.number else f"…/{self.notation}"

    @property
    def state(self) -> DocumentState:
        if self.cancelled_at:
            return DocumentState.CANCELLED
        if not self.is_ours:
            return DocumentState.RECEIVED
        return DocumentState.ISSUED if self.number else DocumentState.DRAFT

    @property
    def look(self) -> str:
        """The key of its state on the status shelf: a settled text that only lacks its number is
        called a draft no more."""
        if self.state == DocumentState.DRAFT and not self.held_back:
            return "document_unnumbered"
        return f"document_{self.state.value}"


class Addressee(models.Model):
    """One body of our own register that a document is addressed to; its people see it once issued."""

    document = models.ForeignKey(
        OfficialDocument, on_delete=models.PROTECT, related_name="addressees"
    )
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "organisation"], name="documents_addressed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.document_id} → {self.organisation}"


class DocumentFile(models.Model):
    """One file of a document: what we drafted, what came in, what came back signed.

    Files are added, never replaced: the newest of a purpose is the one in use.
    """

    document = models.ForeignKey(OfficialDocument, on_delete=models.PROTECT, related_name="files")
    upload = models.ForeignKey("files.Upload", on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=16, choices=FilePurpose.choices)
    # A signed PDF beside the newest draft of its day; blank where there was nothing to compare.
    agreement = models.CharField(max_length=16, choices=Agreement.choices, blank=True)
    missing_words = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    added_words = ArrayField(models.CharField(max_length=200), default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upload"], name="documents_upload_belongs_to_one")
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.upload_id}"


class DocumentRelation(models.Model):
    """One document that rests on, carries out, replaces or amends another.

    The other document is a row when we hold it, and always the symbol as written.
    """

    document = models.ForeignKey(
        OfficialDocument, on_delete=models.PROTECT, related_name="relations"
    )
    kind = models.CharField(max_length=16, choices=RelationKind.choices)
    target = models.ForeignKey(
        OfficialDocument, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    target_symbol = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "kind", "target_symbol"], name="documents_one_relation_of_kind"
            ),
            models.CheckConstraint(
                name="documents_not_related_to_itself",
                condition=Q(target__isnull=True) | ~Q(target=F("document")),
                violation_error_message=_("Một văn bản không thể liên quan đến chính nó."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.target_symbol}"


class NumberSeries(models.Model):
    """The last number given for one issuer, kind and year: a new series begins each 1 January."""

    issuer = models.ForeignKey("orgs.Organisation", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=4, choices=DocumentType.choices)
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "kind", "year"], name="documents_one_series_per_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last_number}"
