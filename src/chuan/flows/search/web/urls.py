from django.urls import path

from chuan.flows.search.web import views

app_name = "search"
urlpatterns = [path("", views.results, name="results")]
