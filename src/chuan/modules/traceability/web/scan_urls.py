from django.urls import path

from chuan.modules.traceability.web import public

app_name = "scan"
urlpatterns = [
    path("", public.ask, name="ask"),
    path("thu-hoi/", public.recalls, name="recalls"),
    path("phan-mem/", public.software, name="software"),
    path("phan-anh/<path:path>", public.report, name="report"),
    path("da-gui/<path:path>", public.reported, name="reported"),
    path("anh/<int:product_id>.jpg", public.picture, name="picture"),
    path("giay/<int:paper_id>/", public.paper, name="paper"),
    path("<path:path>", public.show, name="show"),
]
