"""Who opens what to the public, and when."""

from __future__ import annotations

from django.utils.translation import gettext as _

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.flows.portal.models import Publication
from chuan.lib.rules import Denied, rule

PUBLISHERS = (Role.DEPARTMENT_LEADER,)
DESK = (Role.DEPARTMENT_COORDINATOR, Role.DEPARTMENT_LEADER)
READERS = (*DESK, Role.PROVINCIAL_LEADER, Role.AUDITOR)


@rule
def see_desk(actor: Person) -> None:
    """The department sees what it has opened and can open; the province and auditors look on."""
    if not actor.holds(*READERS):
        raise Denied(_("Chỉ cơ quan theo dõi kế hoạch làm việc với nội dung công khai."))


@rule
def publish(actor: Person, managed_by_id: int) -> None:
    """A leader of the department that watches over the plan answers for what the public reads."""
    if not actor.holds(*PUBLISHERS, organisation_id=managed_by_id):
        raise Denied(_("Chỉ lãnh đạo cơ quan theo dõi kế hoạch được công khai nội dung."))


@rule
def withdraw(actor: Person, publication: Publication, managed_by_id: int) -> None:
    """Taking back must be quick: coordinators of the department may do it too, with a reason."""
    if not actor.holds(*DESK, organisation_id=managed_by_id):
        raise Denied(_("Chỉ cơ quan theo dõi kế hoạch được gỡ nội dung đã công khai."))
    if publication.withdrawn_at is not None:
        raise Denied(_("Nội dung này đã được gỡ."))
