from django.urls import path

from chuan.modules.plans.web import views

app_name = "plans"
urlpatterns = [
    path("ke-hoach/", views.list_plans, name="list"),
    path("ke-hoach/nhap/<int:import_id>/", views.list_plans, name="import"),
    path("ke-hoach/<int:plan_id>/", views.list_plans, name="show"),
    path("ke-hoach/<int:plan_id>/nhiem-vu/<int:task_id>/", views.list_plans, name="task"),
    path("ke-hoach/phan-cong/<int:assignment_id>/", views.list_plans, name="assignment"),
    path("vuong-mac/<int:difficulty_id>/", views.list_plans, name="difficulty"),
]
