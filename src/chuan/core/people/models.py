from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuan.core.orgs.models import OrganisationVersion
from chuan.core.people.enums import NEEDS_SECOND_FACTOR, Language, Role, SigningForm, Theme
from chuan.lib.questions import Question
from chuan.lib.vietnamese import person_sort_key


@dataclass(frozen=True, slots=True)
class Grant:
    """One role a person holds in one organisation on one day, of their own or by delegation."""

    role: Role
    organisation_id: int
    delegation_id: int | None = None


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Person:
        person = self.model(username=username, **fields)
        person.sort_key = person_sort_key(person.full_name)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Somebody with an account. Each person has one, whatever offices they hold."""

    username = models.CharField(
        max_length=150,
        unique=True,
        validators=[
            RegexValidator(
                r"^[A-Za-z0-9][A-Za-z0-9._@+-]*$",
                _("Tên đăng nhập chỉ gồm chữ cái không dấu, chữ số và các dấu . _ - @ +"),
            )
        ],
        error_messages={"unique": _("Tên đăng nhập này đã có người dùng.")},
    )
    email = models.EmailField(blank=True)
    full_name = models.CharField(max_length=200)
    # The office as it stands under a signature: "Phó Giám đốc".
    title = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    # Belongs to the demonstration: may sign in without a second factor where CHUAN_DEMO is set.
    is_demo = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)
    # Empty: never chosen, and each browser's own choice stands.
    language = models.CharField(max_length=5, choices=Language.choices, blank=True)
    theme = models.CharField(max_length=8, choices=Theme.choices, blank=True)
    # Counts corrections by administrators, so that the second of two does not undo the first.
    version = models.PositiveIntegerField(default=1)
    # People are listed by given name, in Vietnamese order; see lib/vietnamese.
    sort_key = models.CharField(max_length=1200, db_collation="C", editable=False)
    search_key = models.GeneratedField(
        expression=models.Func(
            models.Func(
                models.F("full_name"),
                models.Value(" "),
                models.F("username"),
                models.Value(" "),
                models.F("email"),
                models.Value(" "),
                models.F("title"),
                template="(%(expressions)s)",
                arg_joiner=" || ",
            ),
            function="chuan_fold",
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    objects = PersonManager()

    class Meta:
        constraints = [
            # Signing in ignores capitals, so two accounts may not differ by them alone.
            models.UniqueConstraint(
                Lower("username"),
                name="people_one_account_per_username",
                violation_error_message=_("Tên đăng nhập này đã có người dùng."),
            ),
            models.UniqueConstraint(
                Lower("email"),
                name="people_one_account_per_email",
                condition=~models.Q(email=""),
                violation_error_message=_("Địa chỉ thư này đã gắn với một tài khoản."),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    def get_full_name(self) -> str:
        return self.full_name

    def grants(self, *, on: date | None = None) -> frozenset[Grant]:
        """The roles this person may use on a day, today by default, delegations included.

        Read once for each day and kept on the instance: a page asks many times.
        """
        day = on or timezone.localdate()
        kept: dict[date, frozenset[Grant]] = self.__dict__.setdefault("_grants", {})
        if day not in kept:
            kept[day] = self._read_grants(day) if self.is_active else frozenset()
        return kept[day]

    def holds(
        self, *roles: Role, organisation_id: int | None = None, on: date | None = None
    ) -> bool:
        """Whether the person has one of the roles, in that organisation when one is named."""
        return any(
            grant.role in roles
            and (organisation_id is None or grant.organisation_id == organisation_id)
            for grant in self.grants(on=on)
        )

    def organisation_ids(self, *roles: Role, on: date | None = None) -> frozenset[int]:
        """Where the person has one of the roles, or any role when none is named."""
        return frozenset(
            grant.organisation_id
            for grant in self.grants(on=on)
            if not roles or grant.role in roles
        )

    def archived_organisation_ids(self, *roles: Role, on: date | None = None) -> frozenset[int]:
        """Bodies that are no more where the person had one of the roles to the very end: they read
        what is left of them, and do nothing there. Who had left before is no part of it."""
        day = on or timezone.localdate()
        kept: dict[date, list[tuple[str, int]]] = self.__dict__.setdefault("_archives", {})
        if day not in kept:
            rows = Membership.objects.filter(
                ~goes_on(day), ~_outlived(), person=self, valid__startswith__lte=day
            )
            kept[day] = list(rows.values_list("role", "organisation_id")) if self.is_active else []
        return frozenset(pk for role, pk in kept[day] if role in roles)

    def forget_grants(self) -> None:
        self.__dict__.pop("_grants", None)
        self.__dict__.pop("_inherited", None)
        self.__dict__.pop("_archives", None)

    @property
    def needs_second_factor(self) -> bool:
        """A role of today asks for it; of somebody who has none, one held in a body that is no more."""
        if self.grants():
            return self.holds(*NEEDS_SECOND_FACTOR)
        return bool(self.archived_organisation_ids(*NEEDS_SECOND_FACTOR))

    def _read_grants(self, day: date) -> frozenset[Grant]:
        rows = _GRANTS.answers(person_id=self.pk, day=day)
        return frozenset(Grant(Role(role), org, by) for role, org, by in rows)


def _grants_of(person_id: int, day: date) -> models.QuerySet[Any, Any]:
    # A role lasts no longer than the body it is held in, whatever the role itself says.
    own = Membership.objects.filter(
        goes_on(day), person=person_id, valid__contains=day
    ).values_list("role", "organisation_id", models.Value(None, models.BigIntegerField()))
    delegated = (
        Delegation.objects.in_force(day)
        .filter(goes_on(day, "membership__organisation"), delegate=person_id)
        .values_list("membership__role", "membership__organisation_id", "pk")
    )
    return own.union(delegated, all=True)


_GRANTS = Question(_grants_of, person_id=-1, day=date.min)


def goes_on(day: date, organisation: str = "organisation") -> models.Exists:
    """The body of a membership is not dissolved by a day; whether it has begun is not asked."""
    versions = OrganisationVersion.objects.filter(organisation=models.OuterRef(organisation))
    return models.Exists(versions.going_on(day))


def _outlived() -> models.Exists:
    """The body of a membership was there for longer than the membership."""
    versions = OrganisationVersion.objects.filter(organisation=models.OuterRef("organisation"))
    return models.Exists(versions.filter(valid__endswith__gt=models.OuterRef("valid__endswith")))


def _one_number(expression: Any) -> models.Func:
    """A range of one number: GiST has no operators for plain integers without an extension."""
    return models.Func(expression, expression, models.Value("[]"), function="int8range")


class Membership(models.Model):
    """One role that one person holds in one organisation, for a stretch of days."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        "orgs.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    role = models.CharField(max_length=32, choices=Role.choices)
    valid = DateRangeField()
    # Empty for the first administrator, whom the command line made.
    granted_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["organisation", "role"], name="people_by_organisation")]
        constraints = [
            ExclusionConstraint(
                name="people_one_such_role_a_day",
                expressions=[
                    (_one_number(models.F("person")), RangeOperators.OVERLAPS),
                    (_one_number(models.F("organisation")), RangeOperators.OVERLAPS),
                    (
                        _one_number(
                            models.Func(
                                models.F("role"), models.Value(0), function="hashtextextended"
                            )
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_(
                    "Người này đã có vai trò đó ở cơ quan đó trong thời gian ấy."
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()}"


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def in_force(self, day: date) -> DelegationQuerySet:
        """Those that let somebody act on a day.

        Both still belong there: who gave it still holds the role, and the substitute still works
        in the same organisation.
        """
        still_there = Membership.objects.filter(
            person=models.OuterRef("delegate"),
            organisation=models.OuterRef("membership__organisation"),
            valid__contains=day,
        )
        return self.filter(
            models.Exists(still_there),
            valid__contains=day,
            revoked_at__isnull=True,
            membership__valid__contains=day,
            membership__person__is_active=True,
            delegate__is_active=True,
        )


class Delegation(models.Model):
    """A substitute for one membership, for a stretch of days, with the paper it rests on.

    Decree 30/2020/NĐ-CP, Article 13: deputies sign for the head (KT.), others by order (TL.) or by
    written authority for a limited time (TUQ.); who was given authority may not pass it on.
    """

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="delegations")
    delegate = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    form = models.CharField(max_length=4, choices=SigningForm.choices)
    basis = models.CharField(max_length=300)
    valid = DateRangeField()
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = DelegationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["delegate"], name="people_delegation_to")]
        constraints = [
            models.CheckConstraint(
                name="people_revocation_has_a_person_and_a_time",
                condition=models.Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | models.Q(revoked_at__isnull=False, revoked_by__isnull=False),
                violation_error_message=_("Thu hồi ủy quyền cần cả người và thời điểm."),
            ),
            models.CheckConstraint(
                name="people_delegation_ends",
                condition=models.Q(valid__isempty=False)
                & models.Q(valid__lower_inf=False, valid__upper_inf=False),
                violation_error_message=_("Ủy quyền phải có ngày bắt đầu và ngày kết thúc."),
            ),
            ExclusionConstraint(
                name="people_one_delegation_to_a_person_a_day",
                expressions=[
                    (_one_number(models.F("membership")), RangeOperators.OVERLAPS),
                    (_one_number(models.F("delegate")), RangeOperators.OVERLAPS),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(revoked_at__isnull=True),
                violation_error_message=_(
                    "Người này đã được ủy quyền vai trò đó trong thời gian ấy."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership} → {self.delegate}"
