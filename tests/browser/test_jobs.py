"""The jobs in a browser: chosen by hand and by key, fresh without being touched, grey when it is not live."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import listening

# What these pages say and do is asked of views on every database elsewhere.
pytestmark = pytest.mark.once

PATH = "/jobs/NRVK/004512-1/"
LOSE = """() => {
  const real = Date.now;
  Date.now = () => real() + 120000;
}"""


class TestList:
    def test_leads_to_a_job_with_the_keyboard_alone(self, page: Page) -> None:
        page.goto("/")
        page.keyboard.press("g")
        page.keyboard.press("j")
        page.wait_for_url("**/jobs/")
        page.keyboard.press("/")
        page.keyboard.type("004512")
        page.keyboard.press("Enter")
        page.wait_for_url("**find=004512")
        expect(page.locator(".jobs-tbl tbody tr")).to_have_count(1)
        page.get_by_role("link", name="004512-1").focus()
        page.keyboard.press("Enter")

        page.wait_for_url(f"**{PATH}")
        assert page.said == []  # type: ignore[attr-defined]

    def test_worst_first(self, page: Page) -> None:
        page.goto("/jobs/")

        expect(page.locator(".jobs-tbl .job").first).to_have_text("004512-1")


class TestJob:
    def test_choosing_an_operation_brings_its_parts_and_its_address(self, page: Page) -> None:
        page.goto("/jobs/NRVK/004600-1/")
        page.locator('[data-stage="20"]').focus()
        page.keyboard.press("Enter")

        page.wait_for_url("**/jobs/NRVK/004600-1/?op=20")
        expect(page.locator("#parts h2").first).to_contain_text("Op 20 Weld")
        expect(page.locator('[data-stage="20"]')).to_have_attribute("aria-current", "true")
        expect(page.locator('.stage[aria-current="true"]')).to_have_count(1)
        # Bars and ribbons that came with it have their sizes.
        width = page.locator("#parts .track i").first.evaluate("element => element.style.getPropertyValue('--v')")
        assert float(width) > 0
        page.go_back()
        expect(page.locator('.stage[aria-current="true"]')).not_to_have_attribute("data-stage", "20")
        assert page.said == []  # type: ignore[attr-defined]

    def test_arrows_move_along_the_operations(self, page: Page) -> None:
        page.goto("/jobs/NRVK/004600-1/")
        page.locator('[data-stage="20"]').focus()
        page.keyboard.press("ArrowDown")

        assert page.evaluate("document.activeElement.dataset.stage") == "30"

    def test_the_chosen_one_of_many_is_in_sight(self, page: Page) -> None:
        page.goto("/jobs/NRVK/004600-1/")

        expect(page.locator(".stage.is-sel")).to_be_in_viewport()

    def test_a_message_patches_it_and_another_job_on_the_line_fetches_it_anew(self, page: Page) -> None:
        page.goto(PATH)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if request.url.endswith(PATH) else None)
        tell = """job => document.dispatchEvent(new CustomEvent("live:line", { detail: { line: "mill-1", job } }))"""
        same = {"JobNum": "004512-1", "AssemblySeq": 0, "OprSeq": 20}
        page.evaluate(tell, same)
        page.wait_for_timeout(1500)
        assert asked == []

        page.evaluate(tell, same | {"OprSeq": 30})
        page.wait_for_timeout(2500)

        assert len(asked) == 1
        expect(page.locator("#job-live .facts")).to_contain_text("1\u202f240")

    def test_it_is_not_fetched_under_the_focus(self, page: Page) -> None:
        page.goto(PATH)
        page.locator('[data-stage="20"]').focus()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.evaluate(
            """document.dispatchEvent(new CustomEvent("live:line", { detail: { line: "mill-1", job: null } }))"""
        )
        page.wait_for_timeout(2500)

        assert [url for url in asked if PATH in url] == []

    def test_loses_its_colour_when_it_is_not_live(self, page: Page) -> None:
        page.goto(PATH)
        page.evaluate(LOSE)

        expect(page.locator("[data-strip]")).to_be_visible(timeout=5000)
        expect(page.locator("main.is-frozen")).to_be_visible()
        assert "grayscale" in page.locator(".facts .st").evaluate("element => getComputedStyle(element).filter")

    @pytest.mark.parametrize("width", [1920, 1440, 1024, 390, 320])
    def test_fifty_operations_with_long_words_fit(self, width: int, page: Page) -> None:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("/jobs/NRVK/004600-1/")

        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_nothing_is_said_to_the_console_in_either_theme(page: Page) -> None:
    for path in ("/jobs/?theme=board", f"{PATH}?theme=board", "/jobs/NRVK/004600-1/?theme=light&op=40"):
        one = listening(page.context.new_page())
        one.goto(path)
        one.wait_for_timeout(200)
        assert one.said == [], path  # type: ignore[attr-defined]
        one.close()
