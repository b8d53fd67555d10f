"""Who sees which dashboard."""

from __future__ import annotations

from django.utils.translation import gettext as _

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule
from chuan.modules.plans import facade as plans

UNIT_ROLES = (Role.UNIT_CLERK, Role.UNIT_HEAD)
OVERSIGHT_ROLES = (Role.PROVINCIAL_LEADER, Role.AUDITOR)


def readable_organisation_ids(person: Person) -> frozenset[int]:
    """The bodies a person works in, and those they worked in until these were dissolved."""
    return person.organisation_ids(*UNIT_ROLES) | person.archived_organisation_ids(*UNIT_ROLES)


@rule
def see_overview(actor: Person) -> None:
    """Whoever has a part in the work sees how it stands; who only manages accounts does not."""
    if not plans.may_see_plans(actor):
        raise Denied(_("Vai trò của bạn không xem nội dung kế hoạch."))


@rule
def see_whole_plan(actor: Person, managed_by_id: int) -> None:
    """Every body's work is seen by the department that watches over the plan, leaders of the
    province and auditors."""
    if not plans.sees_whole_plan(actor, managed_by_id):
        raise Denied(_("Chỉ cơ quan theo dõi kế hoạch xem được phần việc của mọi cơ quan."))


@rule
def see_body(actor: Person, managed_by_id: int, organisation_id: int) -> None:
    """One body's work is seen by its own people, also when it is no more, and by whoever sees the
    whole plan."""
    if organisation_id in readable_organisation_ids(actor):
        return
    if not plans.sees_whole_plan(actor, managed_by_id):
        raise Denied(_("Bạn chỉ xem được tổng quan của cơ quan mình."))
