"""Reorganisations: prepared by one person, confirmed by another, undone while nothing hangs on them.

A draft is only a proposal; the register changes when it is committed, all at once, and `effects`
keeps the rows that were written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.legal.models import LegalSource
from chuan.core.orgs import queries, rules
from chuan.core.orgs.engine.proposals import (
    TEXT_FACTS,
    Beginning,
    Link,
    Part,
    Plan,
    Proposal,
    is_known,
)
from chuan.core.orgs.enums import ChangeKind, EventState, OrgKind
from chuan.core.orgs.models import (
    ChangeEvent,
    Organisation,
    OrganisationVersion,
    Reform,
    SuccessionLink,
)
from chuan.core.orgs.operations.apportioning import forget_ended_keys
from chuan.core.orgs.operations.register import Facts, lock, new_version
from chuan.core.orgs.queries.dependents import handed_over, release_untouched
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import clean

_BATCH = 2000


class Conflict(Exception):
    """Somebody saved after this person opened the page; nothing was overwritten."""

    def __init__(self, stored: ChangeEvent) -> None:
        super().__init__(_("Sự kiện này vừa được người khác sửa."))
        self.stored = stored


class NotReady(Exception):
    """What is proposed does not hold together; `problems` says what to mend, one by one."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = list(problems)


@transaction.atomic
def draft_event(
    *,
    actor: AbstractBaseUser,
    kind: ChangeKind,
    title: str,
    effective_on: date,
    at: datetime,
    parts: Iterable[Part] = (),
    links: Iterable[Link] = (),
    legal_basis: LegalSource | None = None,
    basis_text: str = "",
    clause: str = "",
    reform: Reform | None = None,
) -> ChangeEvent:
    """Begin a reorganisation. The register does not change until a second person confirms it.

    :raises ValidationError: the title is missing or too long.
    """
    rules.prepare_events.require(actor)
    event = ChangeEvent(
        kind=kind,
        title=clean(title),
        effective_on=effective_on,
        legal_basis=legal_basis,
        basis_text=clean(basis_text),
        clause=clean(clause),
        reform=reform,
        state=EventState.DRAFT,
        proposal=_tidy(Proposal(kind, effective_on, tuple(parts), tuple(links))).as_json(),
        prepared_by_id=actor.pk,
        prepared_at=at,
    )
    event.full_clean()
    event.save()
    record(action="orgs.event_drafted", actor=actor, subject=event, kind=kind)
    return event


@transaction.atomic
def change_draft(
    *,
    actor: AbstractBaseUser,
    event: ChangeEvent,
    version: int,
    at: datetime,
    parts: Iterable[Part] | None = None,
    links: Iterable[Link] | None = None,
    **changes: Any,
) -> ChangeEvent:
    """Change what a draft says; whoever changes it has prepared it and cannot confirm it.

    :param changes: kind, title, effective_on, legal_basis, basis_text or clause.
    :raises Conflict: somebody saved since the page was opened.
    """
    event = _locked(event)
    rules.change_draft.require(actor, event)
    if event.version != version:
        raise Conflict(event)
    for name, value in changes.items():
        setattr(event, name, clean(value) if isinstance(value, str) else value)
    stored = queries.proposal_of(event)
    event.proposal = _tidy(
        replace(
            stored,
            parts=stored.parts if parts is None else tuple(parts),
            links=stored.links if links is None else tuple(links),
        )
    ).as_json()
    event.prepared_by_id, event.prepared_at = actor.pk, at
    event.version += 1
    event.full_clean()
    event.save()
    record(
        action="orgs.event_changed",
        actor=actor,
        subject=event,
        changed=sorted([*changes, *_named(parts=parts, links=links)]),
    )
    return event


@transaction.atomic
def propose_event(
    *, actor: AbstractBaseUser, event: ChangeEvent, version: int, at: datetime
) -> ChangeEvent:
    """Hand a draft to a second person. From now on it is not changed until it comes back.

    :raises NotReady: it has no legal basis, or would break the register.
    :raises Conflict: somebody saved since the page was opened.
    """
    event = _locked(event)
    rules.propose_event.require(actor, event)
    if event.version != version:
        raise Conflict(event)
    _require_sound(event, queries.plan_of(queries.proposal_of(event)))
    event.state = EventState.PROPOSED
    event.prepared_by_id, event.prepared_at, event.remark = actor.pk, at, ""
    event.version += 1
    event.save()
    record(action="orgs.event_proposed", actor=actor, subject=event)
    for told in handed_over:
        told(event, actor)
    return event


