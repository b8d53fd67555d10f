from __future__ import annotations

from django.utils.translation import gettext as _

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule


@rule
def see_packages(actor: Person) -> None:
    """Coordinators keep the archive of their department; auditors read every one."""
    if not actor.holds(Role.DEPARTMENT_COORDINATOR, Role.AUDITOR):
        raise Denied(_("Chỉ chuyên viên theo dõi, tổng hợp và kiểm toán xem được gói lưu trữ."))


@rule
def make_package(actor: Person, managed_by_id: int) -> None:
    """A package is made by a coordinator of the department whose work it holds, or by an auditor."""
    if actor.holds(Role.AUDITOR):
        return
    if not actor.holds(Role.DEPARTMENT_COORDINATOR, organisation_id=managed_by_id):
        raise Denied(_("Chỉ chuyên viên của cơ quan theo dõi kế hoạch lập được gói lưu trữ."))
