"""Who asks for more time, and who gives it."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from chuan.core.calendar.enums import ExtensionState
from chuan.core.calendar.rules import require_extension_move, require_other_person
from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule
from chuan.modules.plans.models import (
    Assignment,
    DeadlineExtension,
)
from chuan.modules.plans.rules.locks import require_unlocked
from chuan.modules.plans.rules.standing import DEPARTMENT, require_duty


@rule
def ask_for_extension(actor: Person, assignment: Assignment, on: date) -> None:
    """The head of a body asks for more time, before or after the due day, as long as something is
    still owed; of what is followed by its heading alone on paper."""
    if not actor.holds(Role.UNIT_HEAD, organisation_id=assignment.organisation_id):
        raise Denied(_("Chỉ thủ trưởng cơ quan được giao xin gia hạn."))
    more_time_can_be_asked.require(actor, assignment, on)


@rule
def more_time_can_be_asked(_actor: Person, assignment: Assignment, on: date) -> None:
    """As long as something is still owed by a day, whoever asks."""
    require_duty(assignment.task.plan, on)
    if assignment.task.heading_only:
        raise Denied(_("Nhiệm vụ này chỉ theo dõi đầu mục: xin gia hạn theo đường văn bản mật."))
    if assignment.done_on is not None:
        raise Denied(_("Nhiệm vụ đã hoàn thành, không cần gia hạn."))
    if assignment.relieved_on is not None:
        raise Denied(_("Cơ quan khác đã hoàn thành nhiệm vụ này, không cần gia hạn."))
    if assignment.due_on is None:
        raise Denied(_("Nhiệm vụ này không có ngày hạn nên không có gì để gia hạn."))


@rule
def decide_extension(actor: Person, extension: DeadlineExtension) -> None:
    """The department that watches over the plan decides while it waits, never who asked."""
    plan = extension.assignment.task.plan
    if not actor.holds(*DEPARTMENT, organisation_id=plan.managed_by_id):
        raise Denied(_("Chỉ cơ quan theo dõi kế hoạch quyết định gia hạn."))
    require_extension_move(extension, ExtensionState.GRANTED)
    require_other_person(actor, extension)


@rule
def grant_extension(actor: Person, extension: DeadlineExtension) -> None:
    """Whoever decides grants it, unless that would judge anew what a closed year has counted."""
    decide_extension.require(actor, extension)
    require_unlocked(extension.assignment)


@rule
def withdraw_extension(actor: Person, extension: DeadlineExtension) -> None:
    """The head of the body that asked takes it back while it waits."""
    if not actor.holds(Role.UNIT_HEAD, organisation_id=extension.assignment.organisation_id):
        raise Denied(_("Chỉ thủ trưởng cơ quan đã xin rút được đề nghị gia hạn."))
    require_extension_move(extension, ExtensionState.WITHDRAWN)
