from django.urls import path

from chuan.modules.traceability.web import resolver

urlpatterns = [path("gs1resolver", resolver.description, name="gs1resolver")]
