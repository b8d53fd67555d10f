"""Every operation of the core × every role × own or another body: one table.

The tables of plans and of the yearly report lie beside their own code.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from chuan.core.access import operations as access
from chuan.core.access.testing import ViewingFactory
from chuan.core.calendar import operations as calendar
from chuan.core.calendar.models import DayException
from chuan.core.calendar.testing import DayExceptionFactory
from chuan.core.documents import operations as documents
from chuan.core.documents.enums import DocumentType, FilePurpose, RelationKind
from chuan.core.documents.testing import OfficialDocumentFactory
from chuan.core.files import operations as files
from chuan.core.files.testing import PDF, UploadFactory
from chuan.core.legal import operations as legal
from chuan.core.legal.models import SourceRelation
from chuan.core.legal.testing import LegalSourceFactory
from chuan.core.notices import operations as notices
from chuan.core.notices.enums import MailState
from chuan.core.notices.testing import OutgoingMailFactory
from chuan.core.orgs.enums import ChangeKind, EventState, OrgKind, Share
from chuan.core.orgs.operations import apportioning, events, groups, reform, register
from chuan.core.orgs.operations.register import Facts
from chuan.core.orgs.testing import (
    ChangeEventFactory,
    GroupFactory,
    OrganisationFactory,
    ReformFactory,
    SuccessionLinkFactory,
    a_merger,
    commit,
)
from chuan.core.people import operations as people
from chuan.core.people.enums import Role, SigningForm
from chuan.core.people.testing import DelegationFactory, MembershipFactory, PersonFactory
from chuan.flows.reminders.operations import feeds
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db

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


Call = Callable[[Scene, object], object]
# operation: (what it is called with, the roles it is for, where they must hold them)
TABLE: dict[Callable[..., object], tuple[Call, set[Role], set[str]]] = {
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
    documents.register_document: (
        lambda s, a: documents.register_document(
            actor=a,
            held_by=s.body,
            kind=DocumentType.DECISION,
            symbol="12/QĐ-UBND",
            issuer_name="Ủy ban nhân dân tỉnh",
            subject="Ban hành Kế hoạch",
            issued_on=TODAY,
        ),
        KEEPERS,
        OWN,
    ),
    documents.draft_document: (
        lambda s, a: documents.draft_document(
            actor=a, issuer=s.body, kind=DocumentType.REPORT, subject="Kết quả năm 2026"
        ),
        KEEPERS,
        OWN,
    ),
    documents.attach_file: (
        lambda s, a: documents.attach_file(
            actor=a,
            document=s.a_document(),
            purpose=FilePurpose.ORIGINAL,
            name="a.pdf",
            content=PDF,
        ),
        KEEPERS,
        OWN,
    ),
    documents.attach_upload: (
        lambda s, a: documents.attach_upload(
            actor=a, document=s.a_document(), purpose=FilePurpose.ORIGINAL, upload=UploadFactory()
        ),
        KEEPERS,
        OWN,
    ),
    documents.relate: (
        lambda s, a: documents.relate(
            actor=a, document=s.a_document(), kind=RelationKind.BASED_ON, symbol="38-CT/TW"
        ),
        KEEPERS,
        OWN,
    ),
    documents.correct_document: (
        lambda s, a: documents.correct_document(
            actor=a,
            document=s.a_document(),
            version=1,
            kind=DocumentType.DECISION,
            symbol="13/QĐ-UBND",
            issuer_name="Ủy ban nhân dân tỉnh",
            subject="Ban hành Kế hoạch",
            issued_on=TODAY,
            issuer=None,
            signer="",
            recipients=[],
            received_on=TODAY,
        ),
        KEEPERS,
        OWN,
    ),
    documents.issue_document: (
        lambda s, a: documents.issue_document(
            actor=a,
            document=s.a_document(draft=True),
            issued_on=timezone.localdate(),
            signer="Lê Văn Đức",
        ),
        KEEPERS,
        OWN,
    ),
    documents.hold_back: (
        lambda s, a: documents.hold_back(
            actor=a, document=s.a_document(draft=True), reason="Chưa chốt số liệu"
        ),
        KEEPERS,
        OWN,
    ),
    documents.cancel_document: (
        lambda s, a: documents.cancel_document(
            actor=a, document=s.a_document(issued=True), reason="Sai số liệu"
        ),
        IN_CHARGE,
        OWN,
    ),
    documents.continue_series: (
        lambda s, a: documents.continue_series(
            actor=a, issuer=s.body, kind=DocumentType.REPORT, year=2026, last_number=40
        ),
        IN_CHARGE,
        OWN,
    ),
    files.store_upload: (
        lambda s, a: files.store_upload(actor=a, name="a.pdf", content=PDF),
        EVERYBODY,
        ANYWHERE,
    ),
    files.begin_upload: (
        lambda s, a: files.begin_upload(
            actor=a, name="a.pdf", size=len(PDF), sha256="", at=timezone.now()
        ),
        EVERYBODY,
        ANYWHERE,
    ),
    legal.add_source: (
        lambda s, a: legal.add_source(
            actor=a,
            code="nd-1-2026",
            notation="1/2026/NĐ-CP",
            title="Nghị định",
            issuer="Chính phủ",
            issued_on=TODAY,
            effective_from=TODAY,
        ),
        STANDING,
        ANYWHERE,
    ),
    legal.confirm_source: (
        lambda s, a: legal.confirm_source(actor=a, source=s.source),
        STANDING,
        ANYWHERE,
    ),
    legal.relate_sources: (
        lambda s, a: legal.relate_sources(
            actor=a,
            source=s.source,
            kind=SourceRelation.Kind.REPLACES,
            target=LegalSourceFactory(),
        ),
        STANDING,
        ANYWHERE,
    ),
    legal.set_parameter: (
        lambda s, a: legal.set_parameter(
            actor=a,
            code="tests.days",
            title="Số ngày",
            value=5,
            source=s.source,
            clause="Điều 1",
            valid_from=TODAY,
        ),
        STANDING,
        ANYWHERE,
    ),
    calendar.set_day: (
        lambda s, a: calendar.set_day(
            actor=a,
            day=TODAY,
            kind=DayException.Kind.HOLIDAY,
            title="Nghỉ lễ",
            source=s.source,
            is_confirmed=False,
        ),
        STANDING,
        ANYWHERE,
    ),
    calendar.forget_day: (
        lambda s, a: calendar.forget_day(actor=a, day=s.day_off.day),
        STANDING,
        ANYWHERE,
    ),
    notices.try_again: (
        lambda s, a: notices.try_again(actor=a, letter=OutgoingMailFactory(state=MailState.FAILED)),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    register.create_organisation: (
        lambda s, a: register.create_organisation(
            actor=a,
            key="co-quan-moi",
            facts=Facts(name="Sở Mới", kind=OrgKind.PROVINCIAL),
            valid_from=TODAY,
        ),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    register.change_version: (
        lambda s, a: register.change_version(
            actor=a, organisation=s.body, on=TODAY, name="Sở Tên mới"
        ),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    events.draft_event: (
        lambda s, a: events.draft_event(
            actor=a,
            kind=ChangeKind.RENAME,
            title="Đổi tên",
            effective_on=TODAY,
            at=timezone.now(),
        ),
        PREPARING,
        ANYWHERE,
    ),
    events.change_draft: (
        lambda s, a: events.change_draft(
            actor=a, event=s.an_event(), version=1, at=timezone.now(), title="Tên khác"
        ),
        PREPARING,
        ANYWHERE,
    ),
    events.propose_event: (
        lambda s, a: events.propose_event(
            actor=a, event=s.an_event(), version=1, at=timezone.now()
        ),
        PREPARING,
        ANYWHERE,
    ),
    events.abandon_event: (
        lambda s, a: events.abandon_event(actor=a, event=s.an_event()),
        PREPARING,
        ANYWHERE,
    ),
    events.hand_back_event: (
        lambda s, a: events.hand_back_event(
            actor=a, event=s.an_event(EventState.PROPOSED), remark="Sai ngày"
        ),
        STANDING,
        ANYWHERE,
    ),
    events.commit_event: (
        lambda s, a: events.commit_event(
            actor=a, event=s.an_event(EventState.PROPOSED), version=2, at=timezone.now()
        ),
        STANDING,
        ANYWHERE,
    ),
    apportioning.state_key: (lambda s, a: s.a_key(by=a), PREPARING, ANYWHERE),
    apportioning.confirm_key: (
        lambda s, a: apportioning.confirm_key(actor=a, key=s.a_key(), at=timezone.now()),
        STANDING,
        ANYWHERE,
    ),
    apportioning.end_key: (
        lambda s, a: apportioning.end_key(actor=a, key=s.a_key(), at=timezone.now()),
        STANDING,
        ANYWHERE,
    ),
    events.reverse_event: (
        lambda s, a: events.reverse_event(
            actor=a,
            event=s.an_event(EventState.COMMITTED),
            at=timezone.now(),
            reason="Nhầm ngày",
        ),
        STANDING,
        ANYWHERE,
    ),
    events.redraft_event: (
        lambda s, a: events.redraft_event(
            actor=a, event=s.an_event(EventState.COMMITTED), at=timezone.now()
        ),
        PREPARING,
        ANYWHERE,
    ),
    reform.take_in_reform: (
        lambda s, a: reform.take_in_reform(
            actor=a,
            name="bang.csv",
            content=ReformFactory.build().text.encode(),
            effective_on=TODAY,
            at=timezone.now(),
        ),
        PREPARING,
        ANYWHERE,
    ),
    reform.answer_doubts: (
        lambda s, a: reform.answer_doubts(actor=a, reform=s.a_reform(), answers={}),
        PREPARING,
        ANYWHERE,
    ),
    reform.abandon_reform: (
        lambda s, a: reform.abandon_reform(actor=a, reform=s.a_reform()),
        PREPARING,
        ANYWHERE,
    ),
    reform.draft_reform_events: (
        lambda s, a: reform.draft_reform_events(
            actor=a, reform=s.a_reform(), provinces=["t1"], at=timezone.now()
        ),
        PREPARING,
        ANYWHERE,
    ),
    groups.create_group: (
        lambda s, a: groups.create_group(
            actor=a, code="nhom-moi", name="Nhóm mới", phrases=["nhóm mới"]
        ),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    groups.add_group_rule: (
        lambda s, a: groups.add_group_rule(
            actor=a, group=s.group, kinds=[OrgKind.DISTRICT], under=s.body, valid_from=TODAY
        ),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    groups.end_group_rule: (
        lambda s, a: groups.end_group_rule(actor=a, rule=s.group.rules.get(), on=TODAY),
        ADMINISTRATOR,
        ANYWHERE,
    ),
    groups.except_from_group: (
        lambda s, a: groups.except_from_group(
            actor=a,
            group=s.group,
            organisation=s.body,
            is_member=False,
            valid_from=TODAY,
            reason="Không thuộc nhóm",
        ),
        ADMINISTRATOR,
        ANYWHERE,
    ),
}
# What people do with what is their own, or with nothing that is anybody's.
OF_ONES_OWN = {
    people.choose_preferences,
    access.note_event,
    access.end_session,
    access.end_other_sessions,
    # Who asked looks, the one looked in on stops it: each role is tried in the tests of access.
    access.start_viewing,
    access.end_viewing,
    files.continue_upload,
    files.cancel_upload,
    notices.mark_read,
    notices.mark_all_read,
    notices.choose_mail,
    feeds.make_feed,
    feeds.withdraw_feed,
}


@pytest.mark.parametrize("operation", TABLE, ids=lambda operation: operation.__name__)
def test_each_operation_is_for_its_roles_in_their_place(operation, settings, tmp_path):
    settings.CHUAN_FILES = tmp_path / "files"
    call, roles, places = TABLE[operation]
    scene = Scene()
    got_in = {
        (role, where)
        for role in Role
        for where, body in (("own", scene.body), ("elsewhere", OrganisationFactory()))
        if lets_in(call, scene, PersonFactory(role=role, organisation=body, second_factor=False))
    }

    assert got_in == {(role, where) for role in roles for where in places}


def lets_in(call, scene, actor):
    """Whether the operation begins; what it did is undone."""
    try:
        with transaction.atomic():
            with suppress(ValidationError):  # let in, and told what is wrong
                call(scene, actor)
            transaction.set_rollback(True)
    except Denied:
        return False
    return True


def test_somebody_without_a_role_gets_in_nowhere(settings, tmp_path):
    settings.CHUAN_FILES = tmp_path / "files"
    scene, nobody = Scene(), PersonFactory(role=None)

    assert [op.__name__ for op, (call, _, _) in TABLE.items() if lets_in(call, scene, nobody)] == []
