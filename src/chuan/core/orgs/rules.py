from __future__ import annotations

from django.utils.translation import gettext as _

from chuan.lib.rules import Denied, HoldsRoles, rule

# A value of people.enums.Role: `people` stands above this layer.
KEEPER = "system_administrator"


@rule
def keep_register(actor: object) -> None:
    """The register of organisations is kept by those who run the system."""
    if not isinstance(actor, HoldsRoles) or not actor.holds(KEEPER):
        raise Denied(_("Chỉ quản trị hệ thống được sửa danh mục cơ quan."))
