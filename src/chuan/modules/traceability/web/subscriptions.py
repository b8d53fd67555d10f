"""Who is sent events, and whether they arrive: for whoever runs the server."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.forms import FilterForm
from chuan.core.ui.tables import Column, Table
from chuan.core.ui.templatetags.pieces import tag
from chuan.modules.traceability import rules
from chuan.modules.traceability.models import Subscription
from chuan.modules.traceability.queries.standing import subscriptions_with_their_keys


class SubscriptionFilters(FilterForm):
    tinh_trang = forms.ChoiceField(
        label=gettext_lazy("Tình trạng"),
        required=False,
        choices=[
            ("", gettext_lazy("Tất cả")),
            ("loi", gettext_lazy("Bên nhận chưa nhận")),
            ("tot", gettext_lazy("Đang gửi")),
        ],
    )


def _state(row: Subscription) -> SafeString:
    if not row.query.key.is_good(at=timezone.now()):
        return tag("line", _("Khóa hết hiệu lực"), "ban")
    if row.failure_count:
        return tag("bad", _("Bên nhận chưa nhận"), "alert-triangle")
    return tag("done", _("Đang gửi"), "check")


def _when(row: Subscription) -> str:
    if row.is_stream:
        return _("Ngay khi có")
    told = row.schedule
    if (
        "hour" in told
        and set(told) <= _CLOCK
        and all(str(one).isdecimal() for one in told.values())
    ):
        hour, minute = int(told["hour"]), int(told.get("minute", 0))
        return _("Hằng ngày lúc %(time)s") % {"time": f"{hour:02}:{minute:02}"}
    return ", ".join(f"{_FIELDS.get(name, name)} {value}" for name, value in told.items())


_CLOCK = {"hour", "minute", "second"}
_FIELDS = {
    "second": gettext_lazy("giây"),
    "minute": gettext_lazy("phút"),
    "hour": gettext_lazy("giờ"),
    "dayOfMonth": gettext_lazy("ngày trong tháng"),
    "month": gettext_lazy("tháng"),
    "dayOfWeek": gettext_lazy("ngày trong tuần (1 là thứ Hai)"),
}
# What programs say of lines that do not hold, as it stands within longer texts.
_FAILURES = (
    (
        ("Name or service not known", "No address associated", "no address"),
        gettext_lazy("Không tìm thấy máy chủ này: kiểm tra tên miền."),
    ),
    (("Connection refused",), gettext_lazy("Máy chủ từ chối kết nối.")),
    (("no answer in time", "timed out"), gettext_lazy("Máy chủ không trả lời kịp.")),
    (("certificate", "SSL"), gettext_lazy("Chứng thư bảo mật của máy chủ không hợp lệ.")),
)


def _in_words(failure: str) -> Any:
    return next(
        (words for signs, words in _FAILURES if any(sign in failure for sign in signs)), failure
    )


def _failure(row: Subscription) -> SafeString | str:
    if not row.failure_count:
        return ""
    times = _("%(count)d lần") % {"count": row.failure_count}
    return format_html("{}<br><small>{}</small>", times, _in_words(row.failure))


class SubscriptionTable(Table):
    name = "gui-su-kien"
    caption = gettext_lazy("Nơi nhận sự kiện")
    noun = gettext_lazy("nơi nhận")
    filter_form = SubscriptionFilters
    default_order = "key"
    empty_title = gettext_lazy("Chưa có nơi nào nhận sự kiện")
    empty_text = gettext_lazy(
        "Hệ thống của các đơn vị tự đăng ký bằng khóa truy cập, qua /epcis/v2/queries."
    )
    empty_icon = "send"
    columns = (
        Column(
            "key",
            gettext_lazy("Khóa truy cập"),
            value=lambda row: row.query.key.name,
            is_header=True,
            order="query__key__name",
        ),
        Column("query.name", gettext_lazy("Câu hỏi"), order="query__name"),
        # Without path and question: some receivers keep a password there.
        Column("dest", gettext_lazy("Gửi đến"), value=lambda row: urlsplit(row.dest).netloc),
        Column("when", gettext_lazy("Khi nào"), value=_when),
        Column("state", gettext_lazy("Tình trạng"), value=_state, order="failure_count"),
        Column("notified_at", gettext_lazy("Nhận gần nhất"), order="notified_at"),
        Column("failure", gettext_lazy("Lần gửi không được"), value=_failure, css="wide"),
        Column("due_at", gettext_lazy("Gửi tiếp"), order="due_at"),
    )

    def filter(self, rows: Any, chosen: dict[str, Any]) -> Any:
        wanted = chosen.get("tinh_trang")
        if wanted == "loi":
            return rows.filter(failure_count__gt=0)
        return rows.filter(failure_count=0) if wanted == "tot" else rows


@require_safe
def subscriptions(request: SignedInRequest) -> HttpResponseBase:
    rules.see_subscriptions.require(request.user)
    table = SubscriptionTable(request, subscriptions_with_their_keys())
    return table.download() or render(request, "traceability/subscriptions.html", {"table": table})
