"""The tablet under a finger: big targets, one tap one reason, and nothing lost without a network."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from apps.accounts.models import Saying
from apps.accounts.sayings import is_key
from apps.downtime.models import ReasonTag, SplitMark
from apps.reasons.models import ReasonCode
from apps.shared.clock import now_us
from apps.states.models import ScrapReport
from tests.make.norvik import NOW

# What these pages say and do is asked of views on every database elsewhere.
pytestmark = pytest.mark.once

SIZES = ((1280, 800), (1366, 768), (1024, 768), (800, 1280), (768, 1024))
SMALLEST = 64
SHEETS = ("", "split", "comment", "scrap", "who")
Opened = Callable[..., Page]
# Makes what is kept on the tablet look as it did before taps had a key and a seal.
FORGET_KEYS = """() => new Promise((resolve) => {
    indexedDB.open("jobline", 1).onsuccess = ({ target }) => {
        const store = target.result.transaction("said", "readwrite").objectStore("said");
        store.getAll().onsuccess = ({ target }) => {
            const [{ fields, ...entry }] = target.result;
            const { key, speaker, ...said } = fields;
            store.put({ ...entry, fields: said }).onsuccess = () => resolve();
        };
    };
})"""


def reason(page: Page, text: str) -> None:
    """Tap a reason, through its kind where it is not usual here."""
    if not page.locator(".t-reason:visible", has_text=text).count():
        kind = page.locator(".t-reason", has_text=text).last.evaluate(
            "button => button.closest('[data-grid]').dataset.grid"
        )
        page.locator(f'[data-kind="{kind}"]').click()
    page.locator(".t-reason:visible", has_text=text).first.click()


def stand(page: Page, name: str) -> None:
    """Say who stands at the tablet."""
    page.locator('[data-open-sheet="who"]').click()
    page.locator(".person", has_text=name).click()
    expect(page.locator("[data-who-name]")).to_have_text(name)


def tags() -> list[tuple[str, str]]:
    """(action, code) of what was said during the test, in the order of saying."""
    said = ReasonTag.objects.filter(tagged_at__gte=NOW).order_by("tagged_at", "id")
    return list(said.values_list("action", "code"))


def wait_for(page: Page, wanted: list[tuple[str, str]]) -> None:
    """Until this was said, and nothing else."""
    for _ in range(50):
        if tags() == wanted:
            return
        page.wait_for_timeout(100)
    assert tags() == wanted


@pytest.mark.parametrize("size", SIZES, ids=str)
class TestTargets:
    def test_everything_that_can_be_tapped_is_large_enough_and_inside(
        self, size: tuple[int, int], tablet: Opened
    ) -> None:
        page = tablet("mill-1", *size)
        problems = []
        for sheet in SHEETS:
            if sheet:
                page.evaluate(f"document.querySelector('[data-open-sheet=\"{sheet}\"]').click()")
            for button in page.locator("button:visible, a:visible, input:visible").all():
                box = button.bounding_box()
                assert box is not None
                in_list = button.evaluate("element => Boolean(element.closest('.t-log, .people'))")
                if min(box["width"], box["height"]) < SMALLEST - 0.5:
                    problems.append((sheet, button.inner_text(), box))
                if not in_list and (
                    box["x"] < -1 or box["x"] + box["width"] > size[0] + 1 or box["y"] + box["height"] > size[1] + 1
                ):
                    problems.append((sheet, "outside", button.inner_text(), box))
            if sheet:
                page.locator("[data-close-sheet]:visible").click()

        assert problems == []
        assert page.evaluate("document.documentElement.scrollHeight - window.innerHeight") <= 0


class TestTagging:
    def test_one_tap_saves_and_the_oldest_open_stop_is_next(self, tablet: Opened) -> None:
        page = tablet()
        expect(page.locator("[data-asked]")).to_have_text("10:27, still stopped")
        reason(page, "Spindle fault")

        expect(page.locator("[data-toast]")).to_contain_text("tagged Spindle fault")
        expect(page.locator("[data-asked]")).to_have_text("08:55–08:59")
        wait_for(page, [("tag", "E130")])

    def test_undo_takes_it_back(self, tablet: Opened) -> None:
        page = tablet()
        reason(page, "Spindle fault")
        page.locator("[data-undo]").click()
        expect(page.locator("[data-asked]")).to_have_text("10:27, still stopped")
        expect(page.locator("[data-toast]")).to_be_hidden()

        wait_for(page, [("tag", "E130"), ("untag", "")])

    def test_kinds_bring_their_reasons(self, tablet: Opened) -> None:
        page = tablet()
        page.locator("[data-kind]", has_text="Material").click()

        expect(page.locator(".t-reason:visible")).to_have_count(2)

    def test_a_done_stop_can_be_opened_again(self, tablet: Opened) -> None:
        page = tablet()
        page.locator(".t-item.is-done", has_text="07:12").click()
        expect(page.locator("[data-question]")).to_have_text("Another reason?")
        reason(page, "Tool wear")

        expect(page.locator(".t-item.is-done", has_text="07:12")).to_contain_text("Tool wear")

    def test_a_retired_reason_is_refused_with_what_is_still_true(self, tablet: Opened) -> None:
        page = tablet()
        ReasonCode.objects.filter(code="E130").update(retired_at="2026-05-12T08:42:00Z")
        reason(page, "Spindle fault")

        expect(page.get_by_role("alert").locator("visible=true")).to_contain_text(
            "Reason E130 is no longer active in Epicor."
        )
        assert tags() == []

    def test_a_stop_is_split_with_a_reason_each(self, tablet: Opened) -> None:
        page = tablet()
        page.locator(".t-item", has_text="09:41").click()
        page.locator('[data-open-sheet="split"]').click()
        page.locator('[data-step="-1"]').click()
        page.locator('[data-pick="first"]').click()
        reason(page, "Tool wear")
        page.locator("[data-save-split]").click()
        expect(page.locator(".t-item.is-done", has_text="09:41–09:46")).to_contain_text("Tool wear")

        expect(page.locator(".t-item", has_text="09:46–09:53")).to_contain_text("004512-1 Op 20")
        assert SplitMark.objects.count() == 1

    def test_a_comment_goes_with_the_reason(self, tablet: Opened) -> None:
        page = tablet()
        page.locator('[data-open-sheet="comment"]').click()
        page.locator("[data-phrase]", has_text="Called maintenance").click()
        page.locator("[data-save-comment]").click()
        reason(page, "Spindle fault")
        wait_for(page, [("tag", "E130")])

        assert ReasonTag.objects.get(code="E130", comment="Called maintenance.")

    def test_scrap_repeats_number_and_reason_on_its_button(self, tablet: Opened) -> None:
        page = tablet()
        page.locator('[data-open-sheet="scrap"]').click()
        page.locator('[data-pad="scrap"] [data-digit="4"]').click()
        page.locator('[data-scrap-code="S120"]').click()
        page.get_by_role("button", name="Add 4 scrap, Out of tolerance").click()
        page.wait_for_timeout(500)

        assert list(ScrapReport.objects.values_list("qty", "code")) == [(4, "S120")]

    def test_a_name_is_said_once_and_stands_behind_what_follows(self, tablet: Opened) -> None:
        page = tablet()
        stand(page, "Jonas Oduya")
        reason(page, "Spindle fault")
        wait_for(page, [("tag", "E130")])

        assert ReasonTag.objects.get(code="E130", tagged_at__gte=NOW).by == "1042"


class TestOffline:
    def test_what_is_tapped_is_kept_and_sent_in_its_order(self, tablet: Opened) -> None:
        page = tablet()
        page.context.set_offline(True)
        before = now_us()
        for text in ("Spindle fault", "Coolant low", "Tool wear"):
            reason(page, text)
        expect(page.locator("[data-net]")).to_have_text("Offline · 3 kept here")
        expect(page.locator("[data-toast]")).to_contain_text("Kept on this tablet")
        assert tags() == []

        page.context.set_offline(False)

        expect(page.locator("[data-net]")).to_have_text("Online", timeout=15000)
        wait_for(page, [("tag", "E130"), ("tag", "C120"), ("tag", "T220")])
        said = list(ReasonTag.objects.filter(tagged_at__gte=NOW).order_by("id").values_list("tagged_at", flat=True))
        assert said == sorted(said)
        assert all(before - 2_000_000 < at < now_us() for at in said)

    def test_it_is_still_there_after_the_page_was_closed(self, tablet: Opened) -> None:
        page = tablet()
        page.context.set_offline(True)
        reason(page, "Tool breakage")
        expect(page.locator("[data-net]")).to_have_text("Offline · 1 kept here")
        page.context.set_offline(False)
        page.goto("/tablet/mill-1/")

        expect(page.locator(".t-stop", has_text="Tool breakage")).to_be_visible()
        wait_for(page, [("tag", "D210")])

    def test_a_page_older_than_a_sign_in_elsewhere_loads_anew_and_sends(self, tablet: Opened) -> None:
        page = tablet()
        [cookie] = [one for one in page.context.cookies() if one["name"] == "csrftoken"]
        page.context.add_cookies([{**cookie, "value": "k" * 32}])  # type: ignore[list-item]

        reason(page, "Tool breakage")

        wait_for(page, [("tag", "D210")])
        expect(page.locator(".t-stop", has_text="Tool breakage")).to_be_visible()

    def test_an_answer_that_is_lost_costs_no_second_scrap_and_no_wrong_name(self, tablet: Opened) -> None:
        page = tablet()
        stand(page, "Jonas Oduya")

        def lose(route: Route) -> None:
            """The server hears it; the tablet does not hear the server."""
            route.fetch()
            route.abort()

        page.route("**/scrap/", lose, times=1)
        page.locator('[data-open-sheet="scrap"]').click()
        page.locator('[data-pad="scrap"] [data-digit="4"]').click()
        page.locator('[data-scrap-code="S120"]').click()
        page.get_by_role("button", name="Add 4 scrap, Out of tolerance").click()
        expect(page.locator("[data-net]")).to_have_text("Offline · 1 kept here")
        # What is tapped now waits behind it, and is sent under another name than it was tapped under.
        reason(page, "Spindle fault")
        stand(page, "Ana Kovač")
        expect(page.locator("[data-net]")).to_have_text("Online", timeout=15000)
        wait_for(page, [("tag", "E130")])

        assert list(ScrapReport.objects.values_list("qty", "by")) == [(4, "1042")]
        assert ReasonTag.objects.get(tagged_at__gte=NOW).by == "1042"

    def test_a_tap_has_its_key_where_the_page_came_over_plain_http(self, tablet: Opened) -> None:
        page = tablet()
        before = set(Saying.objects.values_list("key", flat=True))
        page.evaluate("Object.defineProperty(crypto, 'randomUUID', { value: undefined })")
        reason(page, "Spindle fault")
        wait_for(page, [("tag", "E130")])

        (key,) = set(Saying.objects.values_list("key", flat=True)) - before
        assert is_key(key)

    def test_what_a_page_from_before_the_keys_kept_is_taken_in(self, tablet: Opened) -> None:
        page = tablet()
        page.context.set_offline(True)
        reason(page, "Tool breakage")
        expect(page.locator("[data-net]")).to_have_text("Offline · 1 kept here")
        page.evaluate(FORGET_KEYS)
        page.context.set_offline(False)

        wait_for(page, [("tag", "D210")])
