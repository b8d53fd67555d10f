"""Makers of organisations, their versions and groups, for tests and for the demonstration data."""

from datetime import date

import factory
from django.utils import timezone

from chuan.core.orgs import operations
from chuan.core.orgs.engine.proposals import Link, Part
from chuan.core.orgs.enums import ChangeKind, OrgKind, Share, Stance
from chuan.core.orgs.models import (
    ChangeEvent,
    Group,
    GroupException,
    GroupRule,
    Organisation,
    OrganisationVersion,
    Reform,
    SuccessionLink,
)
from chuan.lib.vietnamese import sort_key

LONG_AGO = date(2020, 1, 1)


class OrganisationVersionFactory(factory.django.DjangoModelFactory):
    """One more name of an organisation: `OrganisationVersionFactory(organisation=body, …)`.

    `valid_from` and `valid_to` (the first day that no longer counts) set the stretch of days.
    """

    class Meta:
        model = OrganisationVersion
        exclude = ("valid_from", "valid_to")

    valid_from = LONG_AGO
    valid_to = None

    name = factory.Sequence(lambda n: f"Sở Thử nghiệm {n}")
    short_name = factory.SelfAttribute("name")
    kind = OrgKind.PROVINCIAL
    parent = None
    valid = factory.LazyAttribute(lambda row: (row.valid_from, row.valid_to))
    sort_key = factory.LazyAttribute(lambda row: sort_key(row.name))


class OrganisationFactory(factory.django.DjangoModelFactory):
    """An organisation with its first version; everything but `key`, `is_home` and `is_demo` is
    handed to the version: `OrganisationFactory(name="Sở Y tế", parent=province)`.

    Traits: `province=True` (a home province), `district=True`, `commune=True`.
    """

    class Meta:
        model = Organisation
        skip_postgeneration_save = True

    class Params:
        province = factory.Trait(
            is_home=True,
            kind=OrgKind.PROVINCE,
            name=factory.Sequence(lambda n: f"Ủy ban nhân dân tỉnh Thử {n}"),
            short_name=factory.Sequence(lambda n: f"UBND tỉnh Thử {n}"),
        )
        district = factory.Trait(
            kind=OrgKind.DISTRICT,
            subtype="huyện",
            name=factory.Sequence(lambda n: f"Ủy ban nhân dân huyện Thử {n}"),
            short_name=factory.Sequence(lambda n: f"UBND huyện Thử {n}"),
        )
        commune = factory.Trait(
            kind=OrgKind.COMMUNE,
            subtype="xã",
            name=factory.Sequence(lambda n: f"Ủy ban nhân dân xã Thử {n}"),
            short_name=factory.Sequence(lambda n: f"UBND xã Thử {n}"),
        )

    key = factory.Sequence(lambda n: f"test-body-{n}")

    @classmethod
    def _create(cls, model_class, *args, key, is_home=False, is_demo=False, **version):
        organisation = model_class.objects.create(key=key, is_home=is_home, is_demo=is_demo)
        OrganisationVersionFactory(organisation=organisation, **version)
        return organisation


class GroupFactory(factory.django.DjangoModelFactory):
    """A group of nobody. `GroupFactory(kinds=[OrgKind.COMMUNE], under=province)` gives it a rule;
    `GroupFactory(members=[one, other])` names its members one by one.

    `valid_from` and `valid_to` are of the rule and of the memberships.
    """

    class Meta:
        model = Group
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"test-group-{n}")
    name = factory.Sequence(lambda n: f"Các cơ quan thử {n}")

    @classmethod
    def _create(
        cls,
        model_class,
        *args,
        kinds=(),
        under=None,
        members=(),
        valid_from=LONG_AGO,
        valid_to=None,
        **fields,
    ):
        group = model_class.objects.create(**fields)
        valid = (valid_from, valid_to)
        if under is not None:
            GroupRule.objects.create(group=group, kinds=list(kinds), under=under, valid=valid)
        for member in members:
            GroupException.objects.create(
                group=group, organisation=member, is_member=True, valid=valid
            )
        return group


class ChangeEventFactory(factory.django.DjangoModelFactory):
    """A reorganisation of 1 July 2025."""

    class Meta:
        model = ChangeEvent

    kind = ChangeKind.MERGE
    title = "Sắp xếp cơ quan"
    effective_on = date(2025, 7, 1)


def new_facts(name="Sở Mới", *, parent=None, kind=OrgKind.PROVINCIAL, **facts):
    """What a body that begins says of itself, as a proposal holds it."""
    return {
        "name": name,
        "kind": str(kind),
        "parent": str(parent.pk) if parent else "",
        **facts,
    }


def a_merger(*, actor, before, name="Sở Mới", parent=None, on=date(2026, 7, 1), **fields):
    """A draft in which some bodies become one new one."""
    return operations.draft_event(
        actor=actor,
        kind=ChangeKind.MERGE,
        title=fields.pop("title", "Hợp nhất cơ quan"),
        effective_on=on,
        at=timezone.now(),
        basis_text=fields.pop("basis_text", "12/NQ-HĐND"),
        parts=[
            *(Part(str(body.pk), Stance.ENDS) for body in before),
            Part("+1", Stance.BEGINS, new_facts(name, parent=parent)),
        ],
        links=[Link(str(body.pk), "+1") for body in before],
        **fields,
    )


def commit(event, *, preparer, confirmer):
    """Hand a draft over and confirm it, as two people do."""
    event = operations.propose_event(
        actor=preparer, event=event, version=event.version, at=timezone.now()
    )
    return operations.commit_event(
        actor=confirmer, event=event, version=event.version, at=timezone.now()
    )


class ReformFactory(factory.django.DjangoModelFactory):
    """A short list of units being compared; `uploaded_by` has to be given."""

    class Meta:
        model = Reform

    name = "bang-sap-xep.csv"
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    effective_on = date(2026, 7, 1)
    basis_text = "99/NQ-UBTVQH"
    text = (
        "ma,ten_moi,ma_tinh,tinh_moi,truoc_sap_nhap\n"
        "t1,Tỉnh Mới,,,tỉnh Một và tỉnh Hai\n"
        'a,Xã A,t1,Tỉnh Mới,"Xã Tân, Xã Một"\n'
        "b,Xã B,t1,Tỉnh Mới,Xã Tân\n"
    )
    uploaded_at = factory.LazyFunction(timezone.now)


class SuccessionLinkFactory(factory.django.DjangoModelFactory):
    """One body taking over the whole of another."""

    class Meta:
        model = SuccessionLink

    event = factory.SubFactory(ChangeEventFactory)
    predecessor = factory.SubFactory(OrganisationFactory, valid_to=date(2025, 7, 1))
    successor = factory.SubFactory(OrganisationFactory, valid_from=date(2025, 7, 1))
    share = Share.FULL
