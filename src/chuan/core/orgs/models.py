from __future__ import annotations

from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chuan.core.orgs.enums import ChangeKind, EventState, OrgKind, ReformState, Share

PERSON = settings.AUTH_USER_MODEL


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

    def going_on(self, day: date) -> Self:
        """Versions that are in force on a day, or begin later: of bodies that have not ended by it."""
        return self.filter(models.Q(valid__upper_inf=True) | models.Q(valid__endswith__gt=day))

    def in_order(self) -> Self:
        """By kind as the public service lists them, then by name in Vietnamese order."""
        ranks = [models.When(kind=kind, then=models.Value(at)) for at, kind in enumerate(OrgKind)]
        return self.annotate(
            rank=models.Case(*ranks, output_field=models.SmallIntegerField())
        ).order_by("rank", "sort_key", "pk")


def _initials(field: str) -> models.Func:
    """“Sở Khoa học và Công nghệ” → “skhcn”: as people abbreviate, in functions PostgreSQL keeps."""
    words = models.Func(
        models.Func(models.F(field), function="chuan_fold"),
        models.Value(r"\mva\M"),
        models.Value(""),
        models.Value("g"),
        function="regexp_replace",
    )
    return models.Func(
        words,
        models.Value("[^a-z0-9]*([a-z0-9])[a-z0-9]*[^a-z0-9]*"),
        models.Value(r"\1"),
        models.Value("g"),
        function="regexp_replace",
    )


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

    # The first letters of its words, “và” left out: “skhcn ubndtpqn”, for who types abbreviations.
    initials = models.GeneratedField(
        expression=models.Func(
            _initials("name"),
            models.Value(" "),
            _initials("short_name"),
            template="(%(expressions)s)",
            arg_joiner=" || ",
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


def _together(person: str, at: str) -> Q:
    """Who and when: both or neither."""
    return Q(**{f"{person}__isnull": True, f"{at}__isnull": True}) | Q(
        **{f"{person}__isnull": False, f"{at}__isnull": False}
    )


class ChangeEvent(models.Model):
    """One reorganisation on one day, with the text that ordered it.

    Until it is committed it lives in `proposal` alone (`engine.changes.Proposal` as JSON): the
    register knows nothing of it. Committing writes versions and links and keeps in `effects` what
    exactly was written, so that reversing restores the register as it was. What came with the data
    files has neither people nor a proposal and is not reversed.
    """

    kind = models.CharField(max_length=16, choices=ChangeKind.choices)
    title = models.CharField(max_length=300)
    effective_on = models.DateField()
    legal_basis = models.ForeignKey(
        "legal.LegalSource", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # How the document is called where the register of legal sources does not hold it.
    basis_text = models.CharField(max_length=200, blank=True)
    clause = models.CharField(max_length=200, blank=True)
    state = models.CharField(
        max_length=16, choices=EventState.choices, default=EventState.COMMITTED
    )
    proposal = models.JSONField(default=dict, blank=True)
    effects = models.JSONField(default=dict, blank=True)
    # Bodies whose versions it changed, and bodies it rests on besides: later events are found here.
    touched = ArrayField(models.BigIntegerField(), default=list, blank=True)
    leans_on = ArrayField(models.BigIntegerField(), default=list, blank=True)
    reform = models.ForeignKey(
        "orgs.Reform", on_delete=models.PROTECT, null=True, blank=True, related_name="events"
    )
    # Which province of that list it takes over.
    reform_code = models.CharField(max_length=32, blank=True)
    # Whoever changed the draft last.
    prepared_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    prepared_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    reversed_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reversed_at = models.DateTimeField(null=True, blank=True)
    reversal_reason = models.CharField(max_length=500, blank=True)
    # What the second person wrote when handing the draft back.
    remark = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["state", "-effective_on"], name="orgs_event_by_state"),
        ]
        constraints = [
            models.CheckConstraint(
                name="orgs_event_has_who_and_when_together",
                condition=_together("prepared_by", "prepared_at")
                & _together("confirmed_by", "confirmed_at")
                & _together("reversed_by", "reversed_at"),
            ),
            models.CheckConstraint(
                name="orgs_event_is_confirmed_by_another",
                condition=Q(confirmed_by__isnull=True)
                | Q(prepared_by__isnull=True)
                | ~Q(confirmed_by=models.F("prepared_by")),
                violation_error_message=_("Người xác nhận phải khác người soạn sự kiện."),
            ),
            models.CheckConstraint(
                name="orgs_event_reversal_has_a_reason",
                condition=(Q(state=EventState.REVERSED) & ~Q(reversal_reason=""))
                | (~Q(state=EventState.REVERSED) & Q(reversed_by__isnull=True)),
                violation_error_message=_("Hoàn tác cần có lý do."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.effective_on:%d/%m/%Y})"

    @property
    def basis(self) -> str:
        """The text it rests on, as a page names it: “điều 1, 1664/NQ-UBTVQH15”."""
        symbol = str(self.legal_basis) if self.legal_basis else self.basis_text
        return ", ".join(part for part in (self.clause, symbol) if part)


class Reform(models.Model):
    """One uploaded list of which units were made from which, and what people decided about it.

    The text is kept as it came and read again each time by `parsing.reform`; `answers` is
    {key of a doubt: what a person chose}. Each province taken over becomes a `ChangeEvent`.
    """

    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    effective_on = models.DateField()
    legal_basis = models.ForeignKey(
        "legal.LegalSource", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    basis_text = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    answers = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=16, choices=ReformState.choices, default=ReformState.OPEN)
    uploaded_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sha256", "effective_on"],
                condition=Q(state=ReformState.OPEN),
                name="orgs_one_open_reform_per_file",
                violation_error_message=_("Tệp này đang được nhập. Mở bản nhập đã có."),
            )
        ]

    def __str__(self) -> str:
        return self.name


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
    # Where the text says so, when that is not the clause of the whole event.
    clause = models.CharField(max_length=200, blank=True)
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


