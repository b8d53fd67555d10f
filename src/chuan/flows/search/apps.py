from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    name = "chuan.flows.search"
    label = "search"

    def ready(self) -> None:
        from chuan.core.ui import navigation  # noqa: PLC0415 - apps are ready here

        navigation.set_search("search:results", _("Tìm nhiệm vụ, cơ quan, văn bản"))