@transaction.atomic
def hand_back_event(
    *, actor: AbstractBaseUser, event: ChangeEvent, remark: str = ""
) -> ChangeEvent:
    """Make it a draft again, for whoever prepared it to mend.

    :raises ValidationError: another person sends it back and does not say why.
    """
    event = _locked(event)
    rules.hand_back_event.require(actor, event)
    if event.prepared_by_id != actor.pk and not remark.strip():
        raise ValidationError({"remark": _("Ghi nội dung cần sửa để người soạn biết.")})
    event.state, event.remark = EventState.DRAFT, clean(remark)
    event.version += 1
    event.save()
    record(action="orgs.event_handed_back", actor=actor, subject=event, remark=event.remark)
    return event


@transaction.atomic
def abandon_event(*, actor: AbstractBaseUser, event: ChangeEvent) -> ChangeEvent:
    """Put a draft aside for good."""
    event = _locked(event)
    rules.abandon_event.require(actor, event)
    event.state = EventState.ABANDONED
    event.version += 1
    event.save()
    record(action="orgs.event_abandoned", actor=actor, subject=event)
    return event


@transaction.atomic
def commit_event(
    *, actor: AbstractBaseUser, event: ChangeEvent, version: int, at: datetime
) -> ChangeEvent:
    """Let the reorganisation happen in the register: versions end and begin, links are drawn.

    :raises Denied: the actor prepared it, or may not confirm.
    :raises NotReady: the register has changed since and the event no longer fits.
    :raises Conflict: it is not what the actor looked at.
    """
    event = _locked(event)
    rules.commit_event.require(actor, event)
    if event.version != version:
        raise Conflict(event)
    proposal = queries.proposal_of(event)
    lock(_reached_by(proposal))
    plan = queries.plan_of(proposal)
    _require_sound(event, plan)
    written = _Writer(event, proposal, plan)
    written.write()
    event.state = EventState.COMMITTED
    event.confirmed_by_id, event.confirmed_at = actor.pk, at
    event.effects, event.touched = written.effects, written.touched
    event.leans_on = written.leans_on
    event.version += 1
    event.save()
    record(
        action="orgs.event_committed",
        actor=actor,
        subject=event,
        kind=event.kind,
        prepared_by=str(event.prepared_by),
        ended=len(written.effects["gone"]),
        created=len(written.effects["created"]),
        changed=len(written.effects["changed"]),
        links=len(plan.links),
    )
    return event


@transaction.atomic
def reverse_event(
    *, actor: AbstractBaseUser, event: ChangeEvent, at: datetime, reason: str
) -> ChangeEvent:
    """Undo a committed event: the register is again exactly as it was before.

    The event itself stays to be seen, with its proposal and the reason.

    :raises Denied: later events, corrections, reports, keys that hold or wait, or others hang on what
        it did.
    :raises ValidationError: no reason is given.
    """
    event = _locked(event)
    rules.reverse_event.require(actor, event)
    if not reason.strip():
        raise ValidationError({"reason": _("Nhập lý do hoàn tác.")})
    lock([*event.touched, *event.leans_on])
    if reasons := queries.reasons_against(event):
        raise Denied(" ".join(reasons))
    try:
        with transaction.atomic():
            release_untouched(queries.affected_by(event))
            keys = forget_ended_keys(event)
            _unwrite(event)
    except (ProtectedError, RestrictedError) as kept:
        raise Denied(
            _(
                "Đã có dữ liệu gắn với cơ quan do sự kiện này lập (%(what)s) nên không hoàn tác được."
            )
            % {"what": ", ".join(_kinds_of(kept))}
        ) from None
    event.state = EventState.REVERSED
    event.reversed_by_id, event.reversed_at = actor.pk, at
    event.reversal_reason = clean(reason)
    event.effects, event.touched, event.leans_on = {}, [], []
    event.version += 1
    event.save()
    record(
        action="orgs.event_reversed",
        actor=actor,
        subject=event,
        reason=event.reversal_reason,
        keys=keys,
    )
    return event


