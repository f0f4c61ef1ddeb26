"""The plant page, the board and the losses, over HTTP, on a floor whose figures are known."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.jobs.models import Job
from apps.lines.models import Line
from apps.shared.instants import DAY
from tests.integration.screens.conftest import Floor
from tests.make import boards


class TestPlant:
    def test_shows_the_lines_of_ones_plant_only(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        page = signed_in("viewer").get("/").content.decode()

        assert "Mill 1" in page
        assert "Press 9" not in page

    def test_the_stopped_line_needs_someone(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        page = signed_in("viewer").get("/").context["page"]

        assert page.bands[0].key == "now"
        assert [m["line"] for m, _lag in page.bands[0].lines] == ["mill-1", "mill-2"]

    def test_a_filter_stays_in_the_fragment(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        client = signed_in("viewer")
        page = client.get("/?state=untag").context["page"]
        fragment = client.get(page.bands_url).content.decode()

        assert "mill-1" in fragment
        assert "mill-2" not in fragment

    def test_a_wall_has_a_cell_for_each_line(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        response = signed_in("viewer").get("/?view=wall")

        assert response.content.decode().count('class="cell ') == 2
        assert b'data-theme="board"' in response.content

    def test_a_plant_without_lines_says_what_is_missing(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        client = signed_in("viewer", "Other")
        Line.objects.filter(slug="press-9").delete()

        assert b"No lines mapped in this plant" in client.get("/").content

    def test_text_from_epicor_is_text(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        Line.objects.filter(slug="mill-1").update(name="<script>alert(1)</script>")

        assert b"<script>alert" not in signed_in("viewer").get("/").content


class TestQueries:
    @pytest.mark.parametrize(
        ("path", "most"), [("/", 28), ("/board/mill-1/", 26), ("/tablet/mill-1/", 60), ("/losses/?days=1", 45)]
    )
    def test_a_page_has_a_ceiling(
        self, path: str, most: int, floor: Floor, signed_in: Callable[..., Client], django_assert_max_num_queries: Any
    ) -> None:
        client = signed_in("supervisor")

        with django_assert_max_num_queries(most):
            assert client.get(path).status_code == 200


class TestBoard:
    def test_is_rendered_from_the_message_that_patches_it(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        response = signed_in("viewer").get("/board/mill-1/")
        page = response.content.decode()

        assert response.context["m"]["k"]["have"] == "120"
        assert '<span class="have" data-k="have">120</span>' in page
        assert 'data-socket="/ws/board/mill-1/"' in page
        assert 'data-state="untag"' in page

    def test_a_line_that_was_never_heard_has_a_board_too(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        assert b"No signal" in signed_in("viewer").get("/board/mill-2/").content

    def test_policy_and_cookies_are_strict(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        response = signed_in("viewer").get("/board/mill-1/")
        policy = response["Content-Security-Policy"]

        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response["X-Frame-Options"] == "DENY"


class TestLosses:
    def test_the_stop_is_lost_time_without_a_reason(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        page = signed_in("planner").get("/losses/?days=1").context["page"]

        assert [(row.text, row.is_need) for row in page.rows] == [("Without a reason", True)]
        assert page.stops == "1 stop"

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ("line=mill-1", 1), ("line=mill-2", 0), ("job=004512-1", 1), ("job=nothing", 0), ("part=BRKT-2210", 1),
            ("op=Op+20+CNC+Mill", 1), ("reason=none", 1), ("reason=D210", 0), ("shift=Early", 0), ("days=yesterday", 0),
        ],
    )  # fmt: skip
    def test_filters(self, query: str, count: int, floor: Floor, signed_in: Callable[..., Client]) -> None:
        days = "" if "days" in query else "&days=7"

        assert len(signed_in("planner").get(f"/losses/?{query}{days}").context["page"].rows) == count

    @pytest.mark.parametrize("by", ["line", "part", "operation", "shift", "fault"])
    def test_groups(self, by: str, floor: Floor, signed_in: Callable[..., Client]) -> None:
        assert len(signed_in("planner").get(f"/losses/?days=7&by={by}").context["page"].rows) == 1

    @pytest.mark.parametrize("by", ["reason", "line", "part", "operation", "shift", "fault"])
    def test_rolled_up_days_and_slices_make_the_same_page(
        self, by: str, floor: Floor, signed_in: Callable[..., Client], clock: Callable[[int], None]
    ) -> None:
        # Three more days with a stop in each, so that whole days are rolled up.
        known = None
        for day in (1, 2, 3):
            stretches = [(3000, True, 0), (605, False, 0), (3000, True, 0)]
            known = boards.run("mill-2", stretches, start=floor.now + day * DAY, before=known)
        clock(floor.now + 4 * DAY)
        client = signed_in("planner")
        rolled = client.get(f"/losses/?days=7&by={by}").context["page"]
        # A filter that everything passes: all shifts by name, and the time outside them.
        sliced = client.get(f"/losses/?days=7&by={by}&shift=Early,Late,").context["page"]

        assert len(rolled.rows) >= 1
        assert [row._replace(href="") for row in rolled.rows] == [row._replace(href="") for row in sliced.rows]
        assert rolled.stops == sliced.stops

    @pytest.mark.parametrize("query", ["plant=EPIC06/Other", "line=press-9", "line=mill-1,press-9"])
    def test_next_door_is_not_found(self, query: str, floor: Floor, signed_in: Callable[..., Client]) -> None:
        assert signed_in("planner").get(f"/losses/?{query}").status_code == 404

    def test_the_export_has_the_same_rows_with_raw_seconds(
        self, floor: Floor, signed_in: Callable[..., Client]
    ) -> None:
        response = signed_in("planner").get("/losses/export.csv?days=7")
        text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        rows = list(csv.DictReader(io.StringIO(text)))

        assert response["Content-Disposition"].startswith('attachment; filename="losses-MfgSys-2026-03-')
        assert [(row["line"], row["bucket"], row["JobNum"], row["OprSeq"]) for row in rows] == [
            ("mill-1", "downtime", "004512-1", "20")
        ]
        assert float(rows[0]["seconds"]) == pytest.approx(600, abs=6)
        assert rows[0]["start"].endswith("Z")

    def test_a_formula_in_a_cell_stays_text(self, floor: Floor, signed_in: Callable[..., Client]) -> None:
        Job.objects.update(part_num="=HYPERLINK(1)")
        response = signed_in("planner").get("/losses/export.csv?days=7")

        assert b"'=HYPERLINK(1)" in b"".join(response.streaming_content)  # type: ignore[attr-defined]
