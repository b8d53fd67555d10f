"""Giving everybody their digest of the day: at most one each, whatever stops in between."""

from __future__ import annotations

import logging
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chuan.core.calendar.queries import working_calendar
from chuan.core.notices.operations import send_letter, take_along, tell
from chuan.core.notices.queries import wishes_of
from chuan.core.people.models import Person
from chuan.flows.reminders.enums import SectionKind
from chuan.flows.reminders.models import Digest, DigestRun
from chuan.flows.reminders.queries.digests import Draft, drafts_for
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import format_date, format_number

logger = logging.getLogger(__name__)

# Before people come to work: what was done the day before is done.
GIVEN_FROM = time(7)


def give_digests(*, at: datetime) -> DigestRun | None:
    """Give everybody who is due one their digest of the day; None on a day off and before the morning:
    a job missed while the machine was off may be called at any hour.

    Each is recorded, put into the inbox and into the outbox in one transaction of its own, under a
    unique row for person and day: stopped anywhere and started again, it goes on where it was.

    :raises ExceptionGroup: after everybody had their turn, what went wrong with some.
    """
    on = timezone.localdate(at)
    if timezone.localtime(at).time() < GIVEN_FROM:
        return None
    if not working_calendar(on=on).is_working_day(on):
        return None
    done = DigestRun.objects.filter(day=on).first()
    if done is not None:
        return done
    failures: list[Exception] = []
    for draft in drafts_for(on):
        try:
            _give(draft, on, at)
        except Exception as failure:
            # One person's trouble must not keep the others from their reminders.
            logger.exception("Person %s was not reminded", draft.person_id)
            failures.append(failure)
    if failures:
        raise ExceptionGroup("Some people were not reminded", failures)
    run, _is_new = DigestRun.objects.get_or_create(
        day=on,
        defaults={
            "started_at": at,
            "ended_at": timezone.now(),
            "given": Digest.objects.filter(day=on).count(),
        },
    )
    return run


@in_vietnamese
@transaction.atomic
def _give(draft: Draft, on: date, at: datetime) -> Digest | None:
    person = Person.objects.filter(pk=draft.person_id, is_active=True).first()
    if person is None:
        return None
    content = draft.as_json()
    title = _title(on, content)
    is_mailed = bool(person.email) and wishes_of([person.pk])[person.pk].by_mail
    digest, is_new = Digest.objects.get_or_create(
        person=person,
        day=on,
        defaults={"title": title, "content": content, "is_mailed": is_mailed, "made_at": at},
    )
    if not is_new:
        return None
    if draft.reminds:
        tell(
            [person],
            dedupe_key=f"reminders.digest:{on.isoformat()}",
            title=title,
            url=reverse("reminders:digest", args=[digest.pk]),
            mail=False,
        )
    take_along(draft.news)
    if is_mailed:
        send_letter(
            person=person,
            subject=title,
            body=letter_of(person, content),
            dedupe_key=f"reminders.digest:{on.isoformat()}#{person.pk}",
        )
    return digest


def _title(on: date, content: dict[str, Any]) -> str:
    counts = {SectionKind(one["kind"]): one["total"] for one in content["sections"]}
    late = counts.get(SectionKind.OVERDUE, 0) + counts.get(SectionKind.FOR_HEAD, 0)
    near = counts.get(SectionKind.DUE, 0) + counts.get(SectionKind.TO_SIGN, 0)
    elsewhere = counts.get(SectionKind.FOR_DEPARTMENT, 0) + counts.get(SectionKind.AWAITED, 0)
    news = counts.get(SectionKind.NEWS, 0)
    said = [
        text % {"count": format_number(count)}
        for count, text in (
            (near, ngettext("%(count)s việc đến hạn", "%(count)s việc đến hạn", near)),
            (late, ngettext("%(count)s việc quá hạn", "%(count)s việc quá hạn", late)),
            (
                elsewhere,
                ngettext(
                    "%(count)s việc chậm của cơ quan khác",
                    "%(count)s việc chậm của cơ quan khác",
                    elsewhere,
                ),
            ),
            (news, ngettext("%(count)s thông báo mới", "%(count)s thông báo mới", news)),
        )
        if count
    ]
    return _("Nhắc việc ngày %(day)s: %(what)s") % {
        "day": format_date(on),
        "what": ", ".join(said),
    }


def letter_of(person: Person, content: dict[str, Any]) -> str:
    """The digest as a letter in plain text: every line says what, until when and where."""
    parts = [_("Kính gửi: %s") % person.full_name]
    parts += [_section_text(section) for section in content["sections"]]
    parts.append(
        _("Chọn cách nhận thư: %s") % (settings.CHUAN_URL + reverse("reminders:mine"))
        + "\n"
        + _("Thư này do hệ thống Chuẩn tự gửi. Không cần trả lời.")
    )
    return "\n\n".join(parts) + "\n"


def _section_text(section: dict[str, Any]) -> str:
    total = section["total"]
    lines = [f"{SectionKind(section['kind']).label.upper()} ({format_number(total)})"]
    for line in section["lines"]:
        what = " ".join(filter(None, (line["ref"], line["text"])))
        lines.append(f"- {what}" + (f"\n  {line['note']}" if line["note"] else ""))
        if line["url"]:
            lines.append(f"  {settings.CHUAN_URL}{line['url']}")
    if total > len(section["lines"]):
        lines.append(
            _("Xem tất cả %(count)s: %(url)s")
            % {"count": format_number(total), "url": settings.CHUAN_URL + section["more_url"]}
        )
    return "\n".join(lines)