class ApportionmentKey(models.Model):
    """How figures of a body that went over in parts are divided among those who took them.

    Stated by one person on the basis of a text and confirmed by another; whoever states anew leaves
    the earlier one to be seen, ended. What the shares leave is allocated to nobody.
    """

    event = models.ForeignKey(ChangeEvent, on_delete=models.PROTECT, related_name="keys")
    predecessor = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    basis = models.CharField(max_length=500)
    stated_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "predecessor"],
                condition=Q(ended_at__isnull=True, confirmed_at__isnull=False),
                name="orgs_one_key_holds",
            ),
            models.UniqueConstraint(
                fields=["event", "predecessor"],
                condition=Q(ended_at__isnull=True, confirmed_at__isnull=True),
                name="orgs_one_key_waits",
                violation_error_message=_("Đã có khóa phân bổ chờ xác nhận. Tải lại trang."),
            ),
            models.CheckConstraint(
                name="orgs_key_has_who_and_when_together",
                condition=_together("confirmed_by", "confirmed_at")
                & _together("ended_by", "ended_at"),
            ),
            models.CheckConstraint(
                name="orgs_key_is_confirmed_by_another",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=models.F("stated_by")),
                violation_error_message=_("Người xác nhận phải khác người lập khóa phân bổ."),
            ),
            models.CheckConstraint(
                name="orgs_key_has_a_basis",
                condition=~Q(basis=""),
                violation_error_message=_("Nhập văn bản làm căn cứ."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} ({self.basis})"


class ApportionedShare(models.Model):
    """What one of those who took over a part counts for, in percent."""

    key = models.ForeignKey(ApportionmentKey, on_delete=models.CASCADE, related_name="shares")
    successor = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    percent = models.DecimalField(max_digits=6, decimal_places=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "successor"], name="orgs_one_share_each"),
            models.CheckConstraint(
                name="orgs_share_is_a_part",
                condition=Q(percent__gt=0, percent__lte=100),
                violation_error_message=_("Tỷ lệ phải trên 0 và không quá 100%."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.successor}: {self.percent}"


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
