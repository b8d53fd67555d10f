"""Makers of legal sources and statutory parameters, for tests and for the demonstration data."""

from datetime import date

import factory

from chuan.core.legal.models import LegalSource, StatutoryParameter


class LegalSourceFactory(factory.django.DjangoModelFactory):
    """A verified decision of the province, in force since 2020."""

    class Meta:
        model = LegalSource

    code = factory.Sequence(lambda n: f"qd-{n}-2020-qd-ubnd")
    notation = factory.Sequence(lambda n: f"{n}/QĐ-UBND")
    title = factory.Sequence(lambda n: f"Quyết định thử nghiệm số {n}")
    issuer = "Ủy ban nhân dân tỉnh"
    issued_on = date(2020, 1, 1)
    effective_from = date(2020, 1, 1)
    is_verified = True


class StatutoryParameterFactory(factory.django.DjangoModelFactory):
    """A value in force from 2020 on: `StatutoryParameterFactory(code="…", value=5)`.

    `valid_from` and `valid_to` (the first day that no longer counts) set the stretch of days.
    """

    class Meta:
        model = StatutoryParameter
        exclude = ("valid_from", "valid_to")

    valid_from = date(2020, 1, 1)
    valid_to = None

    code = factory.Sequence(lambda n: f"tests.parameter_{n}")
    title = factory.Sequence(lambda n: f"Tham số thử nghiệm {n}")
    value = 1
    source = factory.SubFactory(LegalSourceFactory)
    clause = "Điều 1"
    valid = factory.LazyAttribute(lambda row: (row.valid_from, row.valid_to))
