"""A request of the demonstration to look as another person, and what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from chuan.core.access import operations
from chuan.core.access.models import Viewing
from chuan.core.people.models import Person


def look_as_another(helper: Person, person: Person, *, at: datetime) -> None:
    """The coordinator looked why a clerk did not find a button, and asks once more."""
    if Viewing.objects.filter(asked_by=helper).exists():
        return
    viewing = operations.ask_to_view(
        actor=helper, person=person, reason="Gọi điện báo không thấy nút nộp báo cáo", at=at
    )
    operations.answer_viewing(actor=person, viewing=viewing, agrees=True, at=at)
    begun = at + timedelta(minutes=4)
    operations.start_viewing(actor=helper, viewing=viewing, is_fresh=True, at=begun)
    for minute, path in enumerate(["/", "/ke-hoach/", "/bao-cao/"], start=1):
        operations.note_page(
            actor=helper,
            viewing=viewing,
            method="GET",
            path=path,
            status=200,
            at=begun + timedelta(minutes=minute),
        )
    operations.end_viewing(actor=helper, viewing=viewing, at=begun + timedelta(minutes=6))
    operations.ask_to_view(
        actor=helper,
        person=person,
        reason="Xem lại sau khi đã mở khóa số liệu",
        at=at + timedelta(minutes=40),
    )
