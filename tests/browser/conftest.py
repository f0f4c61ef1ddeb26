"""A browser in front of the made-up plant of the mockups."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from apps.accounts import operations
from apps.accounts.http import DEVICE_COOKIE
from apps.accounts.models import User
from apps.accounts.types import Place, Principal
from tests.browser.served import launch, served
from tests.make import norvik
from tests.make.orders import orders

# The sync API of Playwright keeps a loop in this thread; the tables are only touched beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
# The pages are served without their sockets here; tests/integration/live has those.
_EXPECTED = ("WebSocket", "Failed to load resource")


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """One driver for all browser tests."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for all browser tests; each test has a context of its own."""
    browser = launch(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def floor(django_db_setup: None, django_db_blocker: Any) -> Iterator[User]:
    """The made-up plant, made once for all browser tests; its supervisor."""
    with django_db_blocker.unblock():
        boss = norvik.people(norvik.norvik())
        orders()
        yield boss
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def transactional_db(floor: User, django_db_blocker: Any) -> Iterator[None]:
    """The tables, open to the server's threads; not emptied after each test, as the plugin's own fixture would do."""
    with django_db_blocker.unblock():
        yield
        norvik.unsay()


@pytest.fixture
def boss(transactional_db: None, floor: User) -> User:
    """The supervisor. What a test says of stops is taken back after it."""
    return floor


@pytest.fixture
def site(boss: User) -> Iterator[str]:
    """Its address."""
    with served(norvik.NOW) as address:
        yield address


@pytest.fixture
def context(browser: Browser, site: str, boss: User) -> Iterator[BrowserContext]:
    """A browser in which the supervisor is signed in."""
    client = Client()
    client.force_login(boss)
    context = browser.new_context(base_url=site, viewport={"width": 1440, "height": 900})
    context.add_cookies([_cookie(site, "sessionid", client.cookies["sessionid"].value)])
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page in it that remembers what it complained about (`page.said`)."""
    return listening(context.new_page())


@pytest.fixture
def tablet(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Open the tablet of a line in a paired browser of some size."""
    contexts: list[BrowserContext] = []

    def opened(slug: str = "mill-1", width: int = 1280, height: int = 800) -> Page:
        admin = Principal("test", "test", is_everywhere=True)
        place = Place(norvik.COMPANY, norvik.PLANT, slug)
        code = operations.make_code(name=f"Tablet {slug}", kind="tablet", place=place, by=admin, now=norvik.NOW)
        _device, token = operations.pair(code, now=norvik.NOW)
        context = browser.new_context(base_url=site, viewport={"width": width, "height": height}, has_touch=True)
        context.add_cookies([_cookie(site, DEVICE_COOKIE, token)])
        contexts.append(context)
        page = listening(context.new_page())
        page.goto(f"/tablet/{slug}/")
        return page

    yield opened
    for context in contexts:
        context.close()


def listening(page: Page) -> Page:
    """Let a page collect what it complains about."""
    said: list[str] = []
    page.said = said  # type: ignore[attr-defined]

    def hear(text: str) -> None:
        if not any(words in text for words in _EXPECTED):
            said.append(text)

    page.on("console", lambda message: hear(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: hear(str(error)))
    return page


def _cookie(site: str, name: str, value: str) -> Any:
    host = site.split("//")[1].split(":", maxsplit=1)[0]
    return {"name": name, "value": value, "domain": host, "path": "/"}
