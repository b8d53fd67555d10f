"""Makers of digests, and the ladder's rungs for tests."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import factory

from chuan.core.legal.models import StatutoryParameter
from chuan.core.legal.testing import StatutoryParameterFactory
from chuan.core.people.testing import PersonFactory
from chuan.flows.reminders.models import Digest
from chuan.flows.reminders.queries.ladder import BEFORE, ESCALATION, EVERY

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def with_a_ladder() -> None:
    """The rungs as the product is delivered with."""
    for code, value in {
        BEFORE: [30, 15, 7, 3, 1, 0],
        EVERY: 3,
        ESCALATION: {"head": 3, "department": 7, "province": 15},
    }.items():
        if not StatutoryParameter.objects.filter(code=code).exists():
            StatutoryParameterFactory(code=code, value=value)


class DigestFactory(factory.django.DjangoModelFactory):
    """A digest somebody was given in autumn 2026, each on another day, with one task that is late."""

    class Meta:
        model = Digest

    person = factory.SubFactory(PersonFactory)
    # Somebody's next one is of the day before.
    day = factory.Sequence(lambda n: date(2026, 11, 2) - timedelta(days=n))
    title = "Nhắc việc ngày 02/11/2026: 1 việc quá hạn"
    content = factory.LazyFunction(
        lambda: {
            "sections": [
                {
                    "kind": "overdue",
                    "total": 1,
                    "more_url": "/viec-cua-toi/?loc=qua-han",
                    "lines": [
                        {
                            "ref": "I.1",
                            "text": "Tổ chức tuyên truyền",
                            "note": "hạn hết 28/10/2026, quá 3 ngày làm việc",
                            "url": "/viec-cua-toi/",
                        }
                    ],
                }
            ],
            "things": ["work:1"],
        }
    )
    made_at = datetime(2026, 11, 2, 7, tzinfo=VIETNAM)
