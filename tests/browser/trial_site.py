"""The real site with a form and a list beside it, to try what the scripts add."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import include, path

from chuan.core.ui.forms import Form, VnFileField, VnLongTextField, VnTextField

PAGE = """{% extends "ui/base.html" %}{% block title %}Thử{% endblock %}{% block main %}{% error_summary form %}
<h1>Thử</h1><form id="thu" class="form" method="post" novalidate enctype="multipart/form-data" data-autosave="/thu/luu/">{% csrf_token %}{{ form.as_div }}
<div class="dock"><button class="btn btn-go" type="submit">Gửi</button><span class="stamp" data-autosave-state></span></div></form>
<p id="nam-truoc">Năm 2025 đã kiểm tra 138 cơ sở.</p><button class="btn" type="button" hidden data-copy-from="#nam-truoc" data-copy-into="#id_narrative">Chép sang năm nay</button>
<label for="loc">Lọc xã</label><input id="loc" data-filter="#xa > li"><ul id="xa" class="plain"><li>Đống Đa</li><li>Ia Băng</li></ul>
{% endblock %}"""


class TrialForm(Form):
    version = forms.CharField(widget=forms.HiddenInput, required=False)
    title = VnTextField(label="Tên")
    narrative = VnLongTextField(label="Kết quả", max_length=100, required=False)
    level = forms.ChoiceField(label="Mức", widget=forms.RadioSelect, choices=[("1", "Hạn chế"), ("2", "Cơ bản")], required=False)  # fmt: skip
    evidence = VnFileField(label="Tệp", kinds=["pdf"], max_megabytes=1, required=False)


saved: list[dict[str, Any]] = []
sent: list[dict[str, Any]] = []
answer_with: list[int] = []  # the status of the next savings; 200 when empty
stored: dict[str, Any] = {}  # what the form shows, and whether it comes back after it was sent


def trial(request: HttpRequest) -> HttpResponse:
    form = TrialForm(request.POST or None, request.FILES or None, initial=stored)
    if request.method == "POST" and form.is_valid():
        sent.append(form.cleaned_data)
        if "version" not in stored:
            return redirect("/tro-giup/")
        # As where a paragraph is brought in: the same page again, with more in it than was sent.
        given = form.cleaned_data
        stored.update(
            title=given["title"],
            narrative=given["narrative"] + " Thêm một đoạn.",
            version=str(int(given["version"]) + 1),
        )
        return redirect("/thu/")
    page = engines["django"].from_string(PAGE).render({"form": form}, request)
    return HttpResponse(page, status=422 if form.errors else 200)


def save(request: HttpRequest) -> HttpResponse:
    status = answer_with.pop(0) if answer_with else 200
    if status != 200:
        return HttpResponse(status=status)
    saved.append(request.POST.dict())
    return JsonResponse({"saved_at": "09:41"})


urlpatterns = [
    path("thu/", trial),
    path("thu/luu/", save),
    path("", include("chuan.config.urls")),
]
handler404 = "chuan.core.ui.views.not_found"