def redraft_event(*, actor: AbstractBaseUser, event: ChangeEvent, at: datetime) -> ChangeEvent:
    """A new draft that says what a reversed one said, to mend and confirm again."""
    return draft_event(
        actor=actor,
        kind=ChangeKind(event.kind),
        title=event.title,
        effective_on=event.effective_on,
        at=at,
        parts=queries.proposal_of(event).parts,
        links=queries.proposal_of(event).links,
        legal_basis=event.legal_basis,
        basis_text=event.basis_text,
        clause=event.clause,
        reform=event.reform,
    )


# ---------------------------------------------------------------- checking


def _locked(event: ChangeEvent) -> ChangeEvent:
    return ChangeEvent.objects.select_for_update(no_key=True).get(pk=event.pk)


def _reached_by(proposal: Proposal) -> list[int]:
    return [int(spell.ref) for spell in queries.known_for(proposal).spells]


def _require_sound(event: ChangeEvent, plan: Plan) -> None:
    """Nothing speaks against it, and every new fact may stand in the register."""
    problems = [problem.text for problem in plan.problems]
    if not event.basis:
        problems.append(_("Ghi văn bản quyết định việc sắp xếp (căn cứ)."))
    if not problems:
        facts = [one.facts for one in plan.beginnings] + [one.facts for one in plan.amendments]
        for one in facts:
            try:
                new_version(Organisation(), _facts(one, {}, None), None, None)
            except ValidationError as wrong:
                problems += [f"{one['name']}: {message}" for message in wrong.messages]
    if problems:
        raise NotReady(list(dict.fromkeys(problems)))


def _tidy(proposal: Proposal) -> Proposal:
    """Texts as they are stored everywhere; links only between bodies of the event."""
    parts = tuple(
        replace(part, facts={name: clean(str(value)) for name, value in part.facts.items()})
        for part in proposal.parts
    )
    refs = {part.ref for part in parts}
    links = tuple(
        replace(link, clause=clean(link.clause), note=clean(link.note))
        for link in proposal.links
        if {link.predecessor, link.successor} <= refs
    )
    return replace(proposal, parts=parts, links=links)


def _named(**given: object) -> list[str]:
    return [name for name, value in given.items() if value is not None]


def _kinds_of(kept: ProtectedError | RestrictedError) -> list[str]:
    rows = kept.protected_objects if isinstance(kept, ProtectedError) else kept.restricted_objects
    return sorted({str(row._meta.verbose_name) for row in rows})


# ---------------------------------------------------------------- writing


def _facts(facts: Any, made: dict[str, Organisation], legal_basis: LegalSource | None) -> Facts:
    """Facts of the engine as the register takes them; `made` are the bodies behind references."""
    return Facts(
        **{name: facts[name] for name in TEXT_FACTS if name != "kind"},
        kind=OrgKind(facts["kind"]),
        parent=made.get(facts["parent"]),
        legal_basis=legal_basis,
    )


