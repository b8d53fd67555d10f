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
    # Of a lot told by quantity: each parcel is told of by itself.
    PACKED = "packed", _("Đã đóng hết vào kiện")
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


# Types of links of the GS1 Web Vocabulary (`engine/linktypes.py`), as people choose them.
LINK_TYPES = {
    "pip": _("Trang thông tin sản phẩm"),
    "traceability": _("Truy xuất nguồn gốc"),
    "certificationInfo": _("Chứng nhận"),
    "safetyInfo": _("An toàn"),
    "recallStatus": _("Tình trạng thu hồi"),
    "instructions": _("Hướng dẫn sử dụng"),
    "ingredientsInfo": _("Thành phần"),
    "nutritionalInfo": _("Dinh dưỡng"),
    "allergenInfo": _("Chất gây dị ứng"),
    "consumerHandlingStorageInfo": _("Bảo quản và sử dụng"),
    "sustainabilityInfo": _("Phát triển bền vững"),
    "productSustainabilityInfo": _("Phát triển bền vững (tên cũ)"),
    "recipeInfo": _("Công thức chế biến"),
    "hasRetailers": _("Nơi bán"),
    "promotion": _("Khuyến mại"),
    "homepage": _("Trang chủ"),
    "locationInfo": _("Thông tin địa điểm"),
    "openingHoursInfo": _("Giờ mở cửa"),
    "logisticsInfo": _("Thông tin vận chuyển"),
    "masterData": _("Dữ liệu gốc"),
    "epcis": _("Kho sự kiện EPCIS"),
    "smartLabel": _("Nhãn thông minh"),
    "verificationService": _("Dịch vụ xác thực"),
    "registryEntry": _("Mục trong sổ đăng ký"),
    "registerProduct": _("Đăng ký sản phẩm đã mua"),
    "epil": _("Tờ hướng dẫn thuốc cho người bệnh"),
    "smpc": _("Tóm tắt đặc tính của thuốc"),
    "support": _("Hỗ trợ khách hàng"),
    "serviceInfo": _("Dịch vụ, bảo dưỡng"),
    "faqs": _("Câu hỏi thường gặp"),
    "quickStartGuide": _("Hướng dẫn nhanh"),
    "tutorial": _("Bài hướng dẫn"),
    "relatedVideo": _("Phim giới thiệu"),
    "whatsInTheBox": _("Trong hộp có gì"),
    "purchaseSuppliesOrAccessories": _("Mua phụ kiện, vật tư"),
    "activityIdeas": _("Gợi ý cách dùng, vui chơi"),
    "menuInfo": _("Thực đơn"),
    "review": _("Đánh giá"),
    "leaveReview": _("Viết đánh giá"),
    "socialMedia": _("Mạng xã hội"),
    "statisticInfo": _("Số liệu thống kê"),
    "paymentLink": _("Thanh toán"),
    "userAgreement": _("Điều khoản sử dụng"),
    "careersInfo": _("Tuyển dụng"),
    "handledBy": _("Bên giải đáp mã này"),
    "jws": _("Dữ liệu có chữ ký số"),
}
