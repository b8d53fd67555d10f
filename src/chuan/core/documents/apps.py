from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "chuan.core.documents"
    label = "documents"
