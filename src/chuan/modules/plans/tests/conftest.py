from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from django.conf import settings

from chuan.core.calendar.operations import load_day_exceptions
from chuan.core.legal.operations import load_legal_sources
from chuan.core.orgs.models import Organisation
from chuan.core.orgs.operations import load_organisations
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.plans.testing import VIETNAM

DECISION = Path(settings.ROOT) / "samples" / "quyet-dinh-1029-2025.txt"
APPROVED_AT = datetime(2026, 1, 5, 9, tzinfo=VIETNAM)
ISSUED_ON = date(2025, 3, 25)


@pytest.fixture
def register(db):
    """The real register: both eras of the province, its groups, the law and the days off."""
    load_register()


def load_register():
    load_legal_sources()
    load_day_exceptions()
    load_organisations()


@pytest.fixture
def department(register):
    return Organisation.objects.get(key="gl-so-khoa-hoc-va-cong-nghe")


@pytest.fixture
def coordinator(department):
    return PersonFactory(role=Role.DEPARTMENT_COORDINATOR, organisation=department)
