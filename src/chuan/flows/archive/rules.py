from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.flows.archive.engine.packing import RULES
from chuan.flows.archive.models import Package
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


@rule
def hand_out(package: Package, *, heading_only: Collection[int]) -> None:
    """What a package of old may hold is not what one may hold today: it is made anew.

    :param heading_only: tasks of the department's plans that are followed by their heading alone now.
    """
    if package.rules < RULES or not set(heading_only) <= set(package.heading_only):
        raise Denied(
            _(
                "Gói này lập trước khi có quy định mới về nội dung không đưa vào gói. Hãy lập lại gói "
                "của năm này rồi tải gói mới."
            )
        )
