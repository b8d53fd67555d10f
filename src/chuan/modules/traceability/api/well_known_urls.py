from django.urls import path

from chuan.modules.traceability.api import tokens

urlpatterns = [
    path("oauth-authorization-server", tokens.metadata, name="oauth-authorization-server")
]
