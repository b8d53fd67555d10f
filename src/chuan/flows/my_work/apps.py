from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MyWorkConfig(AppConfig):
    name = "chuan.flows.my_work"
    label = "my_work"

    def ready(self) -> None:
        from chuan.core.orgs.queries.dependents import handed_over  # noqa: PLC0415
        from chuan.core.ui import navigation  # noqa: PLC0415 - apps are ready here
        from chuan.core.ui.navigation import Item, Section  # noqa: PLC0415
        from chuan.flows.my_work.operations import tell_confirmers  # noqa: PLC0415

        navigation.add(
            Item(Section.WORK, _("Việc của tôi"), "list-check", "my_work:list", order=10)
        )
        navigation.set_home("my_work:list")
        handed_over.add("my_work.confirmers", tell_confirmers)
