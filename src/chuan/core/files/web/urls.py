from django.urls import path

from chuan.core.files.web import resumable, views

app_name = "files"
urlpatterns = [
    path("<int:upload_id>/", views.download, name="download"),
    path("gui/", resumable.begin, name="begin"),
    path("gui/<str:key>/", resumable.part, name="part"),
]
