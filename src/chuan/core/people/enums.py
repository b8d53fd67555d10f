from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    UNIT_CLERK = "unit_clerk", _("Cán bộ đầu mối của đơn vị")
    UNIT_HEAD = "unit_head", _("Thủ trưởng đơn vị")
    DEPARTMENT_COORDINATOR = "department_coordinator", _("Chuyên viên theo dõi, tổng hợp")
    DEPARTMENT_LEADER = "department_leader", _("Lãnh đạo cơ quan thường trực")
    PROVINCIAL_LEADER = "provincial_leader", _("Lãnh đạo tỉnh")
    AUDITOR = "auditor", _("Kiểm toán, giám sát")
    SYSTEM_ADMINISTRATOR = "system_administrator", _("Quản trị hệ thống")


# Who must sign in with a second factor: everybody whose word binds more than one unit.
NEEDS_SECOND_FACTOR = frozenset(
    {
        Role.DEPARTMENT_COORDINATOR,
        Role.DEPARTMENT_LEADER,
        Role.PROVINCIAL_LEADER,
        Role.AUDITOR,
        Role.SYSTEM_ADMINISTRATOR,
    }
)


class Language(models.TextChoices):
    VIETNAMESE = "vi", _("Tiếng Việt")
    ENGLISH = "en", _("Tiếng Anh")


class Theme(models.TextChoices):
    """Light or dark; empty means what the machine prefers."""

    LIGHT = "light", _("Nền sáng")
    DARK = "dark", _("Nền tối")


class SigningForm(models.TextChoices):
    """How a substitute signs (Decree 30/2020/NĐ-CP, Article 13)."""

    KT = "KT.", _("KT. – ký thay cấp trưởng")
    TL = "TL.", _("TL. – thừa lệnh")
    TUQ = "TUQ.", _("TUQ. – thừa ủy quyền")
    Q = "Q.", _("Q. – quyền cấp trưởng")


# Acting in a vacant office ("quyền") is an appointment, not something its holder can give away.
GIVEN_BY_DELEGATION = frozenset({SigningForm.KT, SigningForm.TL, SigningForm.TUQ})
