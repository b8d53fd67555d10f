from __future__ import annotations

from datetime import date
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.contrib.sessions.models import Session
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.access import queries, rules
from chuan.core.access.enums import AccountEvent
from chuan.core.access.operations.ways_in import shut_ways_in
from chuan.core.audit.operations import record
from chuan.core.notices.operations import send_letter, tell
from chuan.core.orgs.models import Organisation
from chuan.core.orgs.queries import name_on
from chuan.core.people import operations as people
from chuan.core.people.enums import Role, SigningForm
from chuan.core.people.models import Delegation, Membership, Person
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import format_date


@transaction.atomic
def note_event(*, actor: Person, event: AccountEvent, **details: Any) -> None:
    """Keep in the ledger that a person came in, went out, or changed how they come in."""
    record(action=f"access.{event.value}", actor=actor, subject=actor, **details)


@transaction.atomic
def note_failed_sign_in(*, person: Person, ip: str) -> None:
    """Keep in the ledger that somebody tried a wrong password for this account.

    Tries for accounts that do not exist are not kept: people type passwords into the wrong field.
    """
    record(
        action=f"access.{AccountEvent.SIGN_IN_FAILED.value}",
        actor=None,
        subject=person,
        by="access.sign_in",
        ip=ip,
    )


@transaction.atomic
def end_session(*, actor: Person, session_id: int) -> None:
    """Sign one of the actor's own browsers out.

    :raises UserSession.DoesNotExist: it is somebody else's, or over already.
    """
    session = UserSession.objects.select_for_update().get(pk=session_id, user=actor)
    _end([session])
    record(action="access.session_ended", actor=actor, subject=actor, ip=session.ip)


@transaction.atomic
def end_other_sessions(*, actor: Person, current_key: str | None) -> int:
    """Sign the actor out everywhere but here; returns in how many browsers."""
    sessions = list(
        UserSession.objects.select_for_update().filter(user=actor).exclude(session_key=current_key)
    )
    if sessions:
        _end(sessions)
        record(action="access.sessions_ended", actor=actor, subject=actor, count=len(sessions))
    return len(sessions)


@transaction.atomic
def end_every_session(*, person: Person) -> None:
    """After a change of password or second factor: whoever used the old one is out, also who reads
    with a key that was handed out in the person's name."""
    shut_ways_in(person)
    _end(list(UserSession.objects.select_for_update().filter(user=person)))


def _end(sessions: list[UserSession]) -> None:
    Session.objects.filter(session_key__in=[row.session_key for row in sessions]).delete()
    UserSession.objects.filter(pk__in=[row.pk for row in sessions]).delete()


@transaction.atomic
def make_password_link(*, actor: Person | None, person: Person, by: str = "") -> str:
    """A path that lets a person choose a password once, for three days.

    The one who makes it hands it over or has it sent; it stops working when the password is set.

    :param actor: None for the command line; `by` then names it.
    :raises Denied: the actor does not administer accounts, or the account is closed.
    """
    if actor is not None:
        rules.hand_out_password_link.require(actor, person)
    key = f"{user_pk_to_url_str(person)}-{PasswordResetTokenGenerator().make_token(person)}"
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    record(action="access.password_link_made", actor=actor, subject=person, by=by)
    if person.has_usable_password():
        # Whoever holds the link could come in as this person: they must know it was made.
        tell(
            [person],
            dedupe_key=f"access.password_link:{key}",
            title=_("Người quản trị vừa tạo liên kết chọn mật khẩu cho tài khoản của bạn"),
            body=_("Nếu bạn không nhờ việc này, hãy báo ngay cho lãnh đạo cơ quan bạn."),
            is_security=True,
        )
    return path.replace("UID-KEY", key)


