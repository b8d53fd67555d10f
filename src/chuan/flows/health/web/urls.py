from django.urls import path

from chuan.flows.health.web import views

app_name = "health"
urlpatterns = [
    path("he-thong/suc-khoe/", views.show_health, name="show"),
    path("metrics", views.show_metrics, name="metrics"),
]
