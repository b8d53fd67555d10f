from datetime import timedelta

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


# Long enough to look at what is asked about, short enough that nobody works as somebody else.
VIEWING_LASTS = timedelta(minutes=30)
# A request nobody answers, and a consent nobody uses, lapse.
VIEWING_WAITS = timedelta(hours=24)
# Requests of one person to another in that time, whatever came of them: each is a letter to read.
MOST_ASKED_A_DAY = 3
# Seconds since the one who looks proved anew who they are.
FRESH = 5 * 60


class ViewingState(models.TextChoices):
    """Where a viewing stands; most of it follows from the clock, so none of it is stored."""

    ASKED = "viewing_asked", _("Chờ đồng ý")
    REFUSED = "viewing_refused", _("Không đồng ý")
    GRANTED = "viewing_granted", _("Đã đồng ý, chưa xem")
    OPEN = "viewing_open", _("Đang xem")
    OVER = "viewing_over", _("Đã kết thúc")
    LAPSED = "viewing_lapsed", _("Hết hạn, không dùng")


# What has not come to its end: nobody asks for the same meanwhile, and it can be stopped.
GOING_ON = frozenset({ViewingState.ASKED, ViewingState.GRANTED, ViewingState.OPEN})
