from __future__ import annotations

import logging
import smtplib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.notices import queries, rules
from chuan.core.notices.enums import MailState
from chuan.core.notices.models import MailChoice, Notice, OutgoingMail
from chuan.core.people.models import Person
from chuan.lib.vietnamese import clean

logger = logging.getLogger(__name__)

# How long to wait after each failed try; after the last one the letter is given up.
WAITS = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240)]


def tell(
    people: Iterable[Person],
    *,
    dedupe_key: str,
    title: str,
    body: str = "",
    url: str = "",
    urgent: bool = False,
    mail: bool = True,
    is_security: bool = False,
) -> int:
    """Put a notice in each one's inbox; what is urgent goes out as a letter as well.

    Anything else waits for the reader's daily letter, so that an hour with 35 changes is one letter.
    Who chose otherwise, or has no address, finds it in the inbox. Said once whatever the number of
    calls: a job that runs again, or two that run at once, add nothing. No ledger line: a notice
    follows an event that has one.

    :param dedupe_key: names the event: "annual_report.returned:41:2".
    :param url: a path of this site: "/bao-cao/41/".
    :param mail: False keeps it to the inbox.
    :param is_security: somebody may get into the account or look into it: urgent, and a letter at once
        whatever its holder chose, or who wishes for no letters would be the easiest to rob.
    :returns: how many were told now and had not been before.
    """
    return tell_each(
        [(people, Words(title, body, url))],
        dedupe_key=dedupe_key,
        urgent=urgent,
        mail=mail,
        is_security=is_security,
    )


@dataclass(frozen=True, slots=True)
class Words:
    """What a notice says of an event. `url` is a path of this site: "/bao-cao/41/"."""

    title: str
    body: str = ""
    url: str = ""


