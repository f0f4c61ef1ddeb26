"""How figures came about, over HTTP: the page says what the ledger says."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.lines.queries import policies
from apps.oee.explain import Ledger, explain
from apps.oee.restated import Restated, note
from apps.screens.working.address import LONGEST_DAYS
from apps.shared import format as say
from apps.shared.instants import HOUR, MINUTE, SECOND, iso
from tests.integration.screens.conftest import Floor

PATH = "/working/mill-1/"


def asked(start: int, end: int) -> dict[str, str]:
    """A window as the address has it."""
    return {"from": iso(start), "to": iso(end)}


def ledger_of(floor: Floor, start: int, end: int) -> Ledger:
    """What `manage.py explain` would print."""
    found = explain(policies(["mill-1"])["mill-1"], start, end, floor.now)
    assert found is not None
    return found


class TestFigures:
    def test_are_those_of_the_ledger(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        start, end = floor.now - HOUR, floor.now - 2 * MINUTE
        response = signed_in("viewer").get(PATH, asked(start, end))
        page, figures = response.context["page"], ledger_of(floor, start, end).figures
        ratios = (figures.availability, figures.performance, figures.quality, figures.oee, figures.coverage)

        assert response.status_code == 200
        assert [row.value for row in page.ratios] == [say.percent_sign(value, 1) for value in ratios]
        assert [(row.job, row.suffix, row.good, row.reject) for row in page.opers] == [
            ("004512", "-1", say.whole(figures.good), say.whole(figures.reject))
        ]
        assert (page.opers[0].cycle, page.opers[0].source) == ("30\u202fs", "Epicor's standard 120 PH")
        assert all(row.value in response.content.decode() for row in page.ratios)

    def test_the_buckets_are_the_window(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        start, end = floor.now - HOUR, floor.now - 2 * MINUTE
        page = signed_in("viewer").get(PATH, asked(start, end)).context["page"]
        shown = [round(float(row.seconds.replace(say.THIN, "")) * SECOND) for row in page.buckets]

        assert sorted(shown) == sorted(ledger_of(floor, start, end).figures.buckets.values())
        assert sum(shown) == end - start
        assert (page.sum, page.unaccounted) == (f"3{say.THIN}480", f"0{say.THIN}s unaccounted")

    def test_without_a_window_they_are_those_of_the_board(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        client = signed_in("viewer")
        page = client.get(PATH).context["page"]
        board = client.get("/board/mill-1/").context["m"]

        assert page.iso_window[1] == iso(floor.now)
        assert round(float(page.ratios[3].value.removesuffix(f"{say.THIN}%"))) == int(board["k"]["oee"])

    def test_a_future_end_is_cut_to_now(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        page = signed_in("viewer").get(PATH, asked(floor.now - HOUR, floor.now + HOUR)).context["page"]

        assert page.iso_window == (iso(floor.now - HOUR), iso(floor.now))

    def test_it_says_when_and_why_they_were_restated(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        line_id = policies(["mill-1"])["mill-1"].line_id
        for back, why in ((5, "Stop at 15:40 tagged M01"), (1, "Labour of 4512 came late")):
            note(Restated(line_id, floor.now - back * MINUTE, floor.now - HOUR, floor.now - 30 * MINUTE, why))
        content = signed_in("viewer").get(PATH).content.decode()

        said = " ".join(content.split())
        assert "<b>Figures were restated at 16:29</b>Labour of 4512 came late." in said
        assert "2 late facts in this window" in said
        assert "<td>16:25</td><td>Stop at 15:40 tagged M01</td>" in said


class TestWindow:
    @pytest.mark.parametrize(
        "query",
        [
            {"from": "soon", "to": "2026-03-08T21:00:00Z"},
            {"from": "2026-03-08T21:00:00", "to": "2026-03-08T22:00:00"},
            {"from": "2026-03-08T21:00:00Z"},
            {"to": "2026-03-08T21:00:00Z"},
            {"from": "2026-03-08T21:00:00Z", "to": "2026-03-08T21:00:00Z"},
            {"from": "0001-01-01T00:00:00+14:00", "to": "9999-12-31T23:59:59-14:00"},
            {"from": "<script>alert(1)</script>", "to": "\0"},
        ],
    )
    def test_one_that_makes_no_sense_is_a_page_that_says_so(
        self, query: dict[str, str], floor: Floor, signed_in: Callable[..., Client]
    ) -> None:
        response = signed_in("viewer").get(PATH, query)

        assert response.status_code == 400
        assert b'role="alert"' in response.content
        assert b"<script>alert" not in response.content

    def test_a_quarter_is_the_longest(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        client, most = signed_in("viewer"), LONGEST_DAYS * 24 * HOUR

        assert client.get(PATH, asked(floor.now - most, floor.now)).status_code == 200
        assert client.get(PATH, asked(floor.now - most - 1, floor.now)).status_code == 400

    @pytest.mark.parametrize(
        ("path", "query"),
        [
            (PATH, {"from": "2020-01-01T00:00:00Z", "to": "2020-01-02T00:00:00Z"}),
            (PATH, {"from": "2030-01-01T00:00:00Z", "to": "2030-01-02T00:00:00Z"}),
            (PATH, {"from": "0001-01-01T00:00:00+14:00", "to": "0001-01-01T00:01:00+14:00"}),
            ("/working/mill-2/", {}),
        ],
    )
    def test_where_nothing_is_known_it_says_so(
        self, path: str, query: dict[str, str], floor: Floor, signed_in: Callable[..., Client]
    ) -> None:
        response = signed_in("viewer").get(path, query)

        assert response.status_code == 200
        assert b"Nothing is known of this window" in response.content


class TestDoor:
    @pytest.mark.parametrize("path", ["/working/press-9/", "/working/nowhere/"])
    def test_a_foreign_line_is_like_none(self, path: str, floor: Floor, signed_in: Callable[..., Client]) -> None:
        assert signed_in("viewer").get(path, {"from": "soon"}).status_code == 404

    def test_a_stranger_is_shown_the_door(self, floor: Floor) -> None:
        assert Client().get(PATH)["Location"].startswith("/login/?next=")

    def test_it_takes_few_queries(
        self, floor: Floor, signed_in: Callable[..., Client], django_assert_max_num_queries: Any
    ) -> None:
        client = signed_in("viewer")

        with django_assert_max_num_queries(30):
            assert client.get(PATH).status_code == 200


class TestBoard:
    def test_figures_lead_here(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        content = signed_in("viewer").get("/board/mill-1/").content.decode()

        # OEE, the three factors, and the row that live.js copies.
        assert content.count(f'href="{PATH}"') == 5
        assert '<span data-k="label">Availability</span></a>' in content

    @pytest.mark.parametrize(("kind", "line"), [("kiosk", ""), ("tablet", "mill-1")])
    def test_a_screen_on_a_wall_has_no_link(
        self, kind: str, line: str, floor: Floor, paired: Callable[..., Client]
    ) -> None:
        response = paired(kind, line).get("/board/mill-1/")

        assert response.status_code == 200
        assert b"/working/" not in response.content


class TestLosses:
    def test_the_way_from_planned_to_good_time_leads_here(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        client = signed_in("planner")
        losses = client.get("/losses/?line=mill-1&days=1")
        address = losses.context["working"]
        page = client.get(address).context["page"]

        assert address.startswith(PATH + "?from=2026-03-08T11%3A00%3A00Z&to=")
        assert "How these figures came about" in losses.content.decode()
        assert page.iso_window[1] == iso(floor.now)
        assert page.opers[0].good == "120"

    @pytest.mark.parametrize(
        "query", ["days=1", "line=mill-1,mill-2", "line=mill-1&shift=Late", "line=mill-1&job=004512-1"]
    )
    def test_figures_of_something_else_do_not(self, query: str, floor: Floor, signed_in: Callable[..., Client]) -> None:
        assert b"/working/" not in signed_in("planner").get(f"/losses/?{query}").content
