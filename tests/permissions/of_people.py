"""Accounts, roles, delegations: for whom each operation is."""

from __future__ import annotations

from django.utils import timezone

from chuan.core.access import operations as access
from chuan.core.access.testing import ViewingFactory
from chuan.core.people import operations as people
from chuan.core.people.enums import Role
from chuan.core.people.testing import DelegationFactory, PersonFactory
from tests.permissions.scene import (
    ADMINISTRATOR,
    ANYWHERE,
    OWN,
    TODAY,
    Table,
    account,
    delegation_by,
    role_for,
)

TABLE: Table = {
    people.add_person: (lambda s, a: account(a, people.add_person), ADMINISTRATOR, ANYWHERE),
    people.change_person: (
        lambda s, a: people.change_person(
            actor=a,
            person=s.colleague,
            version=s.colleague.version,
            username="khac",
            full_name="Người Khác",
            email="",
            title="",
        ),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    people.close_account: (
        lambda s, a: people.close_account(actor=a, person=s.colleague, reason="Chuyển công tác"),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    people.open_account: (
        lambda s, a: people.open_account(actor=a, person=PersonFactory(is_active=False)),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    people.grant_role: (
        lambda s, a: role_for(a, s.colleague, s, people.grant_role),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    people.end_role: (
        lambda s, a: people.end_role(actor=a, membership=s.member, end=TODAY),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    people.give_delegation: (
        lambda s, a: delegation_by(a, s, people.give_delegation),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    people.revoke_delegation: (
        lambda s, a: people.revoke_delegation(
            actor=a, delegation=DelegationFactory(membership=s.member)
        ),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    access.make_password_link: (
        lambda s, a: access.make_password_link(actor=a, person=s.colleague),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    access.send_password_link: (
        lambda s, a: access.send_password_link(actor=a, person=s.colleague),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    access.reset_second_factor: (
        lambda s, a: access.reset_second_factor(actor=a, person=PersonFactory(second_factor=True)),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    access.welcome_person: (
        lambda s, a: account(
            a,
            access.welcome_person,
            title="",
            organisation=s.body,
            role=Role.UNIT_CLERK,
            start=TODAY,
        ),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    access.give_role: (
        lambda s, a: role_for(a, s.colleague, s, access.give_role),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    access.delegate: (lambda s, a: delegation_by(a, s, access.delegate), ADMINISTRATOR, ANYWHERE),
    access.revoke: (
        lambda s, a: access.revoke(actor=a, delegation=DelegationFactory(membership=s.member)),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    access.ask_to_view: (
        lambda s, a: access.ask_to_view(
            actor=a, person=s.colleague, reason="Không thấy nút nộp", at=timezone.now()
        ),
        ADMINISTRATOR | {Role.DEPARTMENT_COORDINATOR},
        ANYWHERE,
    ),
    access.answer_viewing: (
        lambda s, a: access.answer_viewing(
            actor=a,
            viewing=ViewingFactory(person=s.colleague),
            agrees=True,
            at=timezone.now(),
        ),
        {Role.UNIT_HEAD},
        OWN,
    ),
}
