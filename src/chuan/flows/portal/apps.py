from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from chuan.core.people.models import Person


class PortalConfig(AppConfig):
    name = "chuan.flows.portal"
    label = "portal"

    def ready(self) -> None:
        from chuan.core.audit import titles  # noqa: PLC0415 - apps are ready here
        from chuan.core.ui import navigation  # noqa: PLC0415
        from chuan.core.ui.navigation import Item, Section  # noqa: PLC0415
        from chuan.core.ui.site import site  # noqa: PLC0415
        from chuan.flows.portal import rules  # noqa: PLC0415

        def sees_desk(person: Person) -> bool:
            return rules.see_desk.allows(person)

        site.open_pages = lambda: reverse("portal:home")
        navigation.add(
            Item(
                Section.WORK,
                _("Công khai"),
                "world",
                "publishing:desk",
                visible=sees_desk,
                order=60,
            )
        )
        titles.register_all(
            {
                "portal.published": _("Công khai cho người dân"),
                "portal.withdrawn": _("Gỡ nội dung công khai"),
            }
        )
