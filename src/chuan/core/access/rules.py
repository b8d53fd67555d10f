from __future__ import annotations

from django.utils.translation import gettext as _

from chuan.core.people import rules as people
from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule


@rule
def hand_out_password_link(actor: Person, person: Person) -> None:
    """Administrators let people choose a password; for a closed account there is nothing to open."""
    people.administer_accounts.require(actor)
    if not person.is_active:
        raise Denied(_("Tài khoản này đang khóa. Hãy mở tài khoản trước."))


@rule
def reset_second_factor(actor: Person, person: Person, *, has_one: bool) -> None:
    """An administrator mends other people's second factor, never their own."""
    people.administer_accounts.require(actor)
    if actor == person:
        raise Denied(
            _("Bạn không tự đặt lại xác thực hai bước của mình. Hãy nhờ quản trị viên khác.")
        )
    if not has_one:
        raise Denied(_("Người này chưa bật xác thực hai bước."))
