from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    name = "chuan.core.access"
    label = "access"

    def ready(self) -> None:
        from chuan.core.access.adapter import ledger  # noqa: F401, PLC0415 - connects its receivers
        from chuan.core.access.enums import AccountEvent, ViewingState  # noqa: PLC0415
        from chuan.core.access.queries import find_people  # noqa: PLC0415
        from chuan.core.access.rules import HELPERS, help_people  # noqa: PLC0415
        from chuan.core.audit import titles  # noqa: PLC0415
        from chuan.core.people.enums import Role  # noqa: PLC0415
        from chuan.core.people.rules import administer_accounts  # noqa: PLC0415
        from chuan.core.ui import (  # noqa: PLC0415
            finding,
            navigation,
            status,
        )
        from chuan.core.ui.navigation import Item, Section  # noqa: PLC0415
        from chuan.core.ui.site import site  # noqa: PLC0415
        from chuan.core.ui.status import Status  # noqa: PLC0415

        site.is_demo = lambda: settings.CHUAN_DEMO
        titles.register_all(
            {f"access.{event.value}": event.label for event in AccountEvent}, administrative=True
        )
        titles.register_all(
            {
                "access.password_link_made": _("Tạo liên kết đặt mật khẩu"),
                "access.second_factor_reset": _("Đặt lại xác thực hai bước"),
                "access.session_ended": _("Kết thúc phiên đăng nhập"),
                "access.sessions_ended": _("Kết thúc mọi phiên đăng nhập"),
                "access.viewing_asked": _("Xin xem như người khác"),
                "access.viewing_granted": _("Đồng ý cho xem như mình"),
                "access.viewing_refused": _("Không đồng ý cho xem như mình"),
                "access.viewing_started": _("Bắt đầu xem như người khác"),
                "access.viewing_ended": _("Kết thúc xem như người khác"),
                "access.viewing_page_opened": _("Mở trang khi xem như người khác"),
            },
            administrative=True,
        )
        group = _("Tài khoản")
        for known in [
            Status("account_open", _("Đang mở"), "done", "check", group),
            Status("account_closed", _("Đang khóa"), "line", "lock", group),
            Status("role_current", _("Đang giữ"), "ok", "circle-check", group),
            Status("role_to_come", _("Sắp bắt đầu"), "info", "clock", group),
            Status("role_ended", _("Đã kết thúc"), "line", "history", group),
            Status("delegation_current", _("Đang thay"), "ok", "circle-check", group),
            Status("revoked", _("Đã thu hồi"), "line", "ban", group),
            *(
                Status(state.value, state.label, tone, icon, group)
                for state, tone, icon in [
                    (ViewingState.ASKED, "info", "clock"),
                    (ViewingState.REFUSED, "line", "ban"),
                    (ViewingState.GRANTED, "ok", "circle-check"),
                    (ViewingState.OPEN, "warn", "eye"),
                    (ViewingState.OVER, "done", "check"),
                    (ViewingState.LAPSED, "line", "history"),
                ]
            ),
        ]:
            status.add(known)
        navigation.add(
            Item(
                Section.SYSTEM,
                _("Người dùng"),
                "users",
                "access:people",
                visible=administer_accounts.allows,
                order=10,
            )
        )
        navigation.add(
            Item(
                Section.SYSTEM,
                _("Xem như người khác"),
                "eye",
                "access:viewings",
                visible=lambda person: person.holds(*HELPERS, Role.AUDITOR),
                order=15,
            )
        )
        for label, icon, url_name, order in [
            (_("Tài khoản của tôi"), "user", "access:me", 10),
            (_("Ủy quyền khi vắng mặt"), "shield-check", "access:delegations", 20),
            (_("Phiên đăng nhập"), "device-desktop", "access:sessions", 30),
        ]:
            navigation.add(Item(Section.ACCOUNT, label, icon, url_name, order=order))
        finding.add(
            finding.Finder("people", _("Người dùng"), "users", find_people, help_people.allows, 90)
        )
