"""Pictures of every page at 1280 and 360 px, for people to look at: `make shots`.

    python -m tools.shots                                 starts a demo of its own and walks through it
    python -m tools.shots http://127.0.0.1:8000 --as dieuphoi:password --as canbo:password
    python -m tools.shots http://127.0.0.1:8000 --as canbo:password --page /bao-cao/ --dark

The walk follows links from each account's first page (and a stranger's) and takes every address pattern once, in the
eyes of the first account that meets it. Pictures go to var/shots, named by account and pattern.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, Error, Page, Response, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "var" / "shots"
SITE = ROOT / "var" / "shots-site"
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
SIGN_IN = "/tai-khoan/dang-nhap/"
HELP = "/tro-giup/"
MOST_PAGES = 150  # an account's walk ends here, whatever is left
MOST_OF_ONE_PATTERN = 3  # lists lead to hundreds of pages that look alike
START_SECONDS = 300
ACCOUNT = re.compile(r"^    (\S+)   +(\S+)   ")


@dataclass(frozen=True, slots=True)
class Account:
    """Who looks; without a name, a stranger."""

    name: str = ""
    password: str = ""


STRANGER = Account()


def find_chromium() -> str | None:
    """The machine's own browser; Playwright's download is not needed."""
    named = os.environ.get("CHUAN_CHROMIUM")
    candidates = [named] if named else ["chromium", "chromium-browser", "google-chrome", "chrome"]
    return next((path for name in candidates if (path := shutil.which(name))), None)


def take(
    address: str,
    accounts: Sequence[Account],
    out: Path,
    *,
    pages: Sequence[str] = (),
    theme: str = "light",
) -> Iterator[Path]:
    """Take `pages` as every account, or walk through the site; yields each file as it is written.

    :raises RuntimeError: no browser, an account that cannot sign in; at the end, pages that failed.
    """
    chromium = find_chromium()
    if chromium is None:
        raise RuntimeError(
            "No Chromium here: install it (apt install chromium) or set CHUAN_CHROMIUM"
        )
    out.mkdir(parents=True, exist_ok=True)
    seen: set[str] = set()
    faults: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for account in accounts:
            yield from _look(browser, address, account, out, pages, theme, seen, faults)
        browser.close()
    if faults:
        raise RuntimeError("Pages with an error of the server:\n" + "\n".join(faults))


def _look(
    browser: Browser,
    address: str,
    account: Account,
    out: Path,
    pages: Sequence[str],
    theme: str,
    seen: set[str],
    faults: list[str],
) -> Iterator[Path]:
    context = browser.new_context(
        base_url=address,
        color_scheme="dark" if theme == "dark" else "light",
        locale="vi-VN",
        reduced_motion="reduce",
        viewport={"width": WIDTHS[0], "height": 900},
    )
    page = context.new_page()
    first = "/"
    if account.name:
        sign_in(page, account.name, account.password)
        first = urlsplit(page.url).path
    waiting = list(pages) or [first, HELP]  # the rail is there even when the first page fails
    met, times = set(waiting), dict[str, int]()
    visited = 0
    while waiting and visited < MOST_PAGES:
        path = waiting.pop(0)
        pattern = pattern_of(path)
        if not pages and times.get(pattern, 0) >= MOST_OF_ONE_PATTERN:
            continue
        times[pattern] = times.get(pattern, 0) + 1
        answer = _open(page, path)
        visited += 1
        if answer is None:
            continue
        if answer.status >= 500:
            faults.append(f"{path} answered {answer.status} to {account.name or 'a stranger'}")
            continue
        if not pages:
            for link in _links(page):
                if link not in met:
                    met.add(link)
                    waiting.append(link)
            pattern = pattern_of(urlsplit(page.url).path)
        if pages or pattern not in seen or path == first:
            seen.add(pattern)
            yield from _shoot(page, out / f"{account.name or 'khach'}-{_slug(pattern)}", theme)
    context.close()


def _open(page: Page, path: str) -> Response | None:
    """The answer, or None for an address that is a file and not a page."""
    try:
        answer = page.goto(path)
    except Error as error:
        if "Download is starting" in str(error):
            return None
        raise
    if answer is None or "text/html" not in answer.headers.get("content-type", ""):
        return None
    return answer


def _shoot(page: Page, stem: Path, theme: str) -> Iterator[Path]:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("document.fonts.ready")
        path = stem.with_name(f"{stem.name}-{width}{'-dark' if theme == 'dark' else ''}.png")
        page.screenshot(path=path, full_page=True)
        yield path
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})


def _links(page: Page) -> list[str]:
    here = urlsplit(page.url)
    found = page.eval_on_selector_all(
        "a[href]:not([download])", "links => links.map(a => a.getAttribute('href'))"
    )
    paths = []
    for href in found:
        url = urlsplit(urljoin(page.url, href))
        if (url.scheme, url.netloc) == (here.scheme, here.netloc) and not url.query:
            paths.append(url.path)
    return [path for path in dict.fromkeys(paths) if not path.startswith("/static/")]


def pattern_of(path: str) -> str:
    """An address with what differs between rows left out: numbers and long random names."""
    parts = (
        "so" if re.fullmatch(r"\d+|[0-9a-f]{8}-[0-9a-f-]{20,}|[0-9a-f]{16,}", part) else part
        for part in path.split("/")
    )
    return "/".join(parts)


def _slug(pattern: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", pattern.lower()).strip("-") or "trang-dau"


def sign_in(page: Page, username: str, password: str) -> None:
    """Through the form, as a person does.

    :raises RuntimeError: the name or the password is wrong.
    """
    page.goto(SIGN_IN)
    fill_in_sign_in(page, username, password)
    page.wait_for_load_state()
    if urlsplit(page.url).path == SIGN_IN:
        raise RuntimeError(f"{username} could not sign in")


def fill_in_sign_in(page: Page, username: str, password: str) -> None:
    """Fill in the form that is open, and send it."""
    page.fill('input[name="login"]', username)
    page.fill('input[name="password"]', password)
    page.click('main form button[type="submit"]')


@contextmanager
def demo_of_our_own() -> Iterator[tuple[str, list[Account]]]:
    """A demo on a free port with data of its own, kept from one run to the next.

    :raises RuntimeError: it does not start.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "chuan.config.cli", "demo", "--port", str(port)]
    environment = {**os.environ, "CHUAN_VAR": str(SITE), "PYTHONUNBUFFERED": "1"}
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)
    assert demo.stdout is not None  # noqa: S101 - a pipe was asked for
    try:
        accounts: list[Account] = []
        begun = time.monotonic()
        for line in demo.stdout:
            print(line, end="")
            if found := ACCOUNT.match(line):
                accounts.append(Account(*found.groups()))
            if "Ctrl-C" in line and accounts:
                break
            if time.monotonic() - begun > START_SECONDS:
                raise RuntimeError("The demo takes too long to start")
        if not accounts:
            raise RuntimeError("The demo did not start")
        yield f"http://127.0.0.1:{port}", accounts
    finally:
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=60)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("address", nargs="?", help="a running site; without it, a demo is started")
    parser.add_argument(
        "--as", dest="accounts", action="append", default=[], metavar="NAME:PASSWORD"
    )
    parser.add_argument("--page", dest="pages", action="append", default=[], metavar="PATH")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--dark", action="store_true")
    given = parser.parse_args()
    theme = "dark" if given.dark else "light"
    if given.address:
        accounts = [Account(*text.split(":", 1)) for text in given.accounts] or [STRANGER]
        shots = take(given.address, accounts, given.out, pages=given.pages, theme=theme)
        print(f"{len([print(path) for path in shots])} pictures in {given.out}")
        return
    with demo_of_our_own() as (address, known):
        shots = take(address, [STRANGER, *known], given.out, pages=given.pages, theme=theme)
        print(f"{len([print(path) for path in shots])} pictures in {given.out}")


if __name__ == "__main__":
    main()
