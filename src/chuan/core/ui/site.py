"""Facts about this installation that the layout prints and the apps above know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(slots=True)
class Site:
    """Set in `ready()`: `site.province = lambda: "Tỉnh Gia Lai"`. Called once for each page."""

    province: Callable[[], Text] = lambda: ""
    publisher: Callable[[], Text] = lambda: _("Sở Khoa học và Công nghệ")
    support: Callable[[], Text] = lambda: ""
    # Where everybody reads what is published, without an account; "" where nothing is.
    open_pages: Callable[[], str] = lambda: ""
    is_demo: Callable[[], bool] = lambda: False


site = Site()
