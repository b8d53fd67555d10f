from __future__ import annotations

from django.utils.translation import gettext as _

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule


@rule
def see_health(actor: Person) -> None:
    """The machine's state is the system administrator's business."""
    if not actor.holds(Role.SYSTEM_ADMINISTRATOR):
        raise Denied(_("Chỉ người quản trị hệ thống xem được sức khỏe hệ thống."))
