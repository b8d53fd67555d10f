"""What operations of the core work on, and for whom they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from chuan.core.calendar.testing import DayExceptionFactory
from chuan.core.documents.testing import OfficialDocumentFactory
from chuan.core.legal.testing import LegalSourceFactory
from chuan.core.orgs.enums import EventState, OrgKind, Share
from chuan.core.orgs.operations import apportioning, events
from chuan.core.orgs.testing import (
    ChangeEventFactory,
    GroupFactory,
    OrganisationFactory,
    ReformFactory,
    SuccessionLinkFactory,
    a_merger,
    commit,
)
from chuan.core.people.enums import Role, SigningForm
from chuan.core.people.testing import MembershipFactory, PersonFactory

Call = Callable[["Scene", Any], object]
# operation: (what it is called with, the roles it is for, where they must hold them)
Table = dict[Callable[..., object], tuple[Call, set[Role], set[str]]]

TODAY = date(2026, 11, 20)
EVERYBODY = set(Role)
ADMINISTRATOR = {Role.SYSTEM_ADMINISTRATOR}
STANDING = {
    Role.DEPARTMENT_COORDINATOR,
    Role.DEPARTMENT_LEADER,
    Role.SYSTEM_ADMINISTRATOR,
}
# Who prepares reorganisations; who confirms them are those above.
PREPARING = STANDING - {Role.DEPARTMENT_LEADER}
KEEPERS = {
    Role.UNIT_CLERK,
    Role.UNIT_HEAD,
    Role.DEPARTMENT_COORDINATOR,
    Role.DEPARTMENT_LEADER,
}
IN_CHARGE = KEEPERS - {Role.UNIT_CLERK}
ANYWHERE, OWN = {"own", "elsewhere"}, {"own"}


class Scene:
    """A body with a colleague, a document of each kind, and what else an operation works on."""

    def __init__(self) -> None:
        self.body = OrganisationFactory(notation="SKHCN")
        self.member = MembershipFactory(organisation=self.body, role=Role.UNIT_HEAD)
        self.colleague = PersonFactory(organisation=self.body)
        self.source = LegalSourceFactory(is_verified=False)
        self.group = GroupFactory(kinds=[OrgKind.COMMUNE], under=self.body)
        self.day_off = DayExceptionFactory()

    def an_event(self, state=EventState.DRAFT):
        """A merger that two other people prepare and confirm."""
        preparer, confirmer = (PersonFactory(role=Role.DEPARTMENT_COORDINATOR) for _n in range(2))
        event = a_merger(actor=preparer, before=[OrganisationFactory()])
        if state == EventState.PROPOSED:
            return events.propose_event(actor=preparer, event=event, version=1, at=timezone.now())
        if state == EventState.COMMITTED:
            return commit(event, preparer=preparer, confirmer=confirmer)
        return event

    def a_key(self, by=None):
        """What a split body's two heirs count for, stated by another."""
        event = ChangeEventFactory()
        link = SuccessionLinkFactory(event=event, share=Share.PARTIAL)
        return apportioning.state_key(
            actor=by or PersonFactory(role=Role.DEPARTMENT_COORDINATOR),
            event=event,
            predecessor=link.predecessor,
            percents={link.successor_id: Decimal(60)},
            basis="12/NQ-HĐND",
            at=timezone.now(),
        )

    def a_reform(self):
        return ReformFactory(uploaded_by=self.colleague)

    def a_document(self, **traits):
        return OfficialDocumentFactory(held_by=self.body, **traits)


def role_for(actor, person, scene, operation):
    return operation(
        actor=actor,
        person=person,
        organisation=scene.body,
        role=Role.AUDITOR,
        start=TODAY,
        end=None,
    )


def delegation_by(actor, scene, operation):
    return operation(
        actor=actor,
        membership=scene.member,
        delegate=scene.colleague,
        form=SigningForm.TUQ,
        start=TODAY,
        end=TODAY + timedelta(days=9),
        basis="Thông báo số 12/TB-SKHCN",
    )


def account(actor, operation, **more):
    return operation(
        actor=actor, username="moi", full_name="Người Mới", email="moi@example.vn", **more
    )
