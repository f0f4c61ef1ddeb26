"""Every page in both themes: nothing that the policy forbids, nothing that runs out of the window."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import listening

pytestmark = pytest.mark.once

PAGES = (
    "/",
    "/?state=stop",
    "/?view=wall",
    "/board/mill-1/",
    "/board/press-400/",
    "/tablet/mill-1/",
    "/jobs/",
    "/jobs/?tab=next",
    "/jobs/NRVK/004512-1/",
    "/jobs/NRVK/004600-1/?op=40",
    "/losses/?days=1",
    "/losses/?days=1&by=line",
    "/me/",
    "/devices/",
    "/nowhere/",
)
WIDTHS = (1920, 1440, 1280, 1024, 390, 320)
# Made for one size of screen: they fill it instead of flowing.
FIXED = ("/tablet/", "view=wall")


class TestEveryPage:
    def test_says_nothing_to_the_console_and_never_scrolls_sideways(self, context: BrowserContext) -> None:
        problems = []
        for path in PAGES:
            page = listening(context.new_page())
            page.goto(f"{path}{'&' if '?' in path else '?'}theme=light")
            page.wait_for_timeout(150)
            for theme in ("light", "board"):
                page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
                for width in WIDTHS if not any(part in path for part in FIXED) else WIDTHS[:4]:
                    page.set_viewport_size({"width": width, "height": 900})
                    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                    problems += [f"{path} {theme} {width}: {over} px too wide"] if over > 0 else []
            problems += [f"{path}: {text}" for text in page.said]  # type: ignore[attr-defined]
            page.close()

        assert problems == []

    def test_wears_the_theme_that_the_address_names(self, page: Page) -> None:
        page.goto("/?theme=board")
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.goto("/?theme=light")

        assert dark == "rgb(13, 17, 20)"
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(230, 232, 234)"


class TestTheme:
    def test_is_switched_and_kept(self, page: Page) -> None:
        page.goto("/")
        page.get_by_role("button", name="Switch theme").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "board")

        page.goto("/losses/?days=1")

        expect(page.locator("html")).to_have_attribute("data-theme", "board")

    def test_charts_follow_it(self, page: Page) -> None:
        page.goto("/losses/?days=1")
        bar = page.locator("#pareto .barlayer path").first
        before = bar.evaluate("element => getComputedStyle(element).fill")
        page.get_by_role("button", name="Switch theme").click()

        assert bar.evaluate("element => getComputedStyle(element).fill") != before

    def test_a_wall_has_a_choice_of_its_own(self, page: Page) -> None:
        page.goto("/")
        page.get_by_role("button", name="Switch theme").click()
        page.goto("/board/mill-1/")

        expect(page.locator("html")).to_have_attribute("data-theme", "board")
        expect(page.locator("html")).to_have_attribute("data-theme-key", "wall")


class TestKeyboard:
    def test_focus_is_seen_and_the_skip_link_comes_first(self, page: Page) -> None:
        page.goto("/")
        page.keyboard.press("Tab")

        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"

    def test_g_and_a_letter_goes(self, page: Page) -> None:
        page.goto("/")
        page.keyboard.press("g")
        page.keyboard.press("o")

        page.wait_for_url("**/losses/")

    def test_arrows_move_between_tiles_and_enter_opens_one(self, page: Page) -> None:
        page.goto("/")
        page.locator("[data-tile]").first.focus()
        page.keyboard.press("ArrowRight")

        assert page.evaluate("document.activeElement.dataset.line") == "weld-a"
        page.keyboard.press("Enter")
        page.wait_for_url("**/board/weld-a/")

    def test_escape_clears_filters(self, page: Page) -> None:
        page.goto("/?state=nosig&area=Machining")
        page.keyboard.press("Escape")

        page.wait_for_url("**/?plant=NRVK%2FNORTH")

    def test_single_keys_can_be_turned_off(self, page: Page) -> None:
        page.goto("/me/")
        page.locator("[data-keys-switch]").uncheck()
        page.goto("/")
        page.keyboard.press("g")
        page.keyboard.press("o")
        page.wait_for_timeout(300)

        assert page.url.endswith("/")


class TestPlant:
    def test_a_count_is_a_filter_and_a_second_tap_clears_it(self, page: Page) -> None:
        page.goto("/")
        page.get_by_role("button", name="Stopped 2").click()
        expect(page.locator("[data-tile]")).to_have_count(2)

        page.get_by_role("button", name="Stopped 2").click()

        expect(page.locator("[data-tile]")).to_have_count(12)

    def test_durations_tick_with_the_servers_clock(self, page: Page) -> None:
        page.goto("/")
        corner = page.locator('[data-line="mill-1"] .dur')
        expect(corner).to_contain_text("14min")
        before = corner.inner_text()
        page.wait_for_timeout(1100)

        assert corner.inner_text() != before

    def test_the_mill_has_the_figures_of_the_design(self, page: Page) -> None:
        page.goto("/board/mill-1/")

        expect(page.locator('[data-k="have"]')).to_have_text("1\u202f240")
        expect(page.locator('.b-oee [data-k="oee"]')).to_have_text("69")
        expect(page.locator(".b-oee .val").first).to_have_text("78\u202f%")
        expect(page.locator(".hours .hr .n").nth(3)).to_contain_text("201")


class TestLosses:
    def test_a_click_on_a_bar_sets_the_filter(self, page: Page) -> None:
        page.goto("/losses/?days=1")
        box = page.locator("#pareto .barlayer path").first.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 10, box["y"] + 10)
        page.mouse.click(box["x"] + 10, box["y"] + 10)

        page.wait_for_url("**reason=*")

    def test_a_choice_is_in_the_address_at_once(self, page: Page) -> None:
        page.goto("/losses/")
        page.locator("select[name=line]").select_option("mill-1")

        page.wait_for_url("**line=mill-1*")
        expect(page.locator("label.is-set", has_text="Line")).to_be_visible()