class _Writer:
    """Writes one plan in a handful of statements, however many bodies it has."""

    def __init__(self, event: ChangeEvent, proposal: Proposal, plan: Plan) -> None:
        self.event = event
        self.proposal = proposal
        self.plan = plan
        parents = {one.facts["parent"] for one in plan.beginnings}
        parents |= {one.facts["parent"] for one in plan.amendments}
        refs = {part.ref for part in proposal.parts} | parents | set(plan.changed)
        self.bodies = {
            str(body.pk): body
            for body in Organisation.objects.filter(pk__in=[int(r) for r in refs if is_known(r)])
        }
        self.effects: dict[str, Any] = {}
        self.touched: list[int] = []
        self.leans_on: list[int] = []

    def write(self) -> None:
        created = self._enter_bodies()
        ended = self._end_versions()
        amended = self._amend_versions()
        begun = self._begin_versions()
        self._draw_links()
        self.effects = {
            "created": [body.pk for body in created],
            "begun": [version.pk for version in begun],
            "ended": [version.pk for version in ended],
            "amended": amended,
            "gone": [int(ref) for ref in self.plan.ended],
            "changed": sorted(int(ref) for ref in self.plan.changed),
        }
        changed = [*self.effects["gone"], *self.effects["changed"], *self.effects["created"]]
        self.touched = sorted(set(changed))
        parents = {one.facts["parent"] for one in self.plan.beginnings if one.facts["parent"]}
        linked = {ref for link in self.plan.links for ref in (link.predecessor, link.successor)}
        self.leans_on = sorted({self.bodies[ref].pk for ref in parents | linked})

    def _enter_bodies(self) -> list[Organisation]:
        entered = self.plan.entered
        made = [
            Organisation(key=f"event-{self.event.pk}-{number}", is_home=self._is_home(one))
            for number, one in enumerate(entered, start=1)
        ]
        Organisation.objects.bulk_create(made, batch_size=_BATCH)
        self.bodies |= {one.ref: body for one, body in zip(entered, made, strict=True)}
        return made

    def _is_home(self, one: Beginning) -> bool:
        """A province made from one this installation works for is at home here too."""
        if one.facts["kind"] != OrgKind.PROVINCE:
            return False
        before = [self.bodies.get(x.predecessor) for x in self.plan.links if x.successor == one.ref]
        return any(body is not None and body.is_home for body in before)

    def _end_versions(self) -> list[OrganisationVersion]:
        ids = [one.spell.pk for one in self.plan.endings]
        versions = list(OrganisationVersion.objects.filter(pk__in=ids).order_by("pk"))
        for version in versions:
            version.valid = (version.valid.lower, self.event.effective_on)
        OrganisationVersion.objects.bulk_update(versions, ["valid"], batch_size=_BATCH)
        return versions

    def _amend_versions(self) -> list[list[Any]]:
        plans = {one.spell.pk: one for one in self.plan.amendments}
        versions = list(OrganisationVersion.objects.filter(pk__in=plans).order_by("pk"))
        before: list[list[Any]] = []
        for version in versions:
            kept = {name: getattr(version, name) for name in (*TEXT_FACTS, "sort_key")}
            kept |= {"parent_id": version.parent_id, "legal_basis_id": version.legal_basis_id}
            before.append([version.pk, kept])
            facts = _facts(plans[version.pk].facts, self.bodies, version.legal_basis)
            fresh = new_version(version.organisation, facts, None, None)
            for name in kept:
                setattr(version, name, getattr(fresh, name))
        OrganisationVersion.objects.bulk_update(
            versions, [*TEXT_FACTS, "sort_key", "parent", "legal_basis"], batch_size=_BATCH
        )
        return before

    def _begin_versions(self) -> list[OrganisationVersion]:
        made = [
            new_version(
                self.bodies[one.ref],
                _facts(
                    one.facts, self.bodies, self.event.legal_basis if one.until is None else None
                ),
                one.start,
                one.until,
            )
            for one in self.plan.beginnings
        ]
        return OrganisationVersion.objects.bulk_create(made, batch_size=_BATCH)

    def _draw_links(self) -> None:
        SuccessionLink.objects.bulk_create(
            [
                SuccessionLink(
                    event=self.event,
                    predecessor=self.bodies[link.predecessor],
                    successor=self.bodies[link.successor],
                    share=link.share,
                    clause=link.clause,
                    note=link.note,
                    is_confirmed=link.is_confirmed,
                )
                for link in self.plan.links
            ],
            batch_size=_BATCH,
        )


def _unwrite(event: ChangeEvent) -> None:
    """Take back what `_Writer` wrote, last first."""
    effects = event.effects
    event.links.all().delete()
    OrganisationVersion.objects.filter(pk__in=effects["begun"]).delete()
    Organisation.objects.filter(pk__in=effects["created"]).delete()
    kept = dict(effects["amended"])
    amended = list(OrganisationVersion.objects.filter(pk__in=kept))
    for version in amended:
        for name, value in kept[version.pk].items():
            setattr(version, name, value)
    OrganisationVersion.objects.bulk_update(
        amended, [*TEXT_FACTS, "sort_key", "parent", "legal_basis"], batch_size=_BATCH
    )
    ended = list(OrganisationVersion.objects.filter(pk__in=effects["ended"]))
    for version in ended:
        version.valid = (version.valid.lower, None)
    OrganisationVersion.objects.bulk_update(ended, ["valid"], batch_size=_BATCH)
