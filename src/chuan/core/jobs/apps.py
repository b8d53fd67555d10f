from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "chuan.core.jobs"
    label = "jobs"
