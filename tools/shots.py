"""Pictures of pages at 1280 and 360 px, for people to look at: `make shots`.

    python -m tools.shots http://127.0.0.1:8000 pages.txt [--out var/shots] [--dark]

Each line of pages.txt: `name path account:password` (the account left out: a stranger).
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = (1280, 360)


@dataclass(frozen=True, slots=True)
class Shot:
    """A page to take: where it is and who looks at it (`name:password`, or "")."""

    name: str
    path: str
    account: str = ""


def find_chromium() -> str | None:
    """The machine's own browser; Playwright's download is not needed."""
    named = os.environ.get("CHUAN_CHROMIUM")
    candidates = [named] if named else ["chromium", "chromium-browser", "google-chrome", "chrome"]
    return next((path for name in candidates if (path := shutil.which(name))), None)


def take(address: str, shots: list[Shot], out: Path, *, theme: str = "light") -> Iterator[Path]:
    """Take every shot at every width; yields each file as it is written.

    :raises RuntimeError: no browser, or a page that does not answer with a page.
    """
    chromium = find_chromium()
    if chromium is None:
        raise RuntimeError(
            "No Chromium here: install it (apt install chromium) or set CHUAN_CHROMIUM"
        )
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for account in dict.fromkeys(shot.account for shot in shots):
            theirs = [shot for shot in shots if shot.account == account]
            yield from _take_as(browser, address, account, theirs, out, theme)
        browser.close()


def _take_as(
    browser: Browser, address: str, account: str, shots: list[Shot], out: Path, theme: str
) -> Iterator[Path]:
    context = browser.new_context(
        base_url=address,
        color_scheme="dark" if theme == "dark" else "light",
        locale="vi-VN",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if account:
        sign_in(page, *account.split(":", 1))
    for shot in shots:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            answer = page.goto(shot.path)
            if answer is None or answer.status >= 500:
                raise RuntimeError(f"{shot.path} answered {answer.status if answer else 'nothing'}")
            page.evaluate("document.fonts.ready")
            path = out / f"{shot.name}-{width}{'-dark' if theme == 'dark' else ''}.png"
            page.screenshot(path=path, full_page=True)
            yield path
    context.close()


def sign_in(page: Page, username: str, password: str) -> None:
    """Through the form, as a person does.

    :raises RuntimeError: the name or the password is wrong.
    """
    page.goto("/tai-khoan/dang-nhap/")
    fill_in_sign_in(page, username, password)
    page.wait_for_load_state()
    if page.locator('input[name="password"]').count():
        raise RuntimeError(f"{username} could not sign in")


def fill_in_sign_in(page: Page, username: str, password: str) -> None:
    """Fill in the form that is open, and send it."""
    page.fill('input[name="login"]', username)
    page.fill('input[name="password"]', password)
    page.click('main form button[type="submit"]')


def read_list(text: str) -> list[Shot]:
    """The shots of a list: `name path [account:password]`, # begins a comment."""
    lines = (line.partition("#")[0].split() for line in text.splitlines())
    return [Shot(*line) for line in lines if line]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("list", type=Path)
    parser.add_argument("--out", type=Path, default=Path("var/shots"))
    parser.add_argument("--dark", action="store_true")
    given = parser.parse_args()
    shots = read_list(given.list.read_text(encoding="utf-8"))
    for path in take(given.address, shots, given.out, theme="dark" if given.dark else "light"):
        print(path)


if __name__ == "__main__":
    main()
