from django.urls import path

from chuan.flows.my_work.web import views

app_name = "my_work"
urlpatterns = [
    path("", views.go_to_work, name="root"),
    path("viec-cua-toi/", views.show_desk, name="list"),
]
