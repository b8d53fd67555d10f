"""Who looks into chains of goods, and who recalls them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule
from chuan.modules.traceability.enums import RECALL_MOVES, RecallState
from chuan.modules.traceability.models import ChainFinding, Party, Recall
from chuan.modules.traceability.rules.registry import tell_production

INSPECTION = (Role.DEPARTMENT_COORDINATOR, Role.DEPARTMENT_LEADER)
OVERSIGHT = (Role.PROVINCIAL_LEADER, Role.AUDITOR)


class Conflict(Exception):
    """Somebody saved after this person opened the page; nothing was overwritten."""

    def __init__(self, stored: object) -> None:
        super().__init__(_("Nội dung này vừa được người khác sửa."))
        self.stored = stored


@rule
def see_chains(actor: Person) -> None:
    """Inspectors and oversight look into chains of goods."""
    if not actor.holds(*INSPECTION, *OVERSIGHT):
        raise Denied(_("Chỉ cán bộ quản lý và cơ quan giám sát được tra cứu chuỗi hàng hóa."))


@rule
def close_finding(actor: Person, finding: ChainFinding) -> None:
    """What does not fit is looked into by inspectors, once."""
    if not actor.holds(*INSPECTION):
        raise Denied(_("Chỉ cán bộ quản lý được kết thúc việc xem xét."))
    if finding.state != ChainFinding.State.OPEN:
        raise Denied(_("Chỗ này đã xem xét rồi, hoặc không còn."))


@rule
def open_recall(actor: Person, organisation_id: int) -> None:
    """A recall is opened by the specialists and leaders of a department, for their own."""
    if not actor.holds(*INSPECTION, organisation_id=organisation_id):
        raise Denied(_("Chỉ cán bộ của cơ quan quản lý được mở đợt thu hồi của cơ quan mình."))


@rule
def run_recall(actor: Person, recall: Recall) -> None:
    """Searching again is for the department of a recall that has not ended."""
    _of_department(actor, recall)
    if recall.state not in (RecallState.DRAFT, RecallState.ISSUED):
        raise Denied(_("Đợt thu hồi đã kết thúc, không truy tìm thêm."))


@rule
def issue_recall(actor: Person, recall: Recall) -> None:
    """A leader of the department orders a recall, not the person who opened it (four eyes)."""
    if not actor.holds(Role.DEPARTMENT_LEADER, organisation_id=recall.organisation_id):
        raise Denied(_("Chỉ lãnh đạo cơ quan quản lý được ban hành thu hồi."))
    if actor.pk == recall.opened_by_id:
        raise Denied(_("Người mở đợt thu hồi không tự ban hành: người khác phải quyết định."))
    _moves(recall, RecallState.ISSUED)


@rule
def abandon_recall(actor: Person, recall: Recall) -> None:
    """A search that leads to no recall is put away by its department."""
    _of_department(actor, recall)
    _moves(recall, RecallState.ABANDONED)


@rule
def end_recall(actor: Person, recall: Recall) -> None:
    """A leader of the department ends a recall."""
    if not actor.holds(Role.DEPARTMENT_LEADER, organisation_id=recall.organisation_id):
        raise Denied(_("Chỉ lãnh đạo cơ quan quản lý được kết thúc đợt thu hồi."))
    _moves(recall, RecallState.ENDED)


@rule
def work_on_recall(actor: Person, recall: Recall) -> None:
    """Telling holders, and noting what was found, returned, destroyed: the department, while a
    recall is in force."""
    _of_department(actor, recall)
    if recall.state != RecallState.ISSUED:
        raise Denied(_("Chỉ làm được việc này khi đợt thu hồi đã ban hành và chưa kết thúc."))


@rule
def answer_recall(actor: Person, recall: Recall, party: Party) -> None:
    """Whoever was told of a recall in force answers for its own goods."""
    tell_production.require(actor, party)
    if recall.state != RecallState.ISSUED:
        raise Denied(_("Đợt thu hồi này không còn chờ trả lời."))
    if not recall.notices.filter(holder__in=party.uris).exists():
        raise Denied(_("Đơn vị chưa được thông báo về đợt thu hồi này."))


def _of_department(actor: Person, recall: Recall) -> None:
    if not actor.holds(*INSPECTION, organisation_id=recall.organisation_id):
        raise Denied(_("Chỉ cán bộ của cơ quan phụ trách đợt thu hồi làm được việc này."))


def _moves(recall: Recall, target: RecallState) -> None:
    current = RecallState(recall.state)
    if target not in RECALL_MOVES[current]:
        raise Denied(
            _("Đợt thu hồi ở trạng thái “%(now)s”, không chuyển sang “%(next)s” được.")
            % {"now": current.label, "next": target.label}
        )
