"""What hangs on bodies in plans, told to whoever reorganises them."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chuan.core.orgs.queries.dependents import Affected, Found, Sample
from chuan.core.people.models import Person
from chuan.lib.vietnamese import format_number
from chuan.modules.plans import rules
from chuan.modules.plans.enums import LIVE_FATES
from chuan.modules.plans.models import (
    Assignment,
    ContributionRequest,
    Evidence,
    Fate,
    Party,
    Plan,
    ProgressUpdate,
    Substitution,
)
from chuan.modules.plans.queries.assignments import assignments_visible_to, with_body_name
from chuan.modules.plans.queries.fates import bodies_of


def assignments_hanging_on(affected: Affected, reader: object) -> Found:
    """Work not done yet that a body which ends or changes owes on or after the day.

    Whoever only runs the system reads how many, and nothing of what they say.
    """
    hanging = Q(
        Q(period_end__gt=affected.on) | Q(due_on__gte=affected.on),
        organisation__in=affected.existing,
        done_on__isnull=True,
        closed_on__isnull=True,
    )
    count = Assignment.objects.filter(hanging).count()
    if not isinstance(reader, Person) or not rules.see_plans.allows(reader):
        return Found(count)
    rows = with_body_name(assignments_visible_to(reader).filter(hanging))
    return Found(count, rows.order_by("year", "task__position", "pk"), _assignment)


def _assignment(one: Assignment) -> Sample:
    return Sample(
        f"{one.task.code} {one.task.short_text}",
        _("%(name)s, năm %(year)s") % {"name": one.body_name, "year": one.year},  # type: ignore[attr-defined]
        reverse("plans:assignment", args=[one.pk]),
    )


def words_hanging_on(affected: Affected, reader: object) -> Found:
    """Tasks whose decision names a body that ends, and substitutions that rest on one."""
    parties = Party.objects.filter(organisation__in=affected.ended)
    substitutions = Substitution.objects.filter(by_organisation__in=affected.ended)
    count = parties.count() + substitutions.count()
    if not isinstance(reader, Person) or not rules.see_plans.allows(reader):
        return Found(count)
    named = parties.select_related("task").order_by("task__plan", "task__position", "pk")
    resting = substitutions.select_related("plan").order_by("plan", "pk")
    return Found(count, [*named, *resting], _words)


def _words(one: Party | Substitution) -> Sample:
    if isinstance(one, Substitution):
        return Sample(one.plan.short_title, _("Cơ quan thay thế theo %s") % one.basis)
    return Sample(
        f"{one.task.code} {one.task.short_text}",
        one.name,
        reverse("plans:task", args=[one.task.plan_id, one.task_id]),
    )


def work_forbids_reversal(affected: Affected) -> str:
    """Somebody has worked on what a body brought in by the reorganisation owes."""
    rows = Assignment.objects.filter(organisation__in=affected.begun)
    count = rows.count() - untouched_assignments(affected).count() if affected.begun else 0
    if not count:
        return ""
    return _(
        "Cơ quan do sự kiện này lập đã làm việc trên %(count)s phân công. Ghi một sự kiện mới để sửa."
    ) % {"count": count}


def duties_hanging_on(affected: Affected, _reader: object) -> Found:
    """Decisions about duties of bodies the reorganisation ended: told when it is to be undone."""
    return Found(_live_fates(affected).count())


def duties_left_by(affected: Affected, reader: object) -> list[Sample]:
    """For each plan the reader watches over: what the bodies that ended left behind, and its page."""
    if not isinstance(reader, Person):
        return []
    today = timezone.localdate()
    found = []
    for plan in Plan.objects.filter(valid__contains=affected.on).order_by("pk"):
        if not rules.see_whole_plan.allows(reader, plan):
            continue
        mine = [one for one in bodies_of(plan, today) if one.organisation_id in affected.ended]
        if mine:
            text = _(
                "%(open)s chưa quyết định, %(proposed)s chờ duyệt, %(approved)s đã quyết định"
            ) % {
                "open": format_number(sum(one.undecided for one in mine)),
                "proposed": format_number(sum(one.proposed for one in mine)),
                "approved": format_number(sum(one.approved for one in mine)),
            }
            found.append(Sample(plan.short_title, text, reverse("plans:fates", args=[plan.pk])))
    return found


def decisions_forbid_reversal(affected: Affected) -> str:
    """A decision about what a body left behind rests on its end; it is undone first, by name, and
    never along with the event: two people made it."""
    count = _live_fates(affected).count() if affected.ended else 0
    if not count:
        return ""
    return ngettext(
        "%(count)s nghĩa vụ của cơ quan kết thúc đã được đề xuất hoặc quyết định xử lý. Trả lại đề "
        "xuất và hoàn tác quyết định ở trang “Nghĩa vụ còn lại” của kế hoạch trước.",
        "%(count)s nghĩa vụ của cơ quan kết thúc đã được đề xuất hoặc quyết định xử lý. Trả lại đề "
        "xuất và hoàn tác quyết định ở trang “Nghĩa vụ còn lại” của kế hoạch trước.",
        count,
    ) % {"count": count}


def _live_fates(affected: Affected) -> QuerySet[Fate]:
    return Fate.objects.filter(assignment__organisation__in=affected.ended, state__in=LIVE_FATES)


def untouched_assignments(affected: Affected) -> QuerySet[Assignment]:
    """What the system wrote down for new bodies and nobody has told anything about."""
    return Assignment.objects.filter(
        ~Exists(ProgressUpdate.objects.filter(assignment=OuterRef("pk"))),
        ~Exists(Evidence.objects.filter(assignment=OuterRef("pk"))),
        ~Exists(
            ContributionRequest.objects.filter(
                Q(lead=OuterRef("pk")) | Q(assignment=OuterRef("pk"))
            )
        ),
        organisation__in=affected.begun,
        version=1,
    )
