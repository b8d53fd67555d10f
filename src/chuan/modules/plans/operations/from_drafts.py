"""What approving a new plan and approving an amendment have in common: a draft becomes rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.documents.enums import DocumentType, FilePurpose, RelationKind
from chuan.core.documents.models import OfficialDocument
from chuan.core.documents.operations import attach_upload, register_document
from chuan.core.documents.parts import Mention
from chuan.core.people.models import Person
from chuan.modules.plans import rules
from chuan.modules.plans.engine.draft import Draft, DraftTask
from chuan.modules.plans.engine.problems import Problem
from chuan.modules.plans.enums import PartyRole
from chuan.modules.plans.models import Deliverable, Party, Plan, PlanImport, Substitution, Task
from chuan.modules.plans.operations.deliverables import Wanted, checked_weights
from chuan.modules.plans.queries import imports as import_queries


class NotReady(Exception):
    """The draft cannot become a plan yet; `problems` are all that is in the way."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(_("Bản nhập còn điểm phải xử lý trước khi phê duyệt."))
        self.problems = problems


def locked_import(plan_import: PlanImport) -> PlanImport:
    # Two coordinators can have the same draft open; and it becomes a plan once.
    return (
        PlanImport.objects.select_for_update(of=("self",))
        .select_related("upload__file", "managed_by")
        .get(pk=plan_import.pk)
    )


def require_version(plan_import: PlanImport, version: int | None) -> None:
    if version is not None and plan_import.version != version:
        raise rules.Conflict(plan_import)


def saved_import(plan_import: PlanImport, actor: Person, at: datetime) -> PlanImport:
    plan_import.version += 1
    plan_import.updated_by, plan_import.updated_at = actor, at
    plan_import.save(
        update_fields=[
            "state",
            "draft",
            "plan",
            "made_version",
            "version",
            "updated_by",
            "updated_at",
        ]
    )
    return plan_import


def register_decision(
    draft: Draft,
    plan_import: PlanImport,
    actor: Person,
    at: datetime,
    *,
    mentions: Sequence[Mention] = (),
) -> OfficialDocument:
    """The decision behind a draft, in the department's register, with its file."""
    head = draft.document
    document = register_document(
        actor=actor,
        held_by=plan_import.managed_by,
        kind=DocumentType.DECISION,
        symbol=symbol_of(draft),
        issued_on=head.issued_on,
        issuer=import_queries.issuer_of(draft),
        issuer_name=head.issuer,
        signer=head.signer,
        subject=head.title,
        received_on=timezone.localdate(at),
        mentions=[
            *(Mention(RelationKind.BASED_ON, symbol) for symbol in head.based_on),
            *mentions,
        ],
    )
    attach_upload(
        actor=actor, document=document, purpose=FilePurpose.ORIGINAL, upload=plan_import.upload
    )
    return document


def symbol_of(draft: Draft) -> str:
    return f"{int(draft.document.number):02d}/{draft.document.notation}"


def parties_of(draft: Draft, task: Task, one: DraftTask) -> list[Party]:
    found = []
    for role, names in ((PartyRole.LEAD, one.lead), (PartyRole.COORDINATING, one.coordinating)):
        for position, name in enumerate(names, start=1):
            match = draft.match(name)
            if match is None:
                raise LookupError(name)
            found.append(
                Party(
                    task=task,
                    role=role,
                    kind=match.kind,
                    name=name,
                    text=one.texts.get(name, name),
                    group_id=match.group_id,
                    organisation_id=match.organisation_id,
                    position=position,
                )
            )
    return found


def deliverables_of(task: Task, one: DraftTask) -> list[Deliverable]:
    if one.heading_only:
        return []
    wanted = [
        Wanted(item.title, item.weight, item.evidence_kinds) for item in one.deliverables
    ] or [Wanted((one.product or one.short_text)[:300])]
    return [
        Deliverable(
            task=task,
            title=item.title,
            weight=weight,
            evidence_kinds=[str(kind) for kind in item.evidence_kinds],
            position=position,
        )
        for position, (item, weight) in enumerate(
            zip(wanted, checked_weights(wanted), strict=True), start=1
        )
    ]


def create_substitutions(draft: Draft, plan: Plan, actor: Person, at: datetime) -> None:
    Substitution.objects.bulk_create(
        Substitution(
            plan=plan,
            group_id=one.group_id,
            organisation_id=one.organisation_id,
            by_group_id=one.by_group_id,
            by_organisation_id=one.by_organisation_id,
            from_day=one.from_day,
            basis=one.basis,
            decided_by=actor,
            decided_at=at,
        )
        for one in draft.stand_ins
    )
