from __future__ import annotations

from django.utils.translation import gettext as _

from chuan.core.notices.enums import MailState
from chuan.core.notices.models import Notice, OutgoingMail
from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule


@rule
def read_notice(actor: Person, notice: Notice) -> None:
    """A notice is read by the one it was written to."""
    if notice.person_id != actor.pk:
        raise Denied(_("Thông báo này gửi cho người khác."))


@rule
def mend_outbox(actor: Person) -> None:
    """The outbox is kept running by the system administrator."""
    if not actor.holds(Role.SYSTEM_ADMINISTRATOR):
        raise Denied(_("Chỉ người quản trị hệ thống được gửi lại thư."))


@rule
def send_again(letter: OutgoingMail) -> None:
    """Only what was given up is sent again, and not once its text is forgotten."""
    if letter.state != MailState.FAILED:
        raise Denied(_("Thư này chưa bị dừng gửi."))
    if not letter.body:
        raise Denied(
            _("Thư này có liên kết bí mật nên không giữ lại nội dung. Hãy tạo liên kết mới.")
        )
