"""What a person does in front of the screen, with a look at every page they come to.

    coordinator = visit("dieuphoi", path="/ke-hoach/")
    coordinator.follow("Nhập quyết định")
    coordinator.press("Đọc tệp")

A look is: one heading of the first level, nothing wider than the screen, and nothing axe objects to
(where scripts run). A page is looked at again only when it shows parts it did not show before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.browser import axe
from tools.shots import pattern_of


@dataclass
class Looks:
    """Which pages were looked at, and what was wrong with them."""

    seen: set[tuple[str, str]] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def look(self, page: Page, *, with_axe: bool) -> None:
        """Look at the page unless one of its kind with the same parts was seen."""
        kind = pattern_of(urlsplit(page.url).path), _parts_of(page)
        if kind in self.seen:
            return
        self.seen.add(kind)
        where = f"{page.url} at {page.viewport_size}"
        self.faults += [f"{where}: {fault}" for fault in shape_faults(page)]
        if with_axe:
            self.faults += [f"{where}: {fault}" for fault in axe.violations(page)]


def shape_faults(page: Page) -> list[str]:
    """One heading of the first level; nothing wider than the screen."""
    found: dict[str, int] = page.evaluate(
        """() => ({headings: document.querySelectorAll('h1').length,
                   wider: document.scrollingElement.scrollWidth - window.innerWidth})"""
    )
    faults = []
    if found["headings"] != 1:
        faults.append(f"{found['headings']} headings of the first level")
    if found["wider"] > 0:
        faults.append(f"{found['wider']} px wider than the screen, {page.viewport_size}")
    return faults


def _parts_of(page: Page) -> str:
    """The names of what stands on the page, without the numbers in them."""
    names: list[str] = page.eval_on_selector_all(
        "main [id], main [role=alert], main .note, main .empty",
        "all => all.map(one => one.id || one.className)",
    )
    return " ".join(sorted({re.sub(r"\d+", "", name) for name in names}))


@dataclass
class Visit:
    """One person at one browser."""

    page: Page
    looks: Looks
    has_scripts: bool

    def open(self, path: str) -> None:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path} answered {answer.status}"
        self.look()

    def follow(self, name: str | re.Pattern[str], *, within: Locator | None = None) -> None:
        """A link, by what it says."""
        self._leave(self._find("link", name, within))

    def glance(self, name: str | re.Pattern[str], *, within: Locator | None = None) -> None:
        """Follow a link, look, and come back."""
        here = self.page.url
        self.follow(name, within=within)
        self.page.goto(here)

    def press(self, name: str | re.Pattern[str], *, within: Locator | None = None) -> None:
        """A button, by what it says."""
        self._leave(self._find("button", name, within))

    def fill(self, label: str | re.Pattern[str], text: str) -> None:
        self._find("textbox", label, None).fill(text)

    def choose(self, option: str) -> None:
        """One of several round buttons."""
        self._find("radio", option, None).check()

    def tick(self, box: str) -> None:
        self._find("checkbox", box, None).check()

    def sees(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.locator("main")).to_contain_text(text)

    def is_at(self, heading: str | re.Pattern[str]) -> None:
        expect(self.page.locator("h1")).to_contain_text(heading)

    def download(self, name: str | re.Pattern[str], folder: Path) -> Path:
        """What a link gives, saved under the name it is sent with; a PDF would open in the browser."""
        address = self._find("link", name, None).get_attribute("href")
        assert address is not None
        answer = self.page.context.request.get(urljoin(self.page.url, address))
        assert answer.status == 200, f"{address} answered {answer.status}"
        told = Message()
        told["content-disposition"] = answer.headers["content-disposition"]
        path = folder / (told.get_filename() or "")
        path.write_bytes(answer.body())
        return path

    def _find(self, role: str, name: str | re.Pattern[str], within: Locator | None) -> Locator:
        place = within or self.page.locator("main")
        return place.get_by_role(role, name=name).first  # type: ignore[arg-type]

    def _leave(self, thing: Locator) -> None:
        with self.page.expect_navigation():
            thing.click()
        self.look()

    def look(self) -> None:
        assert "/tai-khoan/dang-nhap" not in self.page.url, "signed out"
        self.looks.look(self.page, with_axe=self.has_scripts)
