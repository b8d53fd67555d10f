from __future__ import annotations

from django.utils.translation import gettext as _

from chuan.lib.rules import Denied, HoldsRoles, rule

# Values of people.enums.Role: `people` stands above this layer.
AUDITOR, ADMINISTRATOR = "auditor", "system_administrator"
READERS = (AUDITOR, ADMINISTRATOR)


@rule
def read_ledger(actor: object) -> None:
    """The ledger is read by auditors and by those who run the system."""
    if not isinstance(actor, HoldsRoles) or not actor.holds(*READERS):
        raise Denied(_("Chỉ người kiểm toán, giám sát và quản trị hệ thống xem được nhật ký."))


@rule
def read_whole_ledger(actor: object) -> None:
    """Auditors read every line; who runs the system reads what is about accounts and settings, and
    nothing of the content of plans and reports."""
    if not isinstance(actor, HoldsRoles) or not actor.holds(AUDITOR):
        raise Denied(_("Bạn chỉ xem được việc về tài khoản, cơ quan và thiết lập hệ thống."))
