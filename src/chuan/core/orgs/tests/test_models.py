from datetime import date

import pytest
from django.db import IntegrityError

from chuan.core.orgs.enums import ChangeKind
from chuan.core.orgs.testing import (
    OrganisationFactory,
    OrganisationVersionFactory,
    SuccessionLinkFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def test_the_database_refuses_two_versions_of_one_body_on_the_same_day():
    body = OrganisationFactory(valid_to=date(2025, 7, 1))
    with pytest.raises(IntegrityError, match="orgs_one_version_a_day"):
        OrganisationVersionFactory(organisation=body, valid_from=date(2025, 6, 30))


def test_a_version_may_begin_on_the_day_the_one_before_ends():
    body = OrganisationFactory(valid_to=date(2025, 7, 1))
    OrganisationVersionFactory(organisation=body, valid_from=date(2025, 7, 1))
    assert body.versions.count() == 2


def test_two_bodies_may_have_versions_on_the_same_day():
    assert OrganisationFactory().versions.get().valid == OrganisationFactory().versions.get().valid


def test_a_version_is_found_by_its_name_without_tones_and_case():
    body = OrganisationFactory(name="Ủy ban nhân dân thị xã Hoài Nhơn", short_name="UBND TX Đ")
    assert body.versions.get().search_key == "uy ban nhan dan thi xa hoai nhon ubnd tx d"


def test_nobody_succeeds_itself():
    body = OrganisationFactory()
    with pytest.raises(IntegrityError, match="orgs_nobody_succeeds_itself"):
        SuccessionLinkFactory(predecessor=body, successor=body)


def test_a_change_event_says_what_it_is_and_when():
    link = SuccessionLinkFactory()
    assert link.event.kind == ChangeKind.MERGE
    assert str(link.event) == "Sắp xếp cơ quan (01/07/2025)"
