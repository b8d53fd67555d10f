from __future__ import annotations

from django.utils.translation import gettext as _

from chuan.lib.rules import Denied, HoldsRoles, rule

# Values of people.enums.Role: `people` stands above this layer.
READERS = ("auditor", "system_administrator")


@rule
def read_ledger(actor: object) -> None:
    """The ledger is read by auditors and by those who run the system."""
    if not isinstance(actor, HoldsRoles) or not actor.holds(*READERS):
        raise Denied(_("Chỉ người kiểm toán, giám sát và quản trị hệ thống xem được nhật ký."))
