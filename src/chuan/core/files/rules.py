from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from chuan.core.files.models import PartialUpload, Upload
from chuan.core.people.models import Person
from chuan.lib.registry import Registry
from chuan.lib.rules import Denied, rule

MayRead = Callable[[Person, Upload], bool]

_readers: Registry[MayRead] = Registry(of="reader of files")


def let_read(owner: str, may_read: MayRead) -> None:
    """Open files to those an app says may read them; call it in the app's `ready()`.

    files.rules.let_read("plans.evidence", may_read_evidence)

    `may_read(person, upload)` answers True for the app's own files that this person may see and
    False for everything else. A file nobody answers for is open to nobody, its sender included.

    :raises ValueError: the owner has registered already.
    """
    _readers.add(owner, may_read)


@rule
def hand_in_file(actor: Person) -> None:
    """Files are taken from people who have work to do here today."""
    if not actor.grants():
        raise Denied(_("Bạn chưa có vai trò nào trong hệ thống nên chưa gửi tệp được."))


@rule
def continue_upload(actor: Person, partial: PartialUpload) -> None:
    """A file on its way in is continued, given up or handed in by whoever began it."""
    hand_in_file.require(actor)
    if partial.owner_id != actor.pk:
        raise Denied(_("Tệp này do người khác đang gửi."))


@rule
def read_file(actor: Person, upload: Upload) -> None:
    """A file is read by those who may read the thing it belongs to."""
    if not any(may_read(actor, upload) for may_read in _readers):
        raise Denied(_("Bạn không có quyền xem tệp này."))
