from __future__ import annotations

from datetime import date
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models

from chuan.core.orgs.enums import ChangeKind, OrgKind, Share


class Organisation(models.Model):
    """A body as one and the same through time; what it is called and does are its versions.

    `key` is a name for data files and tests, never shown and never an administrative code:
    codes are re-used by other bodies.
    """

    key = models.CharField(max_length=100, unique=True)
    # A province this installation works for; its bodies are the ones plans can name.
    is_home = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.key


class VersionQuerySet(models.QuerySet["OrganisationVersion"]):
    def on(self, day: date) -> Self:
        """Versions in force on a day."""
        return self.filter(valid__contains=day)

    def in_order(self) -> Self:
        """By kind as the public service lists them, then by name in Vietnamese order."""
        ranks = [models.When(kind=kind, then=models.Value(at)) for at, kind in enumerate(OrgKind)]
        return self.annotate(
            rank=models.Case(*ranks, output_field=models.SmallIntegerField())
        ).order_by("rank", "sort_key", "pk")


class OrganisationVersion(models.Model):
    """What one organisation was called and where it stood, for a stretch of days.

    `sort_key` is computed from the name by the operation that writes it.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="versions"
    )
    valid = DateRangeField()
    name = models.CharField(max_length=300)
    short_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=OrgKind.choices)
    # The word the name begins with where a kind has several: "xã", "phường", "thị xã".
    subtype = models.CharField(max_length=32, blank=True)
    parent = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    code = models.CharField(max_length=32, blank=True)
    eoffice_code = models.CharField(max_length=64, blank=True)
    tax_code = models.CharField(max_length=14, blank=True)
    # How its documents are signed and numbered: "SKHCN", "Giám đốc", "Quy Nhơn".
    notation = models.CharField(max_length=32, blank=True)
    head_position = models.CharField(max_length=100, blank=True)
    seat = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True)
    legal_basis = models.ForeignKey(
        "legal.LegalSource", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sort_key = models.CharField(max_length=600, db_collation="C", editable=False)
    search_key = models.GeneratedField(
        expression=models.Func(
            models.Func(
                models.F("name"),
                models.Value(" "),
                models.F("short_name"),
                template="(%(expressions)s)",
                arg_joiner=" || ",
            ),
            function="chuan_fold",
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        indexes = [
            GistIndex(fields=["valid"], name="orgs_version_valid"),
            models.Index(fields=["parent", "kind"], name="orgs_version_by_parent"),
        ]
        constraints = [
            ExclusionConstraint(
                name="orgs_one_version_a_day",
                expressions=[
                    # A one-number range: GiST has no operators for plain integers without an extension.
                    (
                        models.Func(
                            models.F("organisation"),
                            models.F("organisation"),
                            models.Value("[]"),
                            function="int8range",
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message="Cơ quan này đã có một phiên bản trong khoảng ngày đó.",
            )
        ]

    def __str__(self) -> str:
        return self.short_name

    @property
    def valid_from(self) -> date | None:
        """The first day; None when it began before anything was recorded."""
        lower: date | None = self.valid.lower
        return lower

    @property
    def valid_to(self) -> date | None:
        """The first day on which it no longer holds; None while it holds."""
        upper: date | None = self.valid.upper
        return upper


class ChangeEvent(models.Model):
    """One reorganisation on one day, with the text that ordered it."""

    kind = models.CharField(max_length=16, choices=ChangeKind.choices)
    title = models.CharField(max_length=300)
    effective_on = models.DateField()
    legal_basis = models.ForeignKey(
        "legal.LegalSource", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    clause = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.title} ({self.effective_on:%d/%m/%Y})"


class SuccessionLink(models.Model):
    """One body that takes over all or part of another in a change event."""

    event = models.ForeignKey(ChangeEvent, on_delete=models.PROTECT, related_name="links")
    predecessor = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="successions"
    )
    successor = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="inheritances"
    )
    share = models.CharField(max_length=16, choices=Share.choices)
    note = models.CharField(max_length=300, blank=True)
    # False while nobody has compared the link with the text that orders it.
    is_confirmed = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "predecessor", "successor"], name="orgs_one_link_per_pair"
            ),
            models.CheckConstraint(
                name="orgs_nobody_succeeds_itself",
                condition=~models.Q(predecessor=models.F("successor")),
                violation_error_message="Một cơ quan không thể kế thừa chính nó.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"


class Group(models.Model):
    """A collective that decisions address, such as “Các sở, ban, ngành”.

    Who belongs to it is never stored flat: it follows from the rules below on a given day.
    """

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    # Other ways decisions write it, matched without tones, case and punctuation.
    phrases = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    # Words that name nobody in particular, “các cơ quan liên quan”: it never has members.
    is_open = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class GroupRule(models.Model):
    """For some days: bodies of these kinds under this parent belong to the group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="rules")
    kinds = ArrayField(models.CharField(max_length=16, choices=OrgKind.choices), default=list)
    under = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    valid = DateRangeField()

    def __str__(self) -> str:
        return f"{self.group}: {', '.join(self.kinds)}"


class GroupException(models.Model):
    """For some days: one body counts in, or does not, whatever the rules say."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="exceptions")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    is_member = models.BooleanField()
    valid = DateRangeField()
    reason = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.group} {'+' if self.is_member else '−'} {self.organisation}"
