from django.urls import path

from chuan.core.access.web import views

app_name = "access"
urlpatterns = [
    path("", views.show_me, name="me"),
    path("phien/", views.list_sessions, name="sessions"),
    path("phien/<int:session_id>/ket-thuc/", views.end_session, name="end_session"),
    path("phien/ket-thuc-noi-khac/", views.end_other_sessions, name="end_other_sessions"),
]
