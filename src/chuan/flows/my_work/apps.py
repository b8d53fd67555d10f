from django.apps import AppConfig


class MyWorkConfig(AppConfig):
    name = "chuan.flows.my_work"
    label = "my_work"
