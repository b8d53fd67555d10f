from __future__ import annotations

from django.utils.translation import gettext as _

from chuan.core.orgs.enums import EVENT_MOVES, ON_THE_TABLE, EventState, ReformState
from chuan.core.orgs.models import ApportionmentKey, ChangeEvent, Reform
from chuan.lib.rules import Denied, HoldsRoles, rule

# Values of people.enums.Role: `people` stands above this layer.
KEEPER = "system_administrator"
# Who prepares reorganisations, and who may be the second to look at them.
PREPARERS = (KEEPER, "department_coordinator")
CONFIRMERS = (*PREPARERS, "department_leader")


@rule
def keep_register(actor: object) -> None:
    """The register of organisations is kept by those who run the system."""
    if not isinstance(actor, HoldsRoles) or not actor.holds(KEEPER):
        raise Denied(_("Chỉ quản trị hệ thống được sửa danh mục cơ quan."))


@rule
def prepare_events(actor: object) -> None:
    """Reorganisations are prepared by those who run the system or watch over the plan."""
    if not isinstance(actor, HoldsRoles) or not actor.holds(*PREPARERS):
        raise Denied(
            _("Chỉ quản trị hệ thống hoặc chuyên viên theo dõi được soạn sự kiện sắp xếp cơ quan.")
        )


@rule
def see_drafts(actor: object) -> None:
    """What is only being prepared is seen by those who prepare and confirm."""
    if not isinstance(actor, HoldsRoles) or not actor.holds(*CONFIRMERS):
        raise Denied(_("Sự kiện này chưa được ghi nên chỉ người soạn và người xác nhận xem được."))


@rule
def see_event(actor: object, event: ChangeEvent) -> None:
    """Everybody sees what was committed or reversed."""
    if event.state in ON_THE_TABLE or event.state == EventState.ABANDONED:
        see_drafts.require(actor)


@rule
def change_draft(actor: object, event: ChangeEvent) -> None:
    """A draft is changed until it is handed over; whoever changes it has prepared it."""
    prepare_events.require(actor)
    if event.state != EventState.DRAFT:
        raise Denied(_("Sự kiện không còn là bản soạn. Chuyển lại để sửa, hoặc lập sự kiện mới."))


@rule
def propose_event(actor: object, event: ChangeEvent) -> None:
    """A draft is handed to a second person."""
    change_draft.require(actor, event)


@rule
def hand_back_event(actor: object, event: ChangeEvent) -> None:
    """Whoever prepared it takes it back; whoever was to confirm it sends it back."""
    if not isinstance(actor, HoldsRoles) or not actor.holds(*CONFIRMERS):
        raise Denied(_("Chỉ người soạn và người xác nhận được chuyển lại sự kiện."))
    if event.state != EventState.PROPOSED:
        raise Denied(_("Sự kiện này không chờ xác nhận."))


@rule
def abandon_event(actor: object, event: ChangeEvent) -> None:
    """A draft nobody needs is put aside; it stays to be seen."""
    change_draft.require(actor, event)


@rule
def commit_event(actor: object, event: ChangeEvent) -> None:
    """A second person confirms: never the one who prepared it."""
    if not isinstance(actor, HoldsRoles) or not actor.holds(*CONFIRMERS):
        raise Denied(
            _(
                "Chỉ quản trị hệ thống, chuyên viên theo dõi hoặc lãnh đạo cơ quan thường trực "
                "được xác nhận sự kiện."
            )
        )
    if EventState.COMMITTED not in EVENT_MOVES[EventState(event.state)]:
        raise Denied(_("Sự kiện này không chờ xác nhận."))
    if event.prepared_by_id == getattr(actor, "pk", None):
        raise Denied(_("Bạn đã soạn sự kiện này nên cần một người khác xác nhận."))


@rule
def reverse_event(actor: object, event: ChangeEvent) -> None:
    """A committed event is reversed by whoever may confirm one; not what came with the data files."""
    if not isinstance(actor, HoldsRoles) or not actor.holds(*CONFIRMERS):
        raise Denied(
            _(
                "Chỉ quản trị hệ thống, chuyên viên theo dõi hoặc lãnh đạo cơ quan thường trực "
                "được hoàn tác sự kiện."
            )
        )
    if event.state != EventState.COMMITTED:
        raise Denied(_("Chỉ hoàn tác được sự kiện đã ghi."))
    if not event.effects:
        raise Denied(_("Sự kiện này nạp cùng dữ liệu ban đầu của hệ thống nên không hoàn tác."))


@rule
def change_reform(actor: object, reform: Reform) -> None:
    """A list of units is compared and taken over as long as nobody has put it aside."""
    prepare_events.require(actor)
    if reform.state != ReformState.OPEN:
        raise Denied(_("Bản nhập này đã bỏ."))


@rule
def state_key(actor: object, event: ChangeEvent) -> None:
    """How the figures of a split body are divided is stated by those who prepare reorganisations."""
    prepare_events.require(actor)
    if event.state != EventState.COMMITTED:
        raise Denied(_("Chỉ lập khóa phân bổ cho sự kiện đã ghi."))


@rule
def confirm_key(actor: object, key: ApportionmentKey) -> None:
    """A second person confirms a key: never the one who stated it."""
    _require_confirmer(actor)
    if key.ended_at or key.confirmed_at:
        raise Denied(_("Khóa phân bổ này không chờ xác nhận."))
    if key.event.state != EventState.COMMITTED:
        raise Denied(_("Sự kiện của khóa phân bổ này đã được hoàn tác."))
    if key.stated_by_id == getattr(actor, "pk", None):
        raise Denied(_("Bạn đã lập khóa phân bổ này nên cần một người khác xác nhận."))


@rule
def end_key(actor: object, key: ApportionmentKey) -> None:
    """A key that waits or holds is taken back by whoever may confirm one."""
    _require_confirmer(actor)
    if key.ended_at:
        raise Denied(_("Khóa phân bổ này đã kết thúc."))


def _require_confirmer(actor: object) -> None:
    if not isinstance(actor, HoldsRoles) or not actor.holds(*CONFIRMERS):
        raise Denied(
            _(
                "Chỉ quản trị hệ thống, chuyên viên theo dõi hoặc lãnh đạo cơ quan thường trực "
                "được xác nhận hoặc bỏ khóa phân bổ."
            )
        )
