from __future__ import annotations

from django.utils.translation import gettext as _

from chuan.lib.rules import Denied, HoldsRoles, rule

# Values of people.enums.Role: `people` stands above this layer.
KEEPERS = ("department_coordinator", "department_leader", "system_administrator")


@rule
def keep_law(actor: object) -> None:
    """The table of legal sources is kept by the standing department and the administrators."""
    if not isinstance(actor, HoldsRoles) or not actor.holds(*KEEPERS):
        raise Denied(
            _("Chỉ cơ quan thường trực và quản trị hệ thống được sửa danh mục căn cứ pháp lý.")
        )
