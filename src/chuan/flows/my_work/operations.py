"""Those on whose desk something new lies learn of it."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from chuan.core.notices.operations import tell
from chuan.core.orgs import rules
from chuan.core.orgs.models import ChangeEvent
from chuan.core.people.enums import Role
from chuan.core.people.queries import holders
from chuan.lib.language import in_vietnamese


@in_vietnamese
def tell_confirmers(event: ChangeEvent, by: object) -> None:
    """Whoever may confirm a reorganisation learns that it waits; who prepared it does not."""
    tell(
        [one for one in holders(*map(Role, rules.CONFIRMERS)) if one != by],
        dedupe_key=f"my_work.event_to_confirm:{event.pk}:{event.version}",
        title=_("Sự kiện sắp xếp cơ quan chờ xác nhận: %s") % event.title,
        url=reverse("orgs:event", args=[event.pk]),
    )
