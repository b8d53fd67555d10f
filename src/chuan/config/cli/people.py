"""`chuan user add`: accounts made by whoever runs the machine."""

from __future__ import annotations

import argparse
import getpass
import secrets
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from chuan.config.cli import session
from chuan.config.cli.terminal import say
from chuan.config.trouble import Trouble

if TYPE_CHECKING:
    from chuan.core.orgs.models import Organisation
    from chuan.core.people.enums import Role
    from chuan.core.people.models import Person

COMMAND = "chuan user add"
FIRST_ADMINISTRATOR = "quantri"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account with the password it was made with, to be shown once."""

    username: str
    password: str
    role: str
    where: str


def add(options: argparse.Namespace) -> int:
    with session.ready():
        from chuan.core.people.enums import Role  # noqa: PLC0415 - needs Django set up

        if options.role not in Role.values:
            raise Trouble(
                f"Không có vai trò {options.role!r}. The roles are: {', '.join(Role.values)}"
            )
        role, organisation = Role(options.role), organisation_called(options.organisation)
        password = (
            sys.stdin.readline().rstrip("\n") if options.password_stdin else _ask_for_password()
        )
        try:
            validate_password(password)
            person = _make(
                username=options.username,
                full_name=options.name,
                email=options.email,
                password=password,
                role=role,
                organisation=organisation,
            )
        except ValidationError as wrong:
            raise Trouble(" ".join(wrong.messages)) from None
        say(f"Đã mở tài khoản {person.username}: {role.label}, {_name_of(organisation)}")
    return 0


def make_first_administrator() -> NewAccount | None:
    """The account with which an installation begins; None if somebody can sign in already."""
    from chuan.core.people.enums import Role  # noqa: PLC0415 - needs Django set up
    from chuan.core.people.models import Person  # noqa: PLC0415
    from chuan.flows.demo.operations import DEPARTMENT  # noqa: PLC0415

    if Person.objects.filter(is_active=True).exists():
        return None
    organisation, password = organisation_called(DEPARTMENT), secrets.token_urlsafe(12)
    _make(
        username=FIRST_ADMINISTRATOR,
        full_name="Quản trị viên",
        email="",
        password=password,
        role=Role.SYSTEM_ADMINISTRATOR,
        organisation=organisation,
    )
    return NewAccount(
        username=FIRST_ADMINISTRATOR,
        password=password,
        role=str(Role.SYSTEM_ADMINISTRATOR.label),
        where=_name_of(organisation),
    )


@transaction.atomic
def _make(
    *,
    username: str,
    full_name: str,
    email: str,
    password: str,
    role: Role,
    organisation: Organisation,
) -> Person:
    from chuan.core.people import operations  # noqa: PLC0415 - needs Django set up

    person = operations.add_person(
        actor=None,
        username=username,
        full_name=full_name,
        email=email,
        password=password,
        by=COMMAND,
    )
    operations.grant_role(
        actor=None,
        person=person,
        organisation=organisation,
        role=role,
        start=timezone.localdate(),
        by=COMMAND,
    )
    return person


def organisation_called(wanted: str) -> Organisation:
    """:raises Trouble: no body of today has this key, code or name, or several have."""
    from chuan.core.orgs.queries import (  # noqa: PLC0415 - needs Django set up
        find_organisations,
        versions_on,
    )
    from chuan.lib.vietnamese import fold  # noqa: PLC0415

    today = versions_on(timezone.localdate()).select_related("organisation")
    for lookup in ({"organisation__key": wanted}, {"code": wanted}):
        if found := today.filter(**lookup).first():
            return found.organisation
    named = list(find_organisations(wanted, on=timezone.localdate())[:6])
    exactly = [row for row in named if fold(wanted) in {fold(row.name), fold(row.short_name)}]
    for candidates in (exactly, named):
        if len(candidates) == 1:
            return candidates[0].organisation
    if not named:
        raise Trouble(
            f"Không tìm thấy cơ quan {wanted!r}. Give the code or the name of a body; is the "
            "register loaded (chuan orgs load)?"
        )
    names = "\n".join(f"  {row.organisation.key}   {row.name}" for row in named)
    raise Trouble(f"{wanted!r} có thể là nhiều cơ quan. Name one by its key:\n{names}")


def _name_of(organisation: Organisation) -> str:
    from chuan.core.orgs.queries import version_on  # noqa: PLC0415 - needs Django set up

    version = version_on(organisation, timezone.localdate())
    return version.name if version else organisation.key


def _ask_for_password() -> str:
    password = getpass.getpass("Mật khẩu | password: ")
    if password != getpass.getpass("Nhập lại | again: "):
        raise Trouble("Hai lần nhập không giống nhau. The passwords differ.")
    return password
