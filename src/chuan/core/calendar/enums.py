from django.db import models
from django.utils.translation import gettext_lazy as _


class ExtensionState(models.TextChoices):
    WAITING = "waiting", _("Chờ quyết định")
    GRANTED = "granted", _("Đã gia hạn")
    REFUSED = "refused", _("Không đồng ý")
    WITHDRAWN = "withdrawn", _("Đã rút")


# Who sets deadlines grants or refuses; who asked takes it back.
EXTENSION_MOVES: dict[ExtensionState, frozenset[ExtensionState]] = {
    ExtensionState.WAITING: frozenset(
        {ExtensionState.GRANTED, ExtensionState.REFUSED, ExtensionState.WITHDRAWN}
    ),
    ExtensionState.GRANTED: frozenset(),
    ExtensionState.REFUSED: frozenset(),
    ExtensionState.WITHDRAWN: frozenset(),
}
