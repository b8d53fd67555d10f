from django.urls import include, path

urlpatterns = [
    path("", include("chuan.core.ui.urls")),
]
