"""To see what another person sees: asked for, agreed to, looked, ended, every page noted."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from chuan.core.access import queries, rules
from chuan.core.access.enums import VIEWING_LASTS
from chuan.core.access.models import ViewedPage, Viewing
from chuan.core.audit.operations import record
from chuan.core.notices.operations import tell
from chuan.core.people import queries as people
from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import clean


@transaction.atomic
def ask_to_view(*, actor: Person, person: Person, reason: str, at: datetime) -> Viewing:
    """Ask somebody, and their heads, to be let see what they see.

    :raises Denied: see `rules.ask_to_view`, `rules.ask_anew`.
    :raises ValidationError: no reason.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    rules.ask_to_view.require(actor, person)
    rules.ask_anew.require(queries.lately_asked(actor, person, at=at), at=at)
    viewing = Viewing(person=person, asked_by=actor, asked_at=at, reason=clean(reason))
    viewing.full_clean()
    viewing.save()
    record(action="access.viewing_asked", actor=actor, subject=viewing, reason=viewing.reason)
    _tell_asked(viewing)
    return viewing


@transaction.atomic
def answer_viewing(*, actor: Person, viewing: Viewing, agrees: bool, at: datetime) -> Viewing:
    """:raises Denied: neither the person nor their head, or it is the one who asked."""
    viewing = _locked(viewing)
    rules.answer_viewing.require(actor, viewing, at=at)
    viewing.answered_by, viewing.answered_at, viewing.is_granted = actor, at, agrees
    viewing.bodies = sorted(rules.bodies_seen_by(viewing.person)) if agrees else []
    viewing.save(update_fields=["answered_by", "answered_at", "is_granted", "bodies"])
    action = "access.viewing_granted" if agrees else "access.viewing_refused"
    record(action=action, actor=actor, subject=viewing)
    _tell_answered(viewing)
    return viewing


@transaction.atomic
def start_viewing(*, actor: Person, viewing: Viewing, is_fresh: bool, at: datetime) -> Viewing:
    """Begin to look, until half an hour from now at most. The person is told at once.

    :param is_fresh: the actor has just proved anew who they are, with their second factor.
    :raises Denied: see `rules.start_viewing`.
    """
    viewing = _locked(viewing)
    rules.start_viewing.require(actor, viewing, at=at, is_fresh=is_fresh)
    viewing.started_at, viewing.ends_at = at, at + VIEWING_LASTS
    viewing.save(update_fields=["started_at", "ends_at"])
    record(
        action="access.viewing_started",
        actor=actor,
        subject=viewing,
        ends_at=viewing.ends_at.isoformat(),
        reason=viewing.reason,
    )
    _tell_started(viewing)
    return viewing


@transaction.atomic
def end_viewing(*, actor: Person, viewing: Viewing, at: datetime) -> Viewing:
    """Stop it now, or withdraw what was asked or agreed to.

    :raises Denied: it is over, or none of the actor's business.
    """
    viewing = _locked(viewing)
    rules.end_viewing.require(actor, viewing, at=at)
    viewing.ended_at, viewing.ended_by = at, actor
    viewing.save(update_fields=["ended_at", "ended_by"])
    record(
        action="access.viewing_ended",
        actor=actor,
        subject=viewing,
        pages=ViewedPage.objects.filter(viewing=viewing).count(),
    )
    _tell_ended(viewing)
    return viewing


@transaction.atomic
def note_page(
    *, actor: Person, viewing: Viewing, method: str, path: str, status: int, at: datetime
) -> None:
    """Keep what was opened, or tried, in the name of another: a row to read and a line as evidence.

    :param path: without what was asked for after it, which may name people for ever.
    """
    page = ViewedPage.objects.create(
        viewing=viewing, at=at, method=method[:8], path=path[:500], status=status
    )
    record(
        action="access.viewing_page_opened",
        actor=actor,
        subject=viewing,
        method=page.method,
        path=page.path,
        status=status,
    )


def _locked(viewing: Viewing) -> Viewing:
    return (
        Viewing.objects.select_for_update(of=("self",))
        .select_related("person", "asked_by")
        .get(pk=viewing.pk)
    )


def _url(viewing: Viewing) -> str:
    return reverse("access:viewing", args=[viewing.pk])


def _names(viewing: Viewing) -> dict[str, str]:
    return {"helper": viewing.asked_by.full_name, "person": viewing.person.full_name}


@in_vietnamese
def _tell_asked(viewing: Viewing) -> None:
    heads = people.holders(
        Role.UNIT_HEAD, organisation_ids=viewing.person.organisation_ids()
    ).exclude(pk=viewing.asked_by_id)
    tell(
        {viewing.person, *(one for one in heads if rules.answers_for(one, viewing.person))},
        dedupe_key=f"access.viewing_asked:{viewing.pk}",
        title=_("%(helper)s xin xem các trang như %(person)s đang thấy") % _names(viewing),
        body=_(
            "Lý do: %(reason)s. Người xin chỉ xem trong 30 phút, không sửa, không gửi gì được; mọi trang "
            "đã mở được ghi lại. Bạn đồng ý thì họ mới xem được."
        )
        % {"reason": viewing.reason},
        url=_url(viewing),
        is_security=True,
    )


@in_vietnamese
def _tell_answered(viewing: Viewing) -> None:
    title = (
        _("Đã đồng ý cho bạn xem như %(person)s")
        if viewing.is_granted
        else _("Không đồng ý cho bạn xem như %(person)s")
    )
    tell(
        [viewing.asked_by],
        dedupe_key=f"access.viewing_answered:{viewing.pk}",
        title=title % _names(viewing),
        url=_url(viewing),
        urgent=True,
    )


@in_vietnamese
def _tell_started(viewing: Viewing) -> None:
    tell(
        [viewing.person],
        dedupe_key=f"access.viewing_started:{viewing.pk}",
        title=_("%(helper)s bắt đầu xem như bạn") % _names(viewing),
        body=_("Nhiều nhất 30 phút, chỉ xem. Bạn có thể dừng ngay ở trang của lượt xem này."),
        url=_url(viewing),
        is_security=True,
    )


@in_vietnamese
def _tell_ended(viewing: Viewing) -> None:
    if viewing.started_at is None:
        return
    tell(
        {viewing.person, viewing.asked_by} - {viewing.ended_by},
        dedupe_key=f"access.viewing_ended:{viewing.pk}",
        title=_("%(helper)s đã thôi xem như %(person)s") % _names(viewing),
        body=_("Những trang đã mở được liệt kê ở trang của lượt xem này."),
        url=_url(viewing),
        is_security=True,
    )
