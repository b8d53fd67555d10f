from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    name = "chuan.core.files"
    label = "files"

    def ready(self) -> None:
        from chuan.core.audit import titles  # noqa: PLC0415 -- apps are ready only now

        titles.register("files.uploaded", _("Tải tệp lên"))
