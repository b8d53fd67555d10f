from __future__ import annotations

from django.utils.translation import gettext as _

from chuan.lib.rules import Denied, HoldsRoles, rule

# Values of people.enums.Role: `people` stands above this layer.
KEEPERS = ("department_coordinator", "department_leader", "system_administrator")


@rule
def keep_calendar(actor: object) -> None:
    """Days off are entered by the standing department and the administrators."""
    if not isinstance(actor, HoldsRoles) or not actor.holds(*KEEPERS):
        raise Denied(_("Chỉ cơ quan thường trực và quản trị hệ thống được sửa lịch nghỉ."))
