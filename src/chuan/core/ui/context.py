"""What the layout needs on every page. Nothing is asked of the database until the layout asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import get_language

from chuan.core.ui import navigation
from chuan.core.ui.navigation import RAIL, Entry, Identity, Section
from chuan.core.ui.site import site

THEME_COOKIE = "chuan-theme"
THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Looking:
    """Somebody looks as another person: as whom, until when, and where to stop it.

    Whoever lets them do so hangs it on the request as `looking`.
    """

    name: str
    until: datetime
    end_url: str


class Shell:
    """The frame around a page for one request."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def person(self) -> Any:
        """The signed-in person, or None."""
        user = getattr(self._request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @property
    def looking(self) -> Looking | None:
        # Who somebody is, is found out when it is first asked; so is as whom they look.
        return getattr(self._request, "looking", None) if self.person else None

    @cached_property
    def identity(self) -> Identity | None:
        return navigation.identity_of(self.person) if self.person else None

    @cached_property
    def rail(self) -> list[tuple[str | Promise, list[Entry]]]:
        return [
            (section.value, self._entries[section]) for section in RAIL if self._entries[section]
        ]

    @cached_property
    def account(self) -> list[Entry]:
        return self._entries[Section.ACCOUNT]

    @cached_property
    def unread(self) -> int:
        return navigation.unread_count(self.person) if self.person else 0

    @property
    def shows_styleguide(self) -> bool:
        """The style guide is for who builds or tries the product, not for who works with it."""
        return bool(settings.DEBUG or site.is_demo())

    @property
    def home_url(self) -> str:
        return navigation.home_url()

    @property
    def search_url(self) -> str:
        return navigation.search_url()

    @property
    def search_hint(self) -> str | Promise:
        return navigation.search_hint()

    @property
    def bell_url(self) -> str:
        return navigation.bell_url()

    @property
    def sign_in_url(self) -> str:
        return navigation.url_of(str(settings.LOGIN_URL))

    @property
    def sign_out_url(self) -> str:
        return navigation.url_of("account_logout")

    @property
    def language(self) -> str:
        return get_language() or settings.LANGUAGE_CODE

    @property
    def theme(self) -> str:
        """light, dark, or "" for what the machine prefers."""
        theme = self._request.COOKIES.get(THEME_COOKIE, "")
        return theme if theme in THEMES else ""

    @property
    def path(self) -> str:
        """The address to come back to after a switch of language or theme."""
        return self._request.get_full_path()

    @cached_property
    def province(self) -> str | Promise:
        return site.province()

    @cached_property
    def publisher(self) -> str | Promise:
        return site.publisher()

    @cached_property
    def support(self) -> str | Promise:
        """Whom to ask for help, in a sentence; "" when nobody said."""
        return site.support()

    @cached_property
    def open_pages(self) -> str:
        return site.open_pages()

    @cached_property
    def is_demo(self) -> bool:
        return site.is_demo()

    @cached_property
    def _entries(self) -> dict[Section, list[Entry]]:
        if not self.person:
            return {section: [] for section in Section}
        match = self._request.resolver_match
        namespace = match.namespace if match else ""
        return navigation.entries(self.person, self._request.path, namespace)


class PublicShell(Shell):
    """The frame as a stranger sees it, whoever asks: one answer for everybody."""

    person = None
    theme = ""
    identity = None


def page(request: HttpRequest) -> dict[str, Shell]:
    """Context processor: `shell` in every template."""
    return {"shell": Shell(request)}
