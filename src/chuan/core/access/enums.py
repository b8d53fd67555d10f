from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountEvent(models.TextChoices):
    """What the ledger keeps about a person's way in and out; the value names the action there."""

    SIGNED_IN = "signed_in", _("Đăng nhập")
    SIGN_IN_FAILED = "sign_in_failed", _("Đăng nhập không thành công")
    SIGNED_OUT = "signed_out", _("Đăng xuất")
    PASSWORD_CHANGED = "password_changed", _("Đổi mật khẩu")
    PASSWORD_RESET = "password_reset", _("Đặt lại mật khẩu")
    SECOND_FACTOR_ADDED = "second_factor_added", _("Bật xác thực hai bước")
    SECOND_FACTOR_REMOVED = "second_factor_removed", _("Tắt xác thực hai bước")
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed", _("Tạo lại mã dự phòng")
    WRONG_CODE = "wrong_code", _("Nhập sai mã xác thực")
