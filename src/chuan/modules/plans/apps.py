from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "chuan.modules.plans"
    label = "plans"
