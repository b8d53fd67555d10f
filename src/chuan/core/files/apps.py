from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "chuan.core.files"
    label = "files"
