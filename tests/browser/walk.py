"""Every page the links of the site lead to, found without a browser."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import SplitResult, parse_qs, urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve

MOST_OF_ONE_KIND = 2  # one, where the address has a query
# The same page in another order, or further on: the tests of tables look at that.
MORE_OF_THE_SAME = {"sap", "trang"}
# Classes that change how a page looks where nothing on it has a name of its own.
SHAPES = {"card", "note", "empty", "timeline", "tl", "files", "lineage", "mx", "bar", "answers"}
NOT_GIVEN = re.compile("⟦(.*?)⟧")  # where `string_if_invalid` is "⟦%s⟧"
STYLE_GUIDE = "/kieu-mau/"  # has tests of its own


@dataclass(frozen=True, slots=True)
class Found:
    """One address as one person was led to it."""

    username: str
    path: str
    linked_from: str
    kind: str  # the address pattern, and the names in the query
    status: int
    is_page: bool
    parts: str  # the names of what stands on the page, without the numbers in them
    gaps: str  # links without an address, and names its template was not given


def walk(client: Client, username: str, start: str = "/") -> list[Found]:
    """All kinds of pages a signed-in person is offered, each kind a few times."""
    waiting = deque([(start, "")])
    met = {start}
    times = Counter[str]()
    found = []
    while waiting:
        path, linked_from = waiting.popleft()
        kind = kind_of(path)
        if times[kind] >= (1 if "?" in kind else MOST_OF_ONE_KIND):
            continue
        times[kind] += 1
        answer = client.get(path, follow=True)
        if answer.redirect_chain:
            path = answer.redirect_chain[-1][0]
            met.add(path)
            kind = kind_of(path)
        is_page = answer.headers["content-type"].startswith("text/html")
        page = _Page()
        if is_page:
            html = answer.content.decode()
            page.feed(html)
            page.gaps |= set(NOT_GIVEN.findall(html))
        found.append(
            Found(
                username,
                path,
                linked_from,
                kind,
                answer.status_code,
                is_page,
                parts=" ".join(sorted(page.parts)),
                gaps=", ".join(sorted(page.gaps)),
            )
        )
        answer.close()
        for link in _worth_a_look(page.links, path) if answer.status_code == 200 else ():
            if link not in met:
                met.add(link)
                waiting.append((link, path))
    return found


def kind_of(path: str) -> str:
    """The address pattern, with the names in the query: `ke-hoach/<int:plan_id>/ma-tran/?nam`."""
    url = urlsplit(path)
    try:
        route = str(resolve(url.path).route)
    except Resolver404:
        route = f"no such address: {url.path}"
    names = "&".join(sorted(parse_qs(url.query, keep_blank_values=True)))
    return f"{route}?{names}" if names else route


class _Page(HTMLParser):
    """Where a page leads, and what stands on it."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.parts: set[str] = set()
        self.gaps: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "a" and told.get("href"):
            self.links.append(told["href"] or "")
        if any(told.get(name, "said") == "" for name in ("href", "src", "action")):
            self.gaps.add(f"<{tag}> without an address")
        name = told.get("id") or " ".join(sorted(set((told.get("class") or "").split()) & SHAPES))
        if name:
            self.parts.add(re.sub(r"[\d_-]+", "", name))


def _worth_a_look(links: Iterable[str], here: str) -> list[str]:
    """Addresses of this site, without what comes after #."""
    urls = [urlsplit(urljoin(here, address)) for address in links]
    return [
        url._replace(fragment="").geturl()
        for url in urls
        if not url.scheme and not url.netloc and _is_worth_a_look(url)
    ]


def _is_worth_a_look(url: SplitResult) -> bool:
    names = set(parse_qs(url.query, keep_blank_values=True))
    if url.path.startswith(STYLE_GUIDE) or names & MORE_OF_THE_SAME:
        return False
    return names == {"export"} or "export" not in names
