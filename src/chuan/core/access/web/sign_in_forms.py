"""allauth's forms in our words and with our widgets; what they check is allauth's."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuan.core.ui.forms import Form

Text = str | Promise

_NEW_PASSWORD = _(
    "Ít nhất 10 ký tự. Một câu dài, dễ nhớ với bạn thì tốt hơn một từ có nhiều ký hiệu. Không dùng tên "
    "đăng nhập, ngày sinh hay mật khẩu phổ biến."
)


def _dress(
    field: forms.Field, *, label: Text, missing: Text, hint: Text = "", **attrs: str
) -> None:
    field.label, field.help_text = str(label), str(hint)
    field.error_messages["required"] = str(missing)
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attrs)


class SignInForm(Form, account.LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(
            self.fields["login"],
            label=_("Tên đăng nhập hoặc thư điện tử công vụ"),
            missing=_("Nhập tên đăng nhập hoặc thư điện tử công vụ."),
            autocomplete="username",
            autocapitalize="none",
            spellcheck="false",
        )
        _dress(
            self.fields["password"],
            label=_("Mật khẩu"),
            missing=_("Nhập mật khẩu."),
            hint=_("Dán mật khẩu và trình quản lý mật khẩu đều dùng được."),
        )


class PasswordAgainForm(Form, account.ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self.fields["password"], label=_("Mật khẩu"), missing=_("Nhập mật khẩu."))


def _dress_new_password(form: forms.Form) -> None:
    _dress(
        form.fields["password1"],
        label=_("Mật khẩu mới"),
        missing=_("Nhập mật khẩu mới."),
        hint=_NEW_PASSWORD,
    )
    _dress(
        form.fields["password2"],
        label=_("Nhập lại mật khẩu mới"),
        missing=_("Nhập lại mật khẩu mới."),
    )


class ChangePasswordForm(Form, account.ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(
            self.fields["oldpassword"],
            label=_("Mật khẩu hiện tại"),
            missing=_("Nhập mật khẩu hiện tại."),
        )
        _dress_new_password(self)


class ForgottenPasswordForm(Form, account.ResetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(
            self.fields["email"],
            label=_("Thư điện tử công vụ"),
            missing=_("Nhập thư điện tử công vụ."),
            hint=_("Địa chỉ đã đăng ký cho tài khoản của bạn."),
            autocomplete="email",
            spellcheck="false",
        )
        self.fields["email"].error_messages["invalid"] = str(
            _("Thư điện tử phải có dạng ten@coquan.gov.vn.")
        )


class NewPasswordForm(Form, account.ResetPasswordKeyForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress_new_password(self)


def _dress_code(form: forms.Form, hint: Text) -> None:
    _dress(
        form.fields["code"],
        label=_("Mã xác thực"),
        missing=_("Nhập mã xác thực."),
        hint=hint,
        inputmode="text",
        autocapitalize="none",
        spellcheck="false",
    )
    form.fields["code"].widget.attrs["class"] = "w-8"


class CodeForm(Form, mfa.AuthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress_code(self, _("6 chữ số trong ứng dụng xác thực, hoặc một mã dự phòng."))
        self.fields["code"].widget.attrs["autofocus"] = True


class CodeAgainForm(Form, mfa.ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress_code(self, _("6 chữ số trong ứng dụng xác thực, hoặc một mã dự phòng."))


class SetUpCodeForm(Form, totp.ActivateTOTPForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress_code(self, _("6 chữ số ứng dụng đang hiện cho Chuẩn."))
        self.fields["code"].widget.attrs["inputmode"] = "numeric"
