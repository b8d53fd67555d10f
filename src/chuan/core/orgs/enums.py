from django.db import models
from django.utils.translation import gettext_lazy as _


class OrgKind(models.TextChoices):
    NATIONAL = "national", _("Cơ quan trung ương")
    PROVINCE = "province", _("Ủy ban nhân dân tỉnh")
    PROVINCIAL = "provincial", _("Cơ quan cấp tỉnh")
    ARMED = "armed", _("Công an, quân sự")
    DISTRICT = "district", _("Ủy ban nhân dân cấp huyện")
    COMMUNE = "commune", _("Ủy ban nhân dân cấp xã")
    PARTY_FRONT = "party_front", _("Cơ quan đảng, mặt trận, đoàn thể")
    PRESS = "press", _("Cơ quan báo chí")
    PUBLIC_SERVICE = "public_service", _("Đơn vị sự nghiệp công lập")
    SCHOOL = "school", _("Cơ sở giáo dục")
    ASSOCIATION = "association", _("Hội, hiệp hội")
    ENTERPRISE = "enterprise", _("Doanh nghiệp")


class ChangeKind(models.TextChoices):
    RENAME = "rename", _("Đổi tên")
    MERGE = "merge", _("Hợp nhất, sáp nhập")
    SPLIT = "split", _("Chia, tách")
    DISSOLVE = "dissolve", _("Giải thể")
    REPARENT = "reparent", _("Chuyển cơ quan cấp trên")
    TRANSFER = "transfer", _("Chuyển chức năng, nhiệm vụ")


class Share(models.TextChoices):
    FULL = "full", _("Toàn bộ")
    PARTIAL = "partial", _("Một phần")
