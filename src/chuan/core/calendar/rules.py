from __future__ import annotations

from django.utils.translation import gettext as _

from chuan.core.calendar.enums import EXTENSION_MOVES, ExtensionState
from chuan.core.calendar.models import Extension
from chuan.lib.rules import Denied, HoldsRoles, rule

# Values of people.enums.Role: `people` stands above this layer.
KEEPERS = ("department_coordinator", "department_leader", "system_administrator")


@rule
def keep_calendar(actor: object) -> None:
    """Days off are entered by the standing department and the administrators."""
    if not isinstance(actor, HoldsRoles) or not actor.holds(*KEEPERS):
        raise Denied(_("Chỉ cơ quan thường trực và quản trị hệ thống được sửa lịch nghỉ."))


def require_extension_move(extension: Extension, target: ExtensionState) -> None:
    """:raises Denied: it was decided or taken back already."""
    current = ExtensionState(extension.state)
    if target not in EXTENSION_MOVES[current]:
        raise Denied(
            _("Đề nghị gia hạn ở trạng thái “%(now)s”, không chuyển sang “%(next)s” được.")
            % {"now": current.label, "next": target.label}
        )


def require_other_person(actor: object, extension: Extension) -> None:
    """:raises Denied: nobody decides on what they asked for themselves (four eyes)."""
    if getattr(actor, "pk", None) == extension.asked_by_id:
        raise Denied(_("Người xin gia hạn không tự quyết định: người khác phải quyết định."))
