import pytest

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory


@pytest.fixture
def department(db):
    return OrganisationFactory(notation="SKHCN")


@pytest.fixture
def inspector(department):
    """Opens recalls and looks after goods."""
    return PersonFactory(role=Role.DEPARTMENT_COORDINATOR, organisation=department)


@pytest.fixture
def leader(department):
    """Orders what an inspector opened."""
    return PersonFactory(role=Role.DEPARTMENT_LEADER, organisation=department)
