"""Bodies, groups, reorganisations: for whom each operation is."""

from __future__ import annotations

from django.utils import timezone

from chuan.core.orgs.enums import ChangeKind, EventState, OrgKind
from chuan.core.orgs.operations import apportioning, events, groups, reform, register
from chuan.core.orgs.operations.register import Facts
from chuan.core.orgs.testing import (
    ReformFactory,
)
from tests.permissions.scene import (
    ADMINISTRATOR,
    ANYWHERE,
    PREPARING,
    STANDING,
    TODAY,
    Table,
)

TABLE: Table = {
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
