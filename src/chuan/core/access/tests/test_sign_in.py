import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.urls import reverse

from chuan.core.audit.models import Entry
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory

pytestmark = pytest.mark.django_db

PASSWORD = "mat-khau-de-thu"


def sign_in(client, person, password=PASSWORD, **more):
    return client.post(
        reverse("account_login"), {"login": person.username, "password": password, **more}
    )


def code_of(secret):
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def actions():
    return list(Entry.objects.order_by("pk").values_list("action", flat=True))


def test_a_clerk_signs_in_with_name_or_address_and_lands_on_the_page_asked_for(client):
    person = PersonFactory(email="ha.nt@example.vn")

    page = client.get("/tai-khoan/phien/")
    assert page.status_code == 302
    assert page.headers["Location"] == "/tai-khoan/dang-nhap/?next=/tai-khoan/phien/"
    for login in [person.username, person.username.upper(), "ha.nt@example.vn", "HA.NT@EXAMPLE.VN"]:
        page = client.post(
            page.headers["Location"] if False else "/tai-khoan/dang-nhap/",
            {"login": login, "password": PASSWORD, "next": "/tai-khoan/phien/"},
        )
        assert page.headers["Location"] == "/tai-khoan/phien/"
        client.post("/tai-khoan/dang-xuat/")