@transaction.atomic
def reset_second_factor(*, actor: Person, person: Person) -> None:
    """Remove a person's authenticator app and codes, for a lost phone; they set up anew.

    Every session of theirs ends.

    :raises Denied: the actor does not administer accounts, it is the actor's own, or there is none.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    rules.reset_second_factor.require(actor, person, has_one=queries.has_second_factor(person))
    Authenticator.objects.filter(user=person).delete()
    end_every_session(person=person)
    record(action="access.second_factor_reset", actor=actor, subject=person)
    _tell_second_factor_reset(person)


@in_vietnamese
def _tell_second_factor_reset(person: Person) -> None:
    """The person, and everybody else who administers accounts: a reset nobody sees is a way in."""
    administrators = Person.objects.filter(
        is_active=True,
        memberships__role=Role.SYSTEM_ADMINISTRATOR,
        memberships__valid__contains=timezone.localdate(),
    )
    tell(
        {person, *administrators},
        dedupe_key=f"access.second_factor_reset:{person.pk}:{timezone.now().isoformat()}",
        title=_("Xác thực hai bước của %(person)s vừa được gỡ") % {"person": person.full_name},
        body=_("Nếu không ai yêu cầu việc này, hãy báo ngay cho lãnh đạo cơ quan."),
        is_security=True,
    )


@transaction.atomic
def send_password_link(*, actor: Person | None, person: Person, by: str = "") -> bool:
    """Send the link by letter; False when the person has no address and must be handed one.

    :raises Denied: as `make_password_link`.
    """
    path = make_password_link(actor=actor, person=person, by=by)
    return _send_link(person, settings.CHUAN_URL + path)


@in_vietnamese
def _send_link(person: Person, link: str) -> bool:
    body = _(
        "Kính gửi %(name)s,\n\n"
        "Bạn có tài khoản %(username)s trong hệ thống Chuẩn. Mở liên kết này để chọn mật khẩu; liên kết "
        "dùng một lần, trong 3 ngày:\n\n%(link)s\n\n"
        "Nếu liên kết hết hạn, vào trang đăng nhập, chọn “Quên mật khẩu”."
    ) % {"name": person.full_name, "username": person.username, "link": link}
    return send_letter(
        person=person, subject=_("Chọn mật khẩu cho tài khoản của bạn"), body=body, is_secret=True
    )


@transaction.atomic
def welcome_person(
    *,
    actor: Person,
    username: str,
    full_name: str,
    email: str,
    title: str,
    organisation: Organisation,
    role: Role,
    start: date,
) -> Person:
    """Open an account with its first role, and send its holder a link to choose a password.

    :raises Denied, ValidationError: as `people.operations.add_person` and `grant_role`.
    """
    person = people.add_person(
        actor=actor, username=username, full_name=full_name, email=email, title=title
    )
    people.grant_role(actor=actor, person=person, organisation=organisation, role=role, start=start)
    send_password_link(actor=actor, person=person)
    return person


@transaction.atomic
def give_role(
    *,
    actor: Person,
    person: Person,
    organisation: Organisation,
    role: Role,
    start: date,
    end: date | None,
) -> Membership:
    """Give a role and let its holder know.

    :raises Denied, ValidationError: as `people.operations.grant_role`.
    """
    membership = people.grant_role(
        actor=actor, person=person, organisation=organisation, role=role, start=start, end=end
    )
    _tell_role_given(membership)
    return membership


@in_vietnamese
def _tell_role_given(membership: Membership) -> None:
    start: date = membership.valid.lower
    tell(
        [membership.person],
        dedupe_key=f"access.role_given:{membership.pk}",
        title=_("Bạn được giao vai trò “%s”") % Role(membership.role).label,
        body=_("Tại %(organisation)s, từ ngày %(start)s.")
        % {
            "organisation": name_on(membership.organisation, start) or "",
            "start": format_date(start),
        },
        url=reverse("access:me"),
    )


@transaction.atomic
def delegate(
    *,
    actor: Person,
    membership: Membership,
    delegate: Person,
    form: SigningForm,
    start: date,
    end: date,
    basis: str,
) -> Delegation:
    """Name a substitute and let both know.

    :raises Denied, ValidationError: as `people.operations.give_delegation`.
    """
    delegation = people.give_delegation(
        actor=actor,
        membership=membership,
        delegate=delegate,
        form=form,
        start=start,
        end=end,
        basis=basis,
    )
    _tell_delegated(delegation, by=actor)
    return delegation


@in_vietnamese
def _tell_delegated(delegation: Delegation, *, by: Person) -> None:
    membership, substitute = delegation.membership, delegation.delegate
    holder = membership.person
    tell(
        [substitute] if holder == by else [substitute, holder],
        dedupe_key=f"access.delegated:{delegation.pk}",
        title=_("%(delegate)s được ủy quyền thay %(holder)s")
        % {"delegate": substitute.full_name, "holder": holder.full_name},
        body=_("Vai trò “%(role)s”, từ ngày %(start)s. Căn cứ: %(basis)s.")
        % {
            "role": Role(membership.role).label,
            "start": format_date(delegation.valid.lower),
            "basis": delegation.basis,
        },
        url=reverse("access:delegations"),
        urgent=True,
    )


@transaction.atomic
def revoke(*, actor: Person, delegation: Delegation) -> Delegation:
    """Take a delegation back and let the substitute know.

    :raises Denied: as `people.operations.revoke_delegation`.
    """
    delegation = people.revoke_delegation(actor=actor, delegation=delegation)
    _tell_revoked(delegation)
    return delegation


@in_vietnamese
def _tell_revoked(delegation: Delegation) -> None:
    tell(
        [delegation.delegate],
        dedupe_key=f"access.revoked:{delegation.pk}",
        title=_("Ủy quyền thay %s đã được thu hồi") % delegation.membership.person.full_name,
        url=reverse("access:delegations"),
        urgent=True,
    )
