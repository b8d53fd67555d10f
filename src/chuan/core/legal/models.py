from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models


class LegalSource(models.Model):
    """One document that rules are taken from: a law, decree, circular, decision or directive."""

    code = models.CharField(max_length=64, unique=True)
    notation = models.CharField(max_length=64)
    title = models.CharField(max_length=500)
    issuer = models.CharField(max_length=200)
    issued_on = models.DateField(null=True, blank=True)
    effective_from = models.DateField(null=True, blank=True)
    effective_to = models.DateField(null=True, blank=True)
    # False while a person has yet to compare our figures with the official text.
    is_verified = models.BooleanField(default=False)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="legal_source_ends_after_it_begins",
                condition=models.Q(effective_to__isnull=True)
                | models.Q(effective_from__isnull=True)
                | models.Q(effective_to__gt=models.F("effective_from")),
                violation_error_message="Ngày hết hiệu lực phải sau ngày có hiệu lực.",
            )
        ]

    def __str__(self) -> str:
        return self.notation


class SourceRelation(models.Model):
    """One legal source that replaces, amends or guides another."""

    class Kind(models.TextChoices):
        REPLACES = "replaces", "thay thế"
        AMENDS = "amends", "sửa đổi, bổ sung"
        GUIDES = "guides", "hướng dẫn"
        IMPLEMENTS = "implements", "triển khai"

    source = models.ForeignKey(LegalSource, on_delete=models.PROTECT, related_name="relations")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    target = models.ForeignKey(LegalSource, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "kind", "target"], name="legal_one_relation_of_a_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.get_kind_display()} {self.target}"


class StatutoryParameter(models.Model):
    """A number or text that the law sets, for the days on which it sets it.

    `value` is JSON whose shape belongs to the code that reads it; `clause` says where in the
    source it stands. Values of one code never overlap in time.
    """

    code = models.CharField(max_length=100)
    title = models.CharField(max_length=300)
    value = models.JSONField()
    source = models.ForeignKey(LegalSource, on_delete=models.PROTECT, related_name="parameters")
    clause = models.CharField(max_length=100, blank=True)
    valid = DateRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="legal_parameter_has_one_value_a_day",
                expressions=[
                    # The code as a one-number range: GiST has no operators for text in core.
                    (
                        models.Func(
                            models.Func(
                                models.F("code"), models.Value(0), function="hashtextextended"
                            ),
                            models.Func(
                                models.F("code"), models.Value(0), function="hashtextextended"
                            ),
                            models.Value("[]"),
                            function="int8range",
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message="Tham số này đã có giá trị trong khoảng ngày đó.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.code})"
