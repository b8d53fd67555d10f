from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context as current
from django.db.models import Q
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chuan.core.access import operations
from chuan.core.notices.operations import send_letter
from chuan.core.people.models import Person
from chuan.lib.language import in_vietnamese


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by administrators; signing in takes the user name or the address."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("Tài khoản này đang khóa. Hãy liên hệ người quản trị hệ thống."),
        "email_password_mismatch": _(
            "Tên đăng nhập, thư điện tử hoặc mật khẩu chưa đúng. Kiểm tra phím Caps Lock và bộ gõ "
            "tiếng Việt rồi nhập lại."
        ),
        "username_password_mismatch": _(
            "Tên đăng nhập, thư điện tử hoặc mật khẩu chưa đúng. Kiểm tra phím Caps Lock và bộ gõ "
            "tiếng Việt rồi nhập lại."
        ),
        "enter_current_password": _("Mật khẩu hiện tại chưa đúng. Hãy nhập lại."),
        "incorrect_password": _("Mật khẩu chưa đúng. Hãy nhập lại."),
        "incorrect_code": _(
            "Mã chưa đúng. Nhập mã đang hiện trong ứng dụng; kiểm tra giờ của điện thoại có đúng không."
        ),
        "invalid_password_reset": _("Liên kết này không còn dùng được. Hãy xin liên kết mới."),
        "too_many_login_attempts": _(
            "Bạn đã nhập sai nhiều lần nên việc đăng nhập tạm dừng 5 phút. Hãy đợi rồi thử lại, hoặc "
            "dùng “Quên mật khẩu”."
        ),
        "rate_limited": _("Bạn thao tác quá nhanh. Hãy đợi một phút rồi thử lại."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        # Changing the password signs every browser out, this one included.
        return reverse("account_login")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has just signed in is not asked for the password a second time."""
        records = get_authentication_records(current.request, current.request.user)
        if records and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT:
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        names = {credentials.get("username"), credentials.get("email")} - {None, ""}
        for name in names:
            person = Person.objects.filter(Q(username__iexact=name) | Q(email__iexact=name)).first()
            if person is not None:
                operations.note_failed_sign_in(person=person, ip=self.get_client_ip(request))
                return

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Letters go through the outbox: a mail server that is down does not break the page.

        Nobody is told by mail that an address has no account here.
        """
        person = context.get("user")
        if not isinstance(person, Person):
            return
        facts = {**context, "request": current.request, "email": email}
        subject, body = _letter(template_prefix, facts)
        send_letter(person=person, subject=subject, body=body, is_secret=True)


@in_vietnamese
def _letter(template_prefix: str, facts: dict[str, Any]) -> tuple[str, str]:
    subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", facts).split())
    return subject, render_to_string(f"{template_prefix}_message.txt", facts).strip()
