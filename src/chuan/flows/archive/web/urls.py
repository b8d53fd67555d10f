from django.urls import path

from chuan.flows.archive.web import views

app_name = "archive"
urlpatterns = [
    path("", views.packages, name="list"),
    path("<int:package_id>/tai/", views.download, name="download"),
]
