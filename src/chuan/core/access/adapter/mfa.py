from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.utils.translation import gettext_lazy as _

from chuan.core.people.models import Person


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Whose role asks for a second factor cannot switch it off."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _(
            "Vai trò của bạn bắt buộc xác thực hai bước nên không tắt được. Nếu đổi điện thoại, hãy "
            "nhờ người quản trị hệ thống đặt lại."
        ),
        "cannot_generate_recovery_codes": _("Hãy bật xác thực hai bước trước khi tạo mã dự phòng."),
        "incorrect_code": _(
            "Mã chưa đúng. Nhập mã đang hiện trong ứng dụng; kiểm tra giờ của điện thoại có đúng không."
        ),
    }

    def get_totp_label(self, user: Person) -> str:
        return user.username

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not authenticator.user.needs_second_factor
