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


class SigningForm(models.TextChoices):
    """How a substitute signs (Decree 30/2020, Article 13)."""

    KT = "KT.", _("KT. – ký thay cấp trưởng")
    TL = "TL.", _("TL. – thừa lệnh")
    TUQ = "TUQ.", _("TUQ. – thừa ủy quyền")
    Q = "Q.", _("Q. – quyền cấp trưởng")
