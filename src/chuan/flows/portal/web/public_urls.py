from django.urls import path

from chuan.flows.portal.web import formats, public

app_name = "portal"
urlpatterns = [
    path("", public.home, name="home"),
    path("ke-hoach/<int:plan_id>/", public.show_plan, name="plan"),
    path("ke-hoach/<int:plan_id>/nhiem-vu/<str:code>/", public.show_task, name="task"),
    path("ket-qua/<int:period_id>/", public.show_results, name="results"),
    path("hoi-dap/", public.list_answers, name="answers"),
    path("hoi-dap/<int:answer_id>/", public.show_answer, name="answer"),
    path("tim/", public.search, name="search"),
    path("tep/<int:upload_id>/", public.download, name="file"),
    path("du-lieu/", public.open_data, name="data"),
    path("du-lieu/openapi.json", formats.openapi, name="openapi"),
    path("du-lieu/dcat.jsonld", formats.dcat, name="dcat"),
    path("du-lieu/<slug:resource>.json", formats.as_json, name="json"),
    path("du-lieu/<slug:resource>.csv", formats.as_csv, name="csv"),
    path("sitemap.xml", public.sitemap, name="sitemap"),
]
