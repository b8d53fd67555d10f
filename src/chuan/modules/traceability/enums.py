"""What a key opens, what happens to documents with faults, and how far a recall has come."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    CAPTURE = "capture"
    QUERY = "query"


class ErrorBehaviour(models.TextChoices):
    """What a capture does when some of its events are wrong (EPCIS 2.0, section 12.6)."""

    ROLLBACK = "rollback"
    PROCEED = "proceed"


class MasterKind(models.TextChoices):
    """What master data tell about (CBV 2.0, section 9)."""

    PLACE = "place", _("Địa điểm")
    PARTY = "party", _("Tổ chức, cá nhân")
    PRODUCT = "product", _("Sản phẩm")


class RecallState(models.TextChoices):
    DRAFT = "draft", _("Đang truy tìm")
    ISSUED = "issued", _("Đang thu hồi")
    ENDED = "ended", _("Đã kết thúc")
    ABANDONED = "abandoned", _("Đã bỏ")


# Every move a recall can make. docs/reference/ draws this table.
RECALL_MOVES: dict[RecallState, frozenset[RecallState]] = {
    RecallState.DRAFT: frozenset({RecallState.ISSUED, RecallState.ABANDONED}),
    RecallState.ISSUED: frozenset({RecallState.ENDED}),
    RecallState.ENDED: frozenset(),
    RecallState.ABANDONED: frozenset(),
}


class Fate(models.TextChoices):
    """What events say became of goods."""

    HELD = "held", _("Đang lưu giữ")
    IN_TRANSIT = "in_transit", _("Đang vận chuyển")
    SOLD = "sold", _("Đã bán lẻ")
    EXPORTED = "exported", _("Đã xuất khẩu")
    CONSUMED = "consumed", _("Đã dùng để chế biến")
    DESTROYED = "destroyed", _("Đã tiêu hủy")
    ENDED = "ended", _("Đã ngừng dùng mã")


class Outcome(models.TextChoices):
    """What officers found out about goods of a recall."""

    OPEN = "open", _("Chưa xử lý")
    FOUND = "found", _("Đã tìm thấy")
    RETURNED = "returned", _("Đã thu về")
    DESTROYED = "destroyed", _("Đã tiêu hủy")
    LOST = "lost", _("Không thu được")


# What may be told next of goods. Destroyed goods stay destroyed.
OUTCOME_MOVES: dict[Outcome, frozenset[Outcome]] = {
    Outcome.OPEN: frozenset({Outcome.FOUND, Outcome.RETURNED, Outcome.DESTROYED, Outcome.LOST}),
    Outcome.FOUND: frozenset({Outcome.RETURNED, Outcome.DESTROYED, Outcome.LOST}),
    Outcome.RETURNED: frozenset({Outcome.DESTROYED}),
    Outcome.DESTROYED: frozenset(),
    Outcome.LOST: frozenset({Outcome.FOUND, Outcome.RETURNED, Outcome.DESTROYED}),
}


# Units of UN/ECE Recommendation 20 that people weigh and count in here. Pieces have none in events.
PIECES = "EA"
UNITS = (
    ("KGM", _("kg")),
    ("TNE", _("tấn")),
    ("LTR", _("lít")),
    (PIECES, _("gói, hộp, con (đếm cái)")),
)
