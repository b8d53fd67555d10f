from django.db import models
from django.utils.translation import gettext_lazy as _


class SectionKind(models.TextChoices):
    """The parts of a daily digest, in the order they are read: what can still be in time comes before
    what is late already, so that a long list of the latter hides nothing."""

    TO_SIGN = "to_sign", _("Chờ bạn ký gửi")
    DUE = "due", _("Sắp đến hạn")
    OVERDUE = "overdue", _("Quá hạn")
    FOR_HEAD = "for_head", _("Quá hạn, cần thủ trưởng chỉ đạo")
    AWAITED = "awaited", _("Cơ quan khác chậm góp phần cho bạn")
    FOR_DEPARTMENT = "for_department", _("Quá hạn lâu, cần cơ quan theo dõi đôn đốc")
    NEWS = "news", _("Thông báo chưa đọc")
