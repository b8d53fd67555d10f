"""Who asks coordinating bodies for their part, and who answers."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule
from chuan.modules.plans.enums import (
    REQUEST_MOVES,
    PartyRole,
    RequestState,
)
from chuan.modules.plans.models import (
    Assignment,
    ContributionRequest,
)
from chuan.modules.plans.rules.standing import UNIT
from chuan.modules.plans.rules.work import post_update


@rule
def ask_for_part(actor: Person, lead: Assignment, on: date) -> None:
    """A body that leads a task asks those that coordinate in it; what is followed by its heading
    alone is asked about on paper."""
    if lead.role != PartyRole.LEAD or not actor.holds(*UNIT, organisation_id=lead.organisation_id):
        raise Denied(_("Chỉ cơ quan chủ trì nhiệm vụ đề nghị cơ quan phối hợp góp phần."))
    if lead.task.heading_only:
        raise Denied(_("Nhiệm vụ này chỉ theo dõi đầu mục: không nhận nội dung và tệp."))
    post_update.require(actor, lead, on)


@rule
def answer_request(actor: Person, request: ContributionRequest, on: date) -> None:
    """The body that was asked answers, as it tells progress, while the request waits."""
    _require_asked_body(actor, request)
    post_update.require(actor, request.assignment, on)
    _require_request_move(request, RequestState.ANSWERED)


@rule
def decline_request(actor: Person, request: ContributionRequest) -> None:
    """The body that was asked declines while the request waits."""
    _require_asked_body(actor, request)
    _require_request_move(request, RequestState.DECLINED)


@rule
def withdraw_request(actor: Person, request: ContributionRequest) -> None:
    """The body that asked takes its request back while it waits."""
    if not actor.holds(*UNIT, organisation_id=request.lead.organisation_id):
        raise Denied(_("Chỉ cơ quan đã đề nghị rút được đề nghị."))
    _require_request_move(request, RequestState.WITHDRAWN)


def _require_asked_body(actor: Person, request: ContributionRequest) -> None:
    if not actor.holds(*UNIT, organisation_id=request.assignment.organisation_id):
        raise Denied(_("Chỉ cơ quan được đề nghị trả lời hoặc từ chối."))


def _require_request_move(request: ContributionRequest, target: RequestState) -> None:
    current = RequestState(request.state)
    if target not in REQUEST_MOVES[current]:
        raise Denied(
            _("Đề nghị đang ở trạng thái “%(now)s”, không chuyển sang “%(next)s” được.")
            % {"now": current.label, "next": target.label}
        )
