"""Sign-ins and changes of credentials, into the ledger.

The only signals this system listens to: allauth offers no other way to learn of them. Nothing of
the business hangs on them.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.signals import (
    password_changed,
    password_reset,
    password_set,
    user_logged_in,
    user_logged_out,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from chuan.core.access import operations
from chuan.core.access.enums import AccountEvent
from chuan.core.people.models import Person
from chuan.core.ui.context import THEME_COOKIE
from chuan.core.ui.views import YEAR


def _ip(request: HttpRequest) -> str:
    return str(get_adapter().get_client_ip(request))


@receiver(user_logged_in)
def _signed_in(
    request: HttpRequest, user: Person, response: HttpResponse | None = None, **rest: Any
) -> None:
    methods = [row["method"] for row in request.session.get("account_authentication_methods", [])]
    operations.note_event(
        actor=user, event=AccountEvent.SIGNED_IN, ip=_ip(request), methods=methods
    )
    if response is not None:
        _bring_preferences(request, user, response)


def _bring_preferences(request: HttpRequest, user: Person, response: HttpResponse) -> None:
    """Language and theme chosen for the account follow the person to every browser they sign in with.

    What was never chosen for it stays as this browser has it: whoever took English on the page of
    signing in goes on in English.
    """
    for name, value in [(settings.LANGUAGE_COOKIE_NAME, user.language), (THEME_COOKIE, user.theme)]:
        if value:
            response.set_cookie(
                name,
                value,
                max_age=YEAR,
                secure=request.is_secure(),
                httponly=name != THEME_COOKIE,  # theme.js reads it
                samesite="Lax",
            )


@receiver(user_logged_out)
def _signed_out(request: HttpRequest, user: Person | None, **rest: Any) -> None:
    if user is not None:
        operations.note_event(actor=user, event=AccountEvent.SIGNED_OUT, ip=_ip(request))


@receiver([password_changed, password_set])
def _password_changed(request: HttpRequest, user: Person, **rest: Any) -> None:
    operations.note_event(actor=user, event=AccountEvent.PASSWORD_CHANGED, ip=_ip(request))
    operations.end_every_session(person=user)


@receiver(password_reset)
def _password_reset(request: HttpRequest, user: Person, **rest: Any) -> None:
    operations.note_event(actor=user, event=AccountEvent.PASSWORD_RESET, ip=_ip(request))
    operations.end_every_session(person=user)


@receiver(authenticator_added)
def _second_factor_added(user: Person, authenticator: Authenticator, **rest: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        operations.note_event(actor=user, event=AccountEvent.SECOND_FACTOR_ADDED)


@receiver(authenticator_removed)
def _second_factor_removed(user: Person, authenticator: Authenticator, **rest: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        operations.note_event(actor=user, event=AccountEvent.SECOND_FACTOR_REMOVED)


@receiver(authenticator_reset)
def _recovery_codes_renewed(user: Person, **rest: Any) -> None:
    operations.note_event(actor=user, event=AccountEvent.RECOVERY_CODES_RENEWED)


@receiver(authentication_failed)
def _wrong_code(request: HttpRequest, user: Person, **rest: Any) -> None:
    operations.note_event(actor=user, event=AccountEvent.WRONG_CODE, ip=_ip(request))
