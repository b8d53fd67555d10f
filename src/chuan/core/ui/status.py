"""The words and looks of every state a person meets, in one place.

A state is always an icon and words; colour only repeats them. What is finished is quiet.
`{% status "overdue" %}` draws one; apps may add their own with `statuses.add(...)`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuan.lib.registry import Registry

TONES = frozenset({"", "ok", "warn", "bad", "info", "accent", "line", "done"})


@dataclass(frozen=True, slots=True)
class Status:
    """A key, its words, its tone (one of TONES) and its icon."""

    key: str
    label: str | Promise
    tone: str
    icon: str
    group: str | Promise = ""


statuses: Registry[Status] = Registry(of="status")
_in_order: list[Status] = []


def add(status: Status) -> None:
    """:raises ValueError: the key is taken, or the tone does not exist."""
    if status.tone not in TONES:
        raise ValueError(f"Status {status.key!r} has no such tone: {status.tone!r}")
    statuses.add(status.key, status)
    _in_order.append(status)


def in_order() -> list[Status]:
    """Every status, as they were put up: the order of a state's life."""
    return list(_in_order)


_BY_DEADLINE = _("Theo hạn (tính)")
_REPORT = _("Báo cáo")
_ACHIEVEMENT = _("Mức đạt (đánh giá)")
_READING = _("Đọc văn bản")
_FIGURE = _("Số liệu, vướng mắc")
_STANDARD = _("Tiêu chuẩn")
_RESULT = _("Kết luận đo, thử")

for _status in [
    Status("on_time", _("Đúng hạn"), "done", "check", _BY_DEADLINE),
    Status("late", _("Hoàn thành trễ hạn"), "warn", "clock", _BY_DEADLINE),
    Status("open", _("Còn hạn"), "", "circle", _BY_DEADLINE),
    Status("due_soon", _("Sắp đến hạn"), "info", "circle-half-2", _BY_DEADLINE),
    Status("overdue", _("Quá hạn"), "bad", "alert-triangle", _BY_DEADLINE),
    Status("not_started", _("Chưa bắt đầu"), "line", "circle-dashed", _REPORT),
    Status("in_entry", _("Đang nhập liệu"), "accent", "pencil", _REPORT),
    Status("submitted", _("Đã gửi chờ duyệt"), "info", "clock", _REPORT),
    Status("returned", _("Yêu cầu chỉnh lý"), "warn", "corner-up-left", _REPORT),
    Status("approved", _("Đã duyệt chờ tổng hợp"), "accent", "check", _REPORT),
    Status("consolidated", _("Đã tổng hợp"), "done", "check", _REPORT),
    Status("done", _("Hoàn thành"), "done", "check", _REPORT),
    Status("cannot_start", _("Chưa thể bắt đầu"), "line", "lock", _REPORT),
    Status("locked", _("Đã khóa số liệu"), "line", "lock", _REPORT),
    Status("excluded", _("Đã loại trừ"), "line", "ban", _REPORT),
    Status("has_error", _("Có lỗi"), "bad", "alert-circle", _REPORT),
    Status("no_evidence", _("Chưa có minh chứng"), "warn", "paperclip", _ACHIEVEMENT),
    Status("limited", _("Hạn chế"), "line", "circle-half-2", _ACHIEVEMENT),
    Status("substantial", _("Cơ bản"), "accent", "circle-check", _ACHIEVEMENT),
    Status("complete", _("Hoàn thành"), "done", "check", _ACHIEVEMENT),
    Status("sure", _("Chắc chắn"), "done", "check", _READING),
    Status("doubtful", _("Cần xem lại"), "warn", "eye", _READING),
    Status("unread", _("Chưa đọc được"), "bad", "alert-circle", _READING),
    Status("overridden", _("Đã sửa tay"), "warn", "pencil", _FIGURE),
    Status("answered", _("Đã trả lời"), "ok", "circle-check", _FIGURE),
    Status("waiting_answer", _("Chờ trả lời"), "info", "clock", _FIGURE),
    Status("escalated", _("Đã chuyển cấp tỉnh"), "warn", "send", _FIGURE),
    Status("in_force", _("Còn hiệu lực"), "ok", "circle-check", _STANDARD),
    Status("not_yet_in_force", _("Sắp có hiệu lực"), "info", "clock", _STANDARD),
    Status("replaced", _("Bị thay thế"), "line", "git-merge", _STANDARD),
    Status("expired", _("Hết hiệu lực"), "line", "ban", _STANDARD),
    Status("passed", _("Đạt"), "ok", "circle-check", _RESULT),
    Status("failed", _("Không đạt"), "bad", "alert-octagon", _RESULT),
    Status("inconclusive", _("Không kết luận"), "line", "circle-dashed", _RESULT),
]:
    add(_status)
