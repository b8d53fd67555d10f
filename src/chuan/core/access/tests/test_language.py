"""Who acts may read the screens in English; what is sent is Vietnamese all the same."""

from datetime import date

import pytest
from django.utils.translation import override

from chuan.core.access import operations
from chuan.core.notices.models import Notice, OutgoingMail
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role, SigningForm
from chuan.core.people.testing import MembershipFactory, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with override("en"):
        yield


@pytest.fixture
def administrator():
    return PersonFactory(role=Role.SYSTEM_ADMINISTRATOR)


def test_a_role_is_told_of_in_vietnamese(administrator):
    person = PersonFactory(role=None)

    operations.give_role(
        actor=administrator,
        person=person,
        organisation=OrganisationFactory(name="Sở Thử"),
        role=Role.UNIT_CLERK,
        start=date(2026, 1, 1),
        end=None,
    )

    notice = Notice.objects.get(person=person)
    assert notice.title == "Bạn được giao vai trò “Cán bộ đầu mối của đơn vị”"
    assert notice.body == "Tại Sở Thử, từ ngày 01/01/2026."


def test_a_delegation_and_its_end_are_told_of_in_vietnamese():
    membership = MembershipFactory(role=Role.UNIT_HEAD)
    substitute = PersonFactory(organisation=membership.organisation)

    given = operations.delegate(
        actor=membership.person,
        membership=membership,
        delegate=substitute,
        form=SigningForm.KT,
        start=date(2030, 1, 1),
        end=date(2030, 2, 1),
        basis="Văn bản số 5",
    )
    operations.revoke(actor=membership.person, delegation=given)

    titles = Notice.objects.filter(person=substitute).order_by("pk").values_list("title", flat=True)
    holder = membership.person.full_name
    assert list(titles) == [
        f"{substitute.full_name} được ủy quyền thay {holder}",
        f"Ủy quyền thay {holder} đã được thu hồi",
    ]


def test_the_letter_with_the_link_is_in_vietnamese(administrator):
    person = PersonFactory(email="ha@example.vn")

    operations.send_password_link(actor=administrator, person=person)

    subjects = OutgoingMail.objects.filter(person=person).values_list("subject", flat=True)
    assert "Chọn mật khẩu cho tài khoản của bạn" in set(subjects)
