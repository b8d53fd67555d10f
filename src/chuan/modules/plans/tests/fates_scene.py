"""A plan with bodies that end, for the tests of what becomes of their duties."""

from datetime import date, datetime

from chuan.core.orgs.enums import ChangeKind, Share
from chuan.core.orgs.testing import (
    ChangeEventFactory,
    OrganisationFactory,
    SuccessionLinkFactory,
)
from chuan.modules.plans.enums import (
    FateKind,
)
from chuan.modules.plans.operations import fates as operations
from chuan.modules.plans.queries import fates as queries
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    PlanFactory,
    TaskFactory,
    coordinator_of,
    leader_of,
)

GONE = date(2026, 7, 1)
NOW = datetime(2026, 11, 10, 9, tzinfo=VIETNAM)
TODAY = NOW.date()
BASIS = "Nghị quyết số 12/NQ-HĐND"


class Scene:
    """A district that ended on 1 July 2026 and left two duties; two communes have its place now."""

    def __init__(self):
        self.plan = PlanFactory()
        self.coordinator = coordinator_of(self.plan)
        self.leader = leader_of(self.plan)
        self.district = OrganisationFactory(
            district=True,
            name="Ủy ban nhân dân huyện Cũ",
            short_name="UBND huyện Cũ",
            valid_to=GONE,
        )
        self.communes = [OrganisationFactory(commune=True, valid_from=GONE) for _ in range(2)]
        self.event = ChangeEventFactory(kind=ChangeKind.DISSOLVE, effective_on=GONE)
        for commune in self.communes:
            SuccessionLinkFactory(
                event=self.event,
                predecessor=self.district,
                successor=commune,
                share=Share.PARTIAL,
            )
        self.rows = [
            AssignmentFactory(task=TaskFactory(plan=self.plan), organisation=self.district)
            for _ in range(2)
        ]

    def propose(self, kind=FateKind.CLOSE, rows=None, **fields):
        if kind == FateKind.CLONE:
            fields.setdefault("receivers", {self.district.pk: [one.pk for one in self.communes]})
        return operations.propose_fates(
            actor=fields.pop("actor", self.coordinator),
            plan=self.plan,
            kind=kind,
            assignment_ids=[row.pk for row in (rows or self.rows)],
            basis=fields.pop("basis", BASIS),
            at=NOW,
            **fields,
        )

    def approve(self, decision, actor=None):
        return operations.approve_fates(
            actor=actor or self.leader, decision=decision, version=decision.version, at=NOW
        )

    def undo(self, decision, reason="Chọn nhầm cách xử lý"):
        return operations.undo_fates(
            actor=self.leader,
            decision=decision,
            version=decision.version,
            at=NOW,
            reason=reason,
        )

    def sum(self):
        return queries.sum_of(TODAY, self.plan)
