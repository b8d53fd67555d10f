from django.urls import path

from chuan.core.files.web import views

app_name = "files"
urlpatterns = [path("<int:upload_id>/", views.download, name="download")]