@transaction.atomic
def tell_each(
    messages: Iterable[tuple[Iterable[Person], Words]],
    *,
    dedupe_key: str,
    urgent: bool = False,
    mail: bool = True,
    is_security: bool = False,
) -> int:
    """As `tell`, one event to many people in words of their own; who is in several reads the first.
    A fixed number of queries."""
    now = timezone.now()
    urgent = urgent or is_security
    told: dict[int, Person] = {}
    words: dict[int, Words] = {}
    for people, given in messages:
        said = Words(clean(given.title), clean(given.body), given.url)
        for person in people:
            if person.is_active:
                told.setdefault(person.pk, person)
                words.setdefault(person.pk, said)
    if not told:
        return 0
    before = set(
        Notice.objects.filter(dedupe_key=dedupe_key, person__in=told).values_list(
            "person_id", flat=True
        )
    )
    fresh = [person for pk, person in told.items() if pk not in before]
    wishes = queries.wishes_of([person.pk for person in fresh]) if mail and fresh else {}
    at_once = {
        pk
        for pk, wish in wishes.items()
        if is_security or (urgent and wish.by_mail and wish.urgent_at_once)
    }
    Notice.objects.bulk_create(
        [
            Notice(
                person=person,
                dedupe_key=dedupe_key,
                title=words[person.pk].title[:300],
                body=words[person.pk].body,
                url=words[person.pk].url,
                is_urgent=urgent,
                awaits_digest=mail
                and bool(person.email)
                and person.pk not in at_once
                and wishes[person.pk].by_mail,
                created_at=now,
            )
            for person in fresh
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )
    OutgoingMail.objects.bulk_create(
        [
            OutgoingMail(
                person=person,
                dedupe_key=f"{dedupe_key}#{person.pk}",
                address=person.email,
                subject=words[person.pk].title[:300],
                body=letter_text(
                    words[person.pk].title, words[person.pk].body, words[person.pk].url
                ),
                created_at=now,
                due_at=now,
            )
            for person in fresh
            if person.email and person.pk in at_once
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )
    return len(fresh)


def letter_text(title: str, body: str, url: str) -> str:
    """The text of a letter: what happened, where to look, and that nobody reads an answer."""
    parts = [title, body]
    if url:
        parts.append(_("Mở trong hệ thống: %s") % (settings.CHUAN_URL + url))
    parts.append(_("Thư này do hệ thống Chuẩn tự gửi. Không cần trả lời."))
    return "\n\n".join(part for part in parts if part) + "\n"


@transaction.atomic
def take_along(notices: Iterable[Notice]) -> None:
    """These notices stand in a daily letter now and wait for no other."""
    ids = [notice.pk for notice in notices]
    Notice.objects.filter(pk__in=ids).update(awaits_digest=False)


@transaction.atomic
def choose_mail(*, actor: Person, by_mail: bool, urgent_at_once: bool) -> MailChoice:
    """Set how somebody's own notices reach them by e-mail; the inbox has them all the same."""
    choice, _is_new = MailChoice.objects.select_for_update().update_or_create(
        person=actor,
        defaults={
            "by_mail": by_mail,
            "urgent_at_once": urgent_at_once,
            "updated_at": timezone.now(),
        },
    )
    if not by_mail:
        Notice.objects.filter(person=actor, awaits_digest=True).update(awaits_digest=False)
    record(
        action="notices.mail_chosen",
        actor=actor,
        subject=actor,
        by_mail=by_mail,
        urgent_at_once=urgent_at_once,
    )
    return choice


@transaction.atomic
def send_letter(
    *, person: Person, subject: str, body: str, is_secret: bool = False, dedupe_key: str = ""
) -> bool:
    """Put one letter in the outbox, without a notice; False when the person has no address.

    :param dedupe_key: names the letter, where a second one must not be written.
    :raises IntegrityError: a letter of that name was written.
    :param is_secret: it carries a key, such as a link to choose a password: its text is forgotten
        as soon as it is sent or given up.
    """
    if not person.email:
        return False
    now = timezone.now()
    OutgoingMail.objects.create(
        person=person,
        dedupe_key=dedupe_key or f"letter:{uuid4()}",
        address=person.email,
        subject=clean(subject)[:300],
        body=body,
        is_secret=is_secret,
        created_at=now,
        due_at=now,
    )
    return True


@transaction.atomic
def mark_read(*, actor: Person, notice: Notice) -> Notice:
    """:raises Denied: the notice was written to somebody else."""
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    rules.read_notice.require(actor, notice)
    if notice.read_at is None:
        notice.read_at = timezone.now()
        notice.save(update_fields=["read_at"])
    return notice


@transaction.atomic
def mark_all_read(*, actor: Person) -> int:
    """Returns how many were unread."""
    unread = Notice.objects.filter(person=actor, read_at__isnull=True)
    return unread.update(read_at=timezone.now())


def send_due_mail(*, at: datetime | None = None, limit: int = 200) -> int:
    """Send the letters that are due; returns how many went out.

    Every letter is marked and committed before it leaves and after it left, and taken by one
    worker only, so a crash never sends one twice. An interrupted one is given up as in doubt.
    """
    _give_up_interrupted(at=at)
    sent = 0
    for _turn in range(limit):
        letter = _take_next(at=at)
        if letter is None:
            break
        sent += _send(letter)
    return sent


@transaction.atomic
def _take_next(*, at: datetime | None) -> OutgoingMail | None:
    letter = queries.mail_due(at=at).select_for_update(skip_locked=True).first()
    if letter is not None:
        letter.state = MailState.SENDING
        letter.attempts += 1
        letter.due_at = timezone.now()
        letter.save(update_fields=["state", "attempts", "due_at"])
    return letter


def _send(letter: OutgoingMail) -> bool:
    message = EmailMessage(
        f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{letter.subject}",
        letter.body,
        to=[letter.address],
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        message.send()
    except (smtplib.SMTPException, OSError, ValueError) as error:
        _note_failure(letter, error)
        return False
    with transaction.atomic():
        letter.state, letter.sent_at, letter.last_error = MailState.SENT, timezone.now(), ""
        letter.body = "" if letter.is_secret else letter.body
        letter.save(update_fields=["state", "sent_at", "last_error", "body"])
    return True


@transaction.atomic
def _note_failure(letter: OutgoingMail, error: Exception) -> None:
    logger.warning("Letter %s was not sent: %s", letter.pk, type(error).__name__)
    letter.last_error = str(error)[:1000]
    # A refused address stays refused; everything else may pass.
    is_final = isinstance(error, smtplib.SMTPRecipientsRefused | ValueError)
    if is_final or letter.attempts > len(WAITS):
        letter.state = MailState.FAILED
        letter.body = "" if letter.is_secret else letter.body
    else:
        letter.state = MailState.WAITING
        letter.due_at = timezone.now() + WAITS[letter.attempts - 1]
    letter.save(update_fields=["state", "due_at", "last_error", "body"])


@transaction.atomic
def _give_up_interrupted(*, at: datetime | None) -> None:
    for letter in queries.mail_interrupted(at=at).select_for_update(skip_locked=True):
        letter.state = MailState.FAILED
        letter.last_error = _("Máy chủ dừng giữa chừng khi đang gửi: không rõ thư đã đi hay chưa.")
        letter.body = "" if letter.is_secret else letter.body
        letter.save(update_fields=["state", "last_error", "body"])


@transaction.atomic
def try_again(*, actor: Person | None, letter: OutgoingMail, by: str = "") -> OutgoingMail:
    """Send a letter that was given up once more, on a person's own decision.

    :param actor: None for the command line; `by` then names it.
    :raises Denied: the actor does not administer the system.
    """
    if actor is not None:
        rules.mend_outbox.require(actor)
    letter = OutgoingMail.objects.select_for_update().get(pk=letter.pk)
    rules.send_again.require(letter)
    letter.state, letter.attempts, letter.due_at = MailState.WAITING, 0, timezone.now()
    letter.save(update_fields=["state", "attempts", "due_at"])
    record(
        action="notices.letter_sent_again",
        actor=actor,
        subject=letter,
        by=by,
        address=letter.address,
    )
    return letter
