from django.urls import path

from chuan.modules.traceability.api import tokens

urlpatterns = [path("token", tokens.token, name="token")]
