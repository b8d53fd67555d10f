from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from chuan.core.access.enums import ViewingState
from chuan.core.access.models import ViewedPage, Viewing
from chuan.core.access.web.forms import AccountFilter
from chuan.core.people.enums import NEEDS_SECOND_FACTOR
from chuan.core.people.models import Membership, Person
from chuan.core.ui.tables import Column, Table, link
from chuan.core.ui.templatetags.pieces import status, tag


def _name(person: Any) -> SafeString:
    url = reverse("access:person", args=[person.pk])
    return link(url, person.full_name, person.title or person.username)


def _roles(person: Any) -> SafeString | str:
    if not person.roles_then:
        return tag("warn", _("Chưa có vai trò"), "alert-triangle") if person.is_active else "–"
    return format_html_join(
        mark_safe("<br>"),
        '{}<br><span class="muted">{}</span>',
        ((row.get_role_display(), row.organisation_name or "") for row in person.roles_then),
    )


def _roles_in_words(person: Any) -> str:
    return "; ".join(
        f"{row.get_role_display()} – {row.organisation_name or ''}" for row in person.roles_then
    )


def _needs_second_factor(person: Any) -> bool:
    return any(row.role in NEEDS_SECOND_FACTOR for row in person.roles_then)


def _second_factor(person: Any) -> Any:
    if person.has_second_factor:
        return tag("done", _("Đang bật"), "check")
    if _needs_second_factor(person) and person.is_active:
        return tag("warn", _("Chưa bật"), "alert-triangle")
    return _("Không cần")


def _state(person: Any) -> SafeString:
    return status("account_open" if person.is_active else "account_closed")


class AccountTable(Table):
    name = "tai-khoan"
    caption = _("Tài khoản")
    noun = _("tài khoản")
    columns = (
        Column("full_name", _("Họ và tên"), order="sort_key", is_header=True, cell=_name),
        Column("username", _("Tên đăng nhập"), order="username"),
        Column("email", _("Thư điện tử"), on_page=False),
        Column("roles", _("Vai trò hôm nay"), value=_roles_in_words, cell=_roles),
        Column(
            "is_active",
            _("Tình trạng"),
            order="is_active",
            cell=_state,
            export=lambda person: _("Đang mở") if person.is_active else _("Đang khóa"),
        ),
        Column(
            "second_factor",
            _("Hai bước"),
            value=lambda person: person.has_second_factor,
            cell=_second_factor,
        ),
        Column("last_login", _("Đăng nhập gần nhất"), order=F("last_login"), css="nowrap"),
    )
    search = ("search_key",)
    search_hint = _("tên, thư điện tử, chức vụ")
    filter_form = AccountFilter
    default_order = "full_name"
    empty_title = _("Chưa có tài khoản nào")

    def filter(self, rows: QuerySet[Person], chosen: dict[str, Any]) -> QuerySet[Person]:
        today = timezone.localdate()
        held = Membership.objects.filter(person=OuterRef("pk"), valid__contains=today)
        if chosen["vai_tro"]:
            rows = rows.filter(Exists(held.filter(role=chosen["vai_tro"])))
        match chosen["tinh_trang"]:
            case "mo":
                rows = rows.filter(is_active=True)
            case "khoa":
                rows = rows.filter(is_active=False)
            case "chua-vao":
                rows = rows.filter(is_active=True, last_login__isnull=True)
            case "khong-vai-tro":
                rows = rows.filter(~Exists(held), is_active=True)
            case "thieu-hai-buoc":
                needing = held.filter(role__in=NEEDS_SECOND_FACTOR)
                rows = rows.filter(Exists(needing), Q(has_second_factor=False), is_active=True)
        return rows


def _of_whom(viewing: Viewing) -> SafeString:
    url = reverse("access:viewing", args=[viewing.pk])
    return link(url, viewing.person.full_name, viewing.reason)


def _state_now(viewing: Viewing) -> ViewingState:
    return viewing.state_at(timezone.now())


class ViewingTable(Table):
    name = "xem-nhu"
    caption = _("Các lượt xem như người khác")
    noun = _("lượt")
    columns = (
        Column(
            "person",
            _("Xem như"),
            order="person__sort_key",
            is_header=True,
            cell=_of_whom,
            export=lambda viewing: viewing.person.full_name,
        ),
        Column("asked_by.full_name", _("Người xem"), order="asked_by__sort_key"),
        Column("reason", _("Lý do"), on_page=False),
        Column("asked_at", _("Xin lúc"), order="asked_at", css="nowrap"),
        Column("answered_by.full_name", _("Người trả lời")),
        Column(
            "state",
            _("Tình trạng"),
            value=_state_now,
            cell=lambda viewing: status(_state_now(viewing)),
            export=lambda viewing: _state_now(viewing).label,
        ),
        Column("started_at", _("Bắt đầu"), order=F("started_at"), css="nowrap"),
        Column("page_count", _("Trang đã mở"), is_numeric=True),
    )
    default_order = "-asked_at"
    search = ("person__search_key", "asked_by__search_key")
    search_hint = _("tên người")
    empty_title = _("Chưa ai xem như người khác")
    empty_icon = "eye"


def _answer(page: ViewedPage) -> SafeString:
    if page.status < 400:
        return tag("done", _("Đã mở"), "check")
    return tag("line", _("Không mở được"), "ban")


class ViewedPageTable(Table):
    name = "trang-da-mo"
    caption = _("Trang đã mở")
    noun = _("trang")
    per_page = 50
    columns = (
        Column("path", _("Địa chỉ"), is_header=True, css="wide"),
        Column("at", _("Lúc"), order="at", css="ref"),
        Column("method", _("Cách gọi")),
        Column("status", _("Kết quả"), cell=_answer),
    )
    default_order = "-at"
    empty_title = _("Chưa mở trang nào")
    empty_icon = "eye"
