"""The words and looks of what becomes of goods and recalls."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chuan.core.ui.status import Status

_RECALL = _("Thu hồi hàng hóa")
_GOODS = _("Hàng hóa, theo sự kiện")
_OUTCOME = _("Kết quả thu hồi")

ALL = (
    Status("recall_draft", _("Đang truy tìm"), "info", "search", _RECALL),
    Status("recall_issued", _("Đang thu hồi"), "bad", "alert-octagon", _RECALL),
    Status("recall_ended", _("Đã kết thúc"), "done", "check", _RECALL),
    Status("recall_abandoned", _("Đã bỏ"), "line", "ban", _RECALL),
    Status("goods_held", _("Đang lưu giữ"), "accent", "package", _GOODS),
    Status("goods_in_transit", _("Đang vận chuyển"), "info", "truck", _GOODS),
    Status("goods_sold", _("Đã bán lẻ"), "warn", "users", _GOODS),
    Status("goods_exported", _("Đã xuất khẩu"), "warn", "world", _GOODS),
    Status("goods_consumed", _("Đã dùng để chế biến"), "line", "git-merge", _GOODS),
    Status("goods_destroyed", _("Đã tiêu hủy"), "done", "trash", _GOODS),
    Status("goods_ended", _("Đã ngừng dùng mã"), "line", "ban", _GOODS),
    Status("outcome_open", _("Chưa xử lý"), "", "circle", _OUTCOME),
    Status("outcome_found", _("Đã tìm thấy"), "info", "eye", _OUTCOME),
    Status("outcome_returned", _("Đã thu về"), "ok", "corner-up-left", _OUTCOME),
    Status("outcome_destroyed", _("Đã tiêu hủy"), "done", "trash", _OUTCOME),
    Status("outcome_lost", _("Không thu được"), "warn", "x", _OUTCOME),
)
