"""Who the stories are about, and how each comes to their own browser."""

from __future__ import annotations

import time
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value

from chuan.core.orgs.models import Organisation
from chuan.core.people.enums import NEEDS_SECOND_FACTOR, Role
from chuan.core.people.testing import PersonFactory
from chuan.flows.demo.operations import load_reference_data
from tests.browser.visits import Looks, Visit

PASSWORD = "mat-khau-de-thu"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

SCIENCE = "gl-so-khoa-hoc-va-cong-nghe"
AGRICULTURE = "gl-so-nong-nghiep-va-moi-truong"
COMMUNE = "gl-xa-21952"
PEOPLE = {
    "dieu.phoi": ("Nguyễn Thị Phối", Role.DEPARTMENT_COORDINATOR, SCIENCE),
    "lanh.dao": ("Trần Văn Đạo", Role.DEPARTMENT_LEADER, SCIENCE),
    "can.bo": ("Lê Thị Bộ", Role.UNIT_CLERK, AGRICULTURE),
    "thu.truong": ("Phạm Văn Trưởng", Role.UNIT_HEAD, AGRICULTURE),
    "can.bo.xa": ("Võ Thị Xã", Role.UNIT_CLERK, COMMUNE),
    "chu.tich.xa": ("Đặng Văn Tịch", Role.UNIT_HEAD, COMMUNE),
}


def load_bodies_and_people() -> None:
    """What a new installation has before its first plan: law, holidays, bodies and accounts."""
    load_reference_data(lambda _words: None)
    for username, (full_name, role, key) in PEOPLE.items():
        person = PersonFactory(
            username=username,
            full_name=full_name,
            role=role,
            organisation=Organisation.objects.get(key=key),
            second_factor=False,
        )
        if role in NEEDS_SECOND_FACTOR:
            TOTP.activate(person, SECRET)


def come_in(username: str, sign_in: Any, looks: Looks, *, javascript: bool = True, **how: Any) -> Visit:  # fmt: skip
    """Through the front door, with the second factor of those who need one."""
    page = sign_in(username, PASSWORD, javascript=javascript, **how)
    one = Visit(page, looks, has_scripts=javascript)
    if PEOPLE[username][1] in NEEDS_SECOND_FACTOR:
        one.is_at("Nhập mã xác thực")
        one.fill("Mã", format_hotp_value(hotp_value(SECRET, int(time.time()) // 30)))
        one.press("Tiếp tục")
    one.is_at("Việc của tôi")
    one.look()
    return one
