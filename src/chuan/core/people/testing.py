"""Makers of people, their roles and their substitutes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import factory
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import NEEDS_SECOND_FACTOR, Role, SigningForm
from chuan.core.people.models import Delegation, Membership, Person
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import person_sort_key

SINCE_2020 = DateRange(date(2020, 1, 1), None)


def lets_in(operation: Callable[[], object]) -> bool:
    """Whether an operation does what it is for, or refuses; what it did is undone, so that the next
    person finds the same scene."""
    try:
        with transaction.atomic():
            operation()
            transaction.set_rollback(True)
    except Denied:
        return False
    return True


class PersonFactory(factory.django.DjangoModelFactory):
    """Somebody with one role in one organisation, since 2020 and until further notice.

    PersonFactory(role=Role.UNIT_HEAD, organisation=org)   # a new organisation when none is given
    PersonFactory(role=None)                               # a member of nothing
    PersonFactory(role=Role.AUDITOR, second_factor=False)  # has not set one up yet

    Who needs a second factor has one, so that pages open after `client.force_login(person)`.
    """

    class Meta:
        model = Person

    username = factory.Sequence(lambda n: f"can-bo-{n}")
    full_name = factory.Sequence(lambda n: f"Cán bộ {n}")
    sort_key = factory.LazyAttribute(lambda person: person_sort_key(person.full_name))
    email = factory.LazyAttribute(lambda person: f"{person.username}@example.vn")
    password = factory.django.Password("mat-khau-de-thu")

    @classmethod
    def _create(
        cls,
        model_class,
        *args,
        role=Role.UNIT_CLERK,
        organisation=None,
        valid=SINCE_2020,
        second_factor=None,
        **kwargs,
    ):
        person = super()._create(model_class, *args, **kwargs)
        if role is not None:
            MembershipFactory(
                person=person,
                role=role,
                valid=valid,
                organisation=organisation or OrganisationFactory(),
            )
        if second_factor or (second_factor is None and role in NEEDS_SECOND_FACTOR):
            with_second_factor(person)
        return person


class MembershipFactory(factory.django.DjangoModelFactory):
    """A further role of somebody: `MembershipFactory(person=p, role=Role.AUDITOR)`."""

    class Meta:
        model = Membership

    person = factory.SubFactory(PersonFactory, role=None)
    organisation = factory.SubFactory(OrganisationFactory)
    role = Role.UNIT_CLERK
    valid = SINCE_2020

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        membership = super()._create(model_class, *args, **kwargs)
        membership.person.forget_grants()
        return membership


class DelegationFactory(factory.django.DjangoModelFactory):
    """Somebody who stands in for the holder of a membership, from 2020 to 2030."""

    class Meta:
        model = Delegation

    membership = factory.SubFactory(MembershipFactory, role=Role.UNIT_HEAD)
    delegate = factory.SubFactory(
        PersonFactory, organisation=factory.SelfAttribute("..membership.organisation")
    )
    form = SigningForm.KT
    basis = "Thông báo phân công số 12/TB-SKHCN"
    valid = DateRange(date(2020, 1, 1), date(2031, 1, 1))
    given_by = factory.SelfAttribute("membership.person")
    given_at = factory.LazyFunction(timezone.now)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        delegation = super()._create(model_class, *args, **kwargs)
        delegation.delegate.forget_grants()
        return delegation


def with_second_factor(person: Person) -> Person:
    """Give a person an authenticator app unless there is one."""
    if not Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(person, generate_totp_secret())
    return person
