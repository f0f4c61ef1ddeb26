"""A board in front of a real web process: it follows without a reload, says when it lost the server, and comes back."""

import os
import signal
from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from apps.accounts.models import User
from apps.lines.models import Line
from apps.lines.operations import bump
from tests.make.processes import Site

pytestmark = pytest.mark.slow
BOARD = "/board/mill-1/"


@pytest.fixture
def web(boss: User) -> Iterator[Site]:
    """A web process on the made-up plant."""
    with Site() as site:
        site.web()
        yield site


@pytest.fixture
def page(browser: Browser, web: Site, boss: User) -> Iterator[Page]:
    """The board of mill-1, signed in, with a clock that can be put forward."""
    client = Client()
    client.force_login(boss)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": f"http://127.0.0.1:{web.port}"}
    with browser.new_context(base_url=cookie["url"]) as context:
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.clock.install()
        page.goto(BOARD)
        page.evaluate("window.wasHere = true")
        yield page


@pytest.fixture
def renamed() -> Iterator[None]:
    """Give the line its name back."""
    name = Line.objects.get(slug="mill-1").name
    yield
    _rename(name)


def _rename(name: str) -> None:
    Line.objects.filter(slug="mill-1").update(name=name)
    bump([Line.objects.get(slug="mill-1").pk])


@pytest.mark.usefixtures("renamed")
class TestBoard:
    def test_follows_without_a_reload(self, page: Page) -> None:
        _rename("Mill one")

        expect(page.locator("h1")).to_have_text("Mill one", timeout=10_000)
        assert page.evaluate("window.wasHere")

    def test_holds_still_under_a_finger_and_follows_when_it_lifts(self, page: Page) -> None:
        page.locator("h1").dispatch_event("pointerdown")
        _rename("Mill one")
        page.wait_for_timeout(2500)
        before = page.locator("h1").text_content()
        page.locator("h1").dispatch_event("pointerup")

        assert before == "Mill 1"
        expect(page.locator("h1")).to_have_text("Mill one")

    def test_freezes_after_a_minute_of_silence_and_thaws_by_itself(self, page: Page, web: Site) -> None:
        strip = page.locator("[data-strip]")
        expect(strip).to_be_hidden()
        process = web.processes["web"]
        os.kill(process.pid, signal.SIGSTOP)
        try:
            page.clock.fast_forward(61_000)
            expect(strip).to_contain_text("This screen lost Jobline at ")
            expect(page.locator("main.board")).to_have_class("board is-frozen")
        finally:
            os.kill(process.pid, signal.SIGCONT)

        page.clock.fast_forward(15_000)

        expect(page.locator("main.board")).to_have_class("board", timeout=20_000)
        expect(strip).to_be_hidden()

    def test_goes_to_the_sign_in_page_when_the_session_is_over(self, page: Page, web: Site, boss: User) -> None:
        page.context.clear_cookies()
        web.kill("web")
        web.web()

        page.clock.fast_forward(15_000)

        page.wait_for_url("**/login/?next=*", timeout=20_000)
