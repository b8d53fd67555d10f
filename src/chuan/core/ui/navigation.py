"""What stands in the rail, the header and the account menu.

Apps put their own entries here in `ready()`, so that the page layout imports none of them:

    navigation.add(Item(Section.WORK, _("Kế hoạch"), "clipboard-list", "plans:list",
                        visible=lambda person: ..., order=20, count=None, covers=("plans",)))
    navigation.set_search("search:results", _("Tìm nhiệm vụ, đơn vị"))
    navigation.set_bell("notices:inbox", count=lambda person: ...)
    navigation.set_home("my_work:list")
    navigation.set_identity(lambda person: Identity(name=..., role=..., organisation=...))
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuan.lib.registry import Registry

# A signed-in person, seen without importing the app that stores people.
Visitor = Any
Visible = Callable[[Visitor], bool]
Count = Callable[[Visitor], int]
Text = str | Promise


class Section(enum.Enum):
    """Where an entry stands; the value is its heading."""

    WORK = _("Công việc")
    FIELD = _("Nghiệp vụ")
    SYSTEM = _("Hệ thống")
    ACCOUNT = _("Tài khoản")  # in the account menu, not in the rail


RAIL = (Section.WORK, Section.FIELD, Section.SYSTEM)


def everyone(person: Visitor) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Item:
    """One entry. `covers` names the URL namespaces whose pages light it up.

    `count` costs a query on every page: at most one, indexed.
    """

    section: Section
    label: Text
    icon: str
    url_name: str
    visible: Visible = everyone
    order: int = 50
    count: Count | None = None
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """How the header names the person who is signed in."""

    name: str
    role: Text = ""
    organisation: Text = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An item as one person sees it on one page."""

    label: Text
    icon: str
    url: str
    is_current: bool
    count: int


_items: Registry[Item] = Registry(of="navigation entry")


@dataclass(slots=True)
class _Header:
    search: str = ""
    search_hint: Text = ""
    bell: str = ""
    bell_count: Count | None = None
    home: str = ""
    identity: Callable[[Visitor], Identity] | None = None


_header = _Header()


def add(item: Item) -> None:
    """Put an entry on the shelf; its URL is looked up when a page is drawn.

    :raises ValueError: the same address stands in the same section already.
    """
    _items.add(f"{item.section.name} {item.url_name}", item)


def set_search(url_name: str, hint: Text) -> None:
    """The page that answers the header's search box (GET, parameter `q`) and what its placeholder says."""
    _header.search, _header.search_hint = url_name, hint


def set_bell(url_name: str, count: Count) -> None:
    """The inbox behind the bell and the number of unread notices."""
    _header.bell, _header.bell_count = url_name, count


def set_home(url_name: str) -> None:
    """Where the brand in the header leads."""
    _header.home = url_name


def set_identity(identity: Callable[[Visitor], Identity]) -> None:
    """How to name a person in the header."""
    _header.identity = identity


def identity_of(person: Visitor) -> Identity:
    if _header.identity is not None:
        return _header.identity(person)
    return Identity(name=str(person))


def search_hint() -> Text:
    return _header.search_hint


def search_url() -> str:
    return url_of(_header.search)


def bell_url() -> str:
    return url_of(_header.bell)


def home_url() -> str:
    return url_of(_header.home) or "/"


def unread_count(person: Visitor) -> int:
    return _header.bell_count(person) if _header.bell_count else 0


def entries(person: Visitor, path: str, namespace: str) -> dict[Section, list[Entry]]:
    """The entries this person may open, by section and in order, at most one of them current.

    Each `visible` and `count` is asked once.
    """
    items = [item for item in sorted(_items, key=lambda i: i.order) if item.visible(person)]
    urls = {item.url_name: url_of(item.url_name) for item in items}
    current = _current(items, urls, path, namespace)
    shown: dict[Section, list[Entry]] = {section: [] for section in Section}
    for item in items:
        if urls[item.url_name]:
            shown[item.section].append(
                Entry(
                    label=item.label,
                    icon=item.icon,
                    url=urls[item.url_name],
                    is_current=item is current,
                    count=item.count(person) if item.count else 0,
                )
            )
    return shown


def _current(items: list[Item], urls: dict[str, str], path: str, namespace: str) -> Item | None:
    """The item whose address is the longest beginning of the path; else the one covering it."""
    best: Item | None = None
    longest = 0
    for item in items:
        url = urls[item.url_name]
        begins = path == url or (len(url) > 1 and path.startswith(url))
        if url and begins and len(url) > longest:
            best, longest = item, len(url)
    if best is None and namespace:
        best = next((item for item in items if namespace in item.covers), None)
    return best


def url_of(url_name: str) -> str:
    """The address of a URL name, or "" when no app answers to it (an app left out of a test)."""
    if not url_name:
        return ""
    if url_name.startswith(("/", "#", "?", "https://", "mailto:")):
        return url_name
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""
