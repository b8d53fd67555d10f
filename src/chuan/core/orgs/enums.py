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


class EventState(models.TextChoices):
    """How far a reorganisation has come: two people, one who prepares it and one who confirms."""

    DRAFT = "draft", _("Đang soạn")
    PROPOSED = "proposed", _("Chờ xác nhận")
    COMMITTED = "committed", _("Đã ghi")
    REVERSED = "reversed", _("Đã hoàn tác")
    ABANDONED = "abandoned", _("Đã bỏ")


# Every move a reorganisation can make. docs/reference/ draws this table.
EVENT_MOVES: dict[EventState, frozenset[EventState]] = {
    EventState.DRAFT: frozenset({EventState.PROPOSED, EventState.ABANDONED}),
    EventState.PROPOSED: frozenset({EventState.DRAFT, EventState.COMMITTED}),
    EventState.COMMITTED: frozenset({EventState.REVERSED}),
    EventState.REVERSED: frozenset(),
    EventState.ABANDONED: frozenset(),
}

# In these the register does not show anything of the event yet.
ON_THE_TABLE = frozenset({EventState.DRAFT, EventState.PROPOSED})


class Stance(models.TextChoices):
    """What becomes of one body in a reorganisation."""

    ENDS = "ends", _("Kết thúc")
    GOES_ON = "goes_on", _("Tiếp tục hoạt động")
    BEGINS = "begins", _("Thành lập mới")
    # Unknown to the register until now, and ended by the event: a commune of long ago.
    WAS = "was", _("Có trước, nay kết thúc")


class ReformState(models.TextChoices):
    OPEN = "open", _("Đang đối chiếu")
    ABANDONED = "abandoned", _("Đã bỏ")
