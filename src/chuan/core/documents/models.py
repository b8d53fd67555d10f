from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from chuan.core.documents.enums import DocumentType, RelationKind


class OfficialDocument(models.Model):
    """One administrative document, received or issued, as its register knows it."""

    kind = models.CharField(max_length=4, choices=DocumentType.choices)
    # None until the clerk gives it one; the text as printed, so "05" stays "05".
    number = models.PositiveIntegerField(null=True, blank=True)
    notation = models.CharField(max_length=64, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    issuer = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # The name as printed, also where the body is not in our register (a ministry, a party body).
    issuer_name = models.CharField(max_length=300)
    signer = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=1000)
    recipients = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    registered_at = models.DateTimeField()
    cancelled_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "issuer",
                "kind",
                models.functions.ExtractYear("issued_on"),
                "number",
                name="documents_number_once_a_year",
                condition=models.Q(number__isnull=False, issuer__isnull=False)
                & models.Q(issued_on__isnull=False, is_ours=True),
                violation_error_message="Số này đã cấp cho một văn bản khác trong năm.",
            )
        ]

    is_ours = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.symbol} – {self.subject}" if self.number else self.subject

    @property
    def symbol(self) -> str:
        """Number and notation as printed: numbers under 10 get a zero (Decree 30, Annex I)."""
        return f"{self.number:02d}/{self.notation}" if self.number else f"…/{self.notation}"


class DocumentFile(models.Model):
    """One file of a document: what we drafted, what came in, what came back signed."""

    class Purpose(models.TextChoices):
        ORIGINAL = "original", "Bản gốc"
        DRAFT_DOCX = "draft_docx", "Dự thảo (DOCX)"
        DRAFT_PDF = "draft_pdf", "Dự thảo (PDF)"
        ANNEX_XLSX = "annex_xlsx", "Phụ lục (XLSX)"
        SIGNED = "signed", "Bản đã ký"

    document = models.ForeignKey(OfficialDocument, on_delete=models.PROTECT, related_name="files")
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


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
            )
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
