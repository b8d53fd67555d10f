"""Reorganisations: what they would do, what they did, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from chuan.core.orgs import rules
from chuan.core.orgs.engine import changes, proposals
from chuan.core.orgs.engine.proposals import Known, Plan, Proposal, Spell
from chuan.core.orgs.enums import EventState, Stance
from chuan.core.orgs.models import ChangeEvent, OrganisationVersion, SuccessionLink
from chuan.core.orgs.queries.dependents import (
    Affected,
    Consequence,
    consequences_of,
    reasons_against_reversal,
)
from chuan.lib.vietnamese import clean, fold


@dataclass(frozen=True, slots=True)
class Preview:
    """What confirming would do to the register, and to everything that hangs on its bodies."""

    proposal: Proposal
    plan: Plan
    affected: Affected
    consequences: list[Consequence]


def events_visible_to(reader: object) -> QuerySet[ChangeEvent]:
    """Committed and reversed ones; drafts too for those who prepare and confirm. Newest first."""
    events = ChangeEvent.objects.select_related(
        "legal_basis", "prepared_by", "confirmed_by", "reversed_by"
    )
    if not rules.see_drafts.allows(reader):
        events = events.filter(state__in=[EventState.COMMITTED, EventState.REVERSED])
    return events.order_by("-effective_on", "-pk")


def events_to_confirm(reader: object) -> list[ChangeEvent]:
    """What waits for this person as the second one, what waits longest first."""
    waiting = ChangeEvent.objects.filter(state=EventState.PROPOSED).order_by("prepared_at", "pk")
    return [one for one in waiting if rules.commit_event.allows(reader, one)]


def proposal_of(event: ChangeEvent) -> Proposal:
    return Proposal.of_json(event.kind, event.effective_on, event.proposal)


def plan_of(proposal: Proposal) -> Plan:
    """What the proposal would do to the register as it stands now. At most eight queries."""
    return changes.plan(proposal, known_for(proposal))


def preview(event: ChangeEvent, reader: object) -> Preview:
    """What confirming the event would do, as of now, with what the reader may see of it."""
    proposal = proposal_of(event)
    plan = plan_of(proposal)
    affected = _would_affect(event, plan)
    return Preview(proposal, plan, affected, consequences_of(affected, reader))


def affected_of(event: ChangeEvent) -> Affected:
    """The bodies an event touched, or would touch as the register stands now."""
    if event.state in {EventState.DRAFT, EventState.PROPOSED}:
        return _would_affect(event, plan_of(proposal_of(event)))
    return affected_by(event)


def _would_affect(event: ChangeEvent, plan: Plan) -> Affected:
    return Affected(
        on=event.effective_on,
        ended=frozenset(int(ref) for ref in plan.ended),
        changed=frozenset(int(ref) for ref in plan.changed),
    )


def affected_by(event: ChangeEvent) -> Affected:
    """The bodies a committed event touched."""
    effects = event.effects
    ended = effects.get("gone", [])
    if not effects and event.state == EventState.COMMITTED:
        # What came with the data files keeps no record of what it wrote.
        ended = OrganisationVersion.objects.filter(
            organisation__in=event.links.values("predecessor"), valid__endswith=event.effective_on
        ).values_list("organisation_id", flat=True)
    return Affected(
        on=event.effective_on,
        ended=frozenset(ended),
        changed=frozenset(effects.get("changed", [])),
        begun=frozenset(effects.get("created", [])),
    )


def known_for(proposal: Proposal) -> Known:
    """The register as far as a proposal reaches: its bodies, who is below and above them."""
    wanted = proposal.known_ids()
    ending = [
        int(part.ref)
        for part in proposal.parts
        if part.stance == Stance.ENDS and proposals.is_known(part.ref)
    ]
    if ending:
        below = OrganisationVersion.objects.filter(
            parent_id__in=ending, valid__overlap=(proposal.on, None)
        )
        wanted |= set(below.values_list("organisation_id", flat=True))
    versions: dict[int, OrganisationVersion] = {}
    asked: set[int] = set()
    # Up from parent to parent: four floors from a commune to the nation.
    while new := wanted - asked:
        asked |= new
        for version in OrganisationVersion.objects.filter(organisation_id__in=new):
            versions[version.pk] = version
            if version.parent_id:
                wanted.add(version.parent_id)
    links = SuccessionLink.objects.filter(event__effective_on=proposal.on)
    return Known(
        spells=tuple(spell_of(version) for version in versions.values()),
        same_day=tuple(
            (str(one), str(other))
            for one, other in links.values_list("predecessor_id", "successor_id")
        ),
    )


def spell_of(version: OrganisationVersion) -> Spell:
    """A version as the engine knows it."""
    return Spell(
        pk=version.pk,
        ref=str(version.organisation_id),
        start=version.valid.lower,
        end=version.valid.upper,
        facts={
            **{name: getattr(version, name) for name in proposals.TEXT_FACTS},
            "parent": str(version.parent_id or ""),
        },
    )


def reasons_against(event: ChangeEvent) -> list[str]:
    """Everything that forbids to reverse a committed event, each with what to do about it."""
    reasons = []
    later = later_events(event)
    if later:
        reasons.append(
            _("Sự kiện ghi sau đó dựa trên sự kiện này: %(events)s. Hoàn tác sự kiện sau trước.")
            % {"events": "; ".join(str(one) for one in later[:3])}
        )
    elif changed := _changed_since(event):
        reasons.append(
            _("Thông tin của %(names)s đã được sửa sau sự kiện nên không hoàn tác được.")
            % {"names": ", ".join(changed)}
        )
    if event.keys.filter(ended_at=None).exists():
        reasons.append(
            _(
                "Có tỷ lệ phân bổ số liệu đang dùng hoặc chờ xác nhận dựa trên sự kiện này. Kết thúc tỷ lệ "
                "đó trước."
            )
        )
    return reasons + reasons_against_reversal(affected_by(event))


def later_events(event: ChangeEvent) -> list[ChangeEvent]:
    """Committed later, and about bodies this one changed or brought in."""
    created = event.effects.get("created", [])
    return list(
        ChangeEvent.objects.filter(
            Q(touched__overlap=event.touched) | Q(leans_on__overlap=created),
            state=EventState.COMMITTED,
            confirmed_at__gt=event.confirmed_at,
        )
        .exclude(pk=event.pk)
        .order_by("-confirmed_at", "pk")
    )


def _changed_since(event: ChangeEvent) -> list[str]:
    """Names of bodies whose rows are not as the event left them, and of new ones below its own."""
    effects = event.effects
    begun, ended = effects.get("begun", []), effects.get("ended", [])
    created = effects.get("created", [])
    mine = [*begun, *(pk for pk, _before in effects.get("amended", []))]
    open_ones = set(
        OrganisationVersion.objects.filter(
            Q(pk__in=mine) & (Q(valid__endswith__isnull=True) | Q(organisation_id__in=created)),
        ).values_list("pk", flat=True)
    )
    names = list(
        OrganisationVersion.objects.filter(pk__in=set(mine) - open_ones)
        .order_by("pk")
        .values_list("short_name", flat=True)[:3]
    )
    names += _names(
        OrganisationVersion.objects.filter(pk__in=ended).exclude(valid__endswith=event.effective_on)
    )
    names += _names(
        OrganisationVersion.objects.filter(
            Q(parent_id__in=created) | Q(organisation_id__in=created)
        ).exclude(pk__in=mine)
    )
    return list(dict.fromkeys(names))[:3]


def _names(versions: QuerySet[OrganisationVersion]) -> list[str]:
    return list(versions.order_by("pk").values_list("short_name", flat=True)[:3])


def names_in(proposal: Proposal) -> dict[str, str]:
    """What the bodies of a proposal are called: known ones by their last name. One query."""
    names = {
        part.ref: part.facts.get("name", "")
        for part in proposal.parts
        if not proposals.is_known(part.ref)
    }
    known = OrganisationVersion.objects.filter(organisation_id__in=proposal.known_ids())
    for version in known.filter(
        Q(valid__startswith__lt=proposal.on) | Q(valid__startswith=None)
    ).order_by("valid"):
        names[str(version.organisation_id)] = version.name
    for version in known.order_by("-valid"):
        names.setdefault(str(version.organisation_id), version.name)
    return names


def words_of(text: str) -> list[str]:
    """The words of a search, without tones."""
    return fold(clean(text)).split()


def has_words(name: str, words: list[str]) -> bool:
    folded = fold(name)
    return all(word in folded for word in words)
