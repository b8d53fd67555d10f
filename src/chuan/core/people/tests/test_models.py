from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.models import Grant
from chuan.core.people.testing import DelegationFactory, MembershipFactory, PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

A_DAY = date(2026, 3, 2)


def test_a_membership_grants_its_role_on_its_days_only():
    person = PersonFactory(role=None)
    row = MembershipFactory(person=person, valid=(date(2026, 1, 1), date(2026, 7, 1)))
    grant = Grant(Role.UNIT_CLERK, row.organisation_id)

    assert person.grants(on=date(2025, 12, 31)) == frozenset()
    assert person.grants(on=date(2026, 1, 1)) == {grant}
    assert person.grants(on=date(2026, 6, 30)) == {grant}
    assert person.grants(on=date(2026, 7, 1)) == frozenset()


def test_holds_asks_for_the_role_in_that_organisation():
    body, other = OrganisationFactory(), OrganisationFactory()
    head = PersonFactory(role=Role.UNIT_HEAD, organisation=body)

    assert head.holds(Role.UNIT_HEAD)
    assert head.holds(Role.UNIT_HEAD, Role.UNIT_CLERK, organisation_id=body.pk)
    assert not head.holds(Role.UNIT_HEAD, organisation_id=other.pk)
    assert not head.holds(Role.UNIT_CLERK)
    assert head.organisation_ids() == {body.pk}
    assert head.organisation_ids(Role.AUDITOR) == frozenset()


def test_a_substitute_has_the_grant_while_the_delegation_and_the_membership_last():
    holder = PersonFactory(role=None)
    membership = MembershipFactory(
        person=holder, role=Role.UNIT_HEAD, valid=(date(2025, 1, 1), date(2026, 4, 1))
    )
    delegation = DelegationFactory(
        membership=membership, valid=(date(2026, 3, 1), date(2026, 5, 1))
    )
    by_delegation = Grant(Role.UNIT_HEAD, membership.organisation_id, delegation.pk)
    substitute = delegation.delegate

    assert by_delegation not in substitute.grants(on=date(2026, 2, 28))
    assert by_delegation in substitute.grants(on=date(2026, 3, 1))
    assert by_delegation not in substitute.grants(on=date(2026, 4, 1))


def test_a_revoked_delegation_grants_nothing():
    delegation = DelegationFactory(revoked_at=timezone.now(), revoked_by=PersonFactory())

    assert not delegation.delegate.holds(Role.UNIT_HEAD)


@pytest.mark.parametrize("who", ["holder", "delegate"])
def test_a_closed_account_neither_uses_nor_lends_a_grant(who):
    delegation = DelegationFactory()
    assert delegation.delegate.holds(Role.UNIT_HEAD)

    person = delegation.delegate if who == "delegate" else delegation.membership.person
    person.is_active = False
    person.save(update_fields=["is_active"])

    delegation.delegate.refresh_from_db()
    delegation.delegate.forget_grants()
    assert not delegation.delegate.holds(Role.UNIT_HEAD, on=A_DAY)


def test_grants_are_read_once_for_each_day(django_assert_num_queries):
    person = PersonFactory()
    with django_assert_num_queries(1):
        for _ in range(3):
            person.grants(on=A_DAY)


def test_one_person_has_a_role_in_an_organisation_once_a_day():
    row = MembershipFactory()
    MembershipFactory(person=row.person, organisation=row.organisation, role=Role.UNIT_HEAD)
    MembershipFactory(person=row.person, role=row.role)
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipFactory(person=row.person, organisation=row.organisation, role=row.role)


def test_two_accounts_share_no_address_but_may_both_have_none():
    PersonFactory(email="")
    PersonFactory(email="")
    PersonFactory(email="ha@example.vn")
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonFactory(email="ha@example.vn")


def test_who_needs_a_second_factor():
    assert not PersonFactory(role=Role.UNIT_CLERK).needs_second_factor
    assert not PersonFactory(role=Role.UNIT_HEAD).needs_second_factor
    assert PersonFactory(role=Role.DEPARTMENT_COORDINATOR).needs_second_factor
    assert PersonFactory(role=Role.SYSTEM_ADMINISTRATOR).needs_second_factor


def test_who_left_before_a_body_ended_reads_nothing_of_it():
    there = (date(2020, 1, 1), date(2025, 7, 1))
    gone = OrganisationFactory(district=True, valid=there)
    stayed, left = PersonFactory(role=None), PersonFactory(role=None)
    MembershipFactory(person=stayed, organisation=gone, valid=there)
    MembershipFactory(person=left, organisation=gone, valid=(date(2020, 1, 1), date(2022, 1, 1)))

    day = date(2026, 1, 1)
    assert stayed.archived_organisation_ids(Role.UNIT_CLERK, on=day) == {gone.pk}
    assert left.archived_organisation_ids(Role.UNIT_CLERK, on=day) == frozenset()
