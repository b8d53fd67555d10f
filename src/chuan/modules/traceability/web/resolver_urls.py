from django.urls import path

from chuan.modules.traceability.web import public, resolver

app_name = "resolver"
urlpatterns = [
    path("", public.ask, name="root"),
    path("<path:path>", resolver.resolve, name="resolve"),
]
