"""Somebody who looks at pages."""

from __future__ import annotations

from urllib.parse import urlencode

from bench.serving import Line, Running

NAME = "inspector"


class Inspector:
    """Somebody of a department, in a browser."""

    def __init__(self, server: Running) -> None:
        from django.test import Client  # noqa: PLC0415 - once set up

        from chuan.core.orgs.testing import OrganisationFactory  # noqa: PLC0415 - once set up
        from chuan.core.people.enums import Role  # noqa: PLC0415 - once set up
        from chuan.core.people.models import Person  # noqa: PLC0415 - once set up
        from chuan.core.people.testing import PersonFactory  # noqa: PLC0415 - once set up

        person = Person.objects.filter(username=NAME).first()
        if person is None:
            body = OrganisationFactory(notation="SKHCN")
            person = PersonFactory(
                username=NAME, role=Role.DEPARTMENT_COORDINATOR, organisation=body
            )
        client = Client(SERVER_NAME="localhost")
        client.force_login(person)
        (self.organisation,) = person.organisation_ids(Role.DEPARTMENT_COORDINATOR)
        self.cookie = "; ".join(f"{name}={one.value}" for name, one in client.cookies.items())
        self.line = Line(server.port, "")
        status, _body, headers = self.line.ask("GET", "/thu-hoi/moi/", Cookie=self.cookie)
        assert status == 200, status
        self.secret = headers["Set-Cookie"].partition("chuan-csrf=")[2].partition(";")[0]
        self.cookie += f"; chuan-csrf={self.secret}"

    def open_recall(self, title: str, lot: str) -> str:
        from chuan.modules.traceability.engine.keys import canonical  # noqa: PLC0415 - once set up

        told = {
            "organisation": self.organisation,
            "title": title,
            "reason": "Đo tốc độ",
            "identifiers": canonical(lot),
            "mode": "strict",
            "csrfmiddlewaretoken": self.secret,
        }
        status, said, headers = self.line.ask(
            "POST",
            "/thu-hoi/moi/",
            urlencode(told).encode(),
            Content_Type="application/x-www-form-urlencoded",
            Cookie=self.cookie,
        )
        assert status == 302, (status, said[:2000].decode())
        return str(headers["Location"])

    def look(self, address: str) -> None:
        assert self.line.ask("GET", address, Cookie=self.cookie)[0] == 200
