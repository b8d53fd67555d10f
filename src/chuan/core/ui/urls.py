"""Addresses of the frame's own pages. The error handlers are set in `config/urls.py`:

handler400 = "chuan.core.ui.views.bad_request"
handler403 = "chuan.core.ui.views.forbidden"
handler404 = "chuan.core.ui.views.not_found"
handler500 = "chuan.core.ui.views.server_error"
"""

from __future__ import annotations

from django.urls import path

from chuan.core.ui import styleguide, views

app_name = "ui"
urlpatterns = [
    path("tro-giup/", views.show_help, name="help"),
    path("kha-nang-tiep-can/", views.accessibility, name="accessibility"),
    path("ngon-ngu/", views.switch_language, name="language"),
    path("nen/", views.switch_theme, name="theme"),
    path("kieu-mau/", styleguide.show, name="styleguide"),
    path("kieu-mau/<slug:page>/", styleguide.show_page, name="styleguide-page"),
]
