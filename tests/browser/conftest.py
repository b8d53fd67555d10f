"""A real browser in front of the real site.

    def test_a_clerk_sends_the_report(open_page, sign_in):
        page = open_page("/bao-cao/", person=clerk, width=360, javascript=False)

Chromium is the machine's own (`CHUAN_CHROMIUM`, or the usual names). Without one these tests are skipped
with a message; where CI=true they fail.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser import axe as axe_core
from tests.browser import furnished
from tools.shots import ARGUMENTS, fill_in_sign_in, find_chromium

# Playwright keeps an event loop in this thread; Django would refuse the database beside one.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

WIDTHS = {"wide": 1280, "narrow": 360}


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def chromium():
    """The browser, started once."""
    path = find_chromium()
    if path is None:
        message = "No Chromium here: install it (apt install chromium) or set CHUAN_CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def _kept_databases(django_db_setup):
    names: set[str] = set()
    yield names
    furnished.drop_what_is_kept(names)


@pytest.fixture
def start_from(_kept_databases, transactional_db):
    """`start_from("demo", load)`: begin with what `load` writes; it writes once in the whole run."""

    def begin(name, fill):
        _kept_databases.add(name)
        furnished.start_from(name, fill)

    return begin


@pytest.fixture
def open_page(chromium: Browser, live_server):
    """Open an address of the site in a browser of its own.

    Errors on the console, what the policy of contents refuses, and requests to other hosts fail the test.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(path="/", *, person=None, width=1280, height=900, javascript=True, theme="light"):
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            color_scheme=theme,
            locale="vi-VN",
            reduced_motion="reduce",
            accept_downloads=True,
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        if person is not None:
            context.add_cookies([session_cookie(person, live_server.url)])
        page = context.new_page()
        page.on("console", lambda message: _note(message, complaints))
        page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
        page.on("request", lambda request: _note_strange_host(request.url, live_server, complaints))
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def _note(message, complaints):
    # A page that answers 403, 404, 409 or 422 on purpose is no fault of the page.
    if message.type == "error" and "Failed to load resource" not in message.text:
        complaints.append(message.text)


def _note_strange_host(url, live_server, complaints):
    asked = urlsplit(url)
    if asked.scheme in {"http", "https"} and asked.netloc != urlsplit(live_server.url).netloc:
        complaints.append(f"asked another host: {url}")


def session_cookie(person, url):
    client = Client()
    client.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


@pytest.fixture
def sign_in(open_page):
    """Sign in through the form, as a person does."""

    def through_the_form(username: str, password: str, **how) -> Page:
        page = open_page("/tai-khoan/dang-nhap/", **how)
        fill_in_sign_in(page, username, password)
        page.wait_for_load_state()
        return page

    return through_the_form


@pytest.fixture
def axe():
    """`axe(page)` fails when the page has an accessibility violation."""
    return axe_core.assert_accessible


@pytest.fixture
def fits():
    """`fits(page)` fails when the page is wider than the screen."""

    def assert_no_sideways_scroll(page: Page) -> None:
        wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{page.url} is {wide} px wider than {page.viewport_size}"

    return assert_no_sideways_scroll


def pytest_report_header():
    return f"chromium: {find_chromium() or 'none, browser tests will be skipped'}"
