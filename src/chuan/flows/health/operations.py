"""Telling administrators that something is wrong, also when the worker is what is wrong."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.notices.operations import send_due_mail, tell
from chuan.core.people.enums import Role
from chuan.core.people.queries import holders
from chuan.flows.health.queries import Check, checks
from chuan.lib.language import in_vietnamese

logger = logging.getLogger(__name__)


# A fault that goes away by itself, as when a worker is restarted, calls nobody.
LASTING = timedelta(minutes=3)


@dataclass(slots=True)
class Watch:
    """Looks again and again, and remembers since when each fault lasts."""

    since: dict[str, datetime] = field(default_factory=dict)

    def look(self, *, at: datetime) -> list[Check]:
        """Look once; tell administrators of each fault that lasts, once a day, by a notice and by a
        letter that goes out from here: whoever else would send it may have died. Returns what lasts.
        """
        faults = [one for one in _looked(at) if not one.is_fine]
        self.since = {one.code: self.since.get(one.code, at) for one in faults}
        lasting = [one for one in faults if at - self.since[one.code] >= LASTING]
        told = sum(_tell(one, at) for one in lasting)
        if told:
            logger.error("Administrators were told of: %s", ", ".join(one.code for one in lasting))
            send_due_mail(at=at)
        return lasting


@in_vietnamese
def _looked(at: datetime) -> list[Check]:
    return checks(at)


@in_vietnamese
def _tell(fault: Check, at: datetime) -> int:
    on = timezone.localdate(at)
    return tell(
        holders(Role.SYSTEM_ADMINISTRATOR, on=on),
        dedupe_key=f"health.{fault.code}:{on.isoformat()}",
        title=_("Hệ thống cần xem lại: %(what)s") % {"what": fault.title},
        body=f"{fault.said}\n{fault.remedy}",
        url=reverse("health:show"),
        urgent=True,
    )
