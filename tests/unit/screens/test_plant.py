"""The plant page without a database: bands, counts that filter, addresses."""

from typing import Any

from apps.screens.plant.presenter import Filters, Plants, empty, present

BANDS = {"untag": "now", "stop": "now", "nosig": "now", "micro": "watch", "setup": "watch", "slow": "watch",
         "run": "pace", "planned": "unscheduled", "nojob": "unscheduled"}  # fmt: skip
PLANTS = Plants([("NRVK/NORTH", "Norvik North"), ("NRVK/SOUTH", "Norvik South")], "NRVK/NORTH", "Norvik North")


def board(state: str, *, area: str = "Machining", need: int = 0, minutes: int = 0) -> Any:
    """As much of a board message as the page looks at."""
    return {
        "line": f"{state}-{area}", "state": state, "band": BANDS[state], "area": area,
        "need": {"count": need}, "plan": {"minutes": minutes} if minutes else None,
    }  # fmt: skip


def page(*boards: Any, filters: Filters | None = None) -> Any:
    """The page of these lines."""
    head: Any = {
        "boot": "",
        "order": [(one["line"], 1) for one in boards],
        "k": {"oee": "74", "shift": "Early shift 06:00–14:00"},
    }
    asked = (filters or Filters())._replace(plant="NRVK/NORTH")
    return present(head, boards, PLANTS, asked, path="/", bands="/plant/bands/")


class TestBands:
    def test_an_empty_band_is_left_out(self) -> None:
        made = page(board("untag"), board("run"), board("run", area="Welding"))

        assert [(band.key, band.size, band.is_tiles) for band in made.bands] == [
            ("now", "1 line", True),
            ("pace", "2 lines", False),
        ]

    def test_behind_is_said_in_time_because_the_parts_stand_in_the_corner(self) -> None:
        made = page(board("slow", minutes=-44), board("run", minutes=-3))

        assert made.bands[0].lines[0][1] == "about 44\u202fmin behind"
        assert made.bands[1].lines[0][1] == ""


class TestCounts:
    def test_a_state_counts_its_looks_and_zero_stays(self) -> None:
        made = page(board("untag", need=2), board("stop", need=1), board("slow"), board("run"))

        assert {one.state: one.number for one in made.counts} == {
            "stop": 2, "micro": 0, "setup": 0, "run": 2, "planned": 0, "nojob": 0, "nosig": 0, "untag": 3,
        }  # fmt: skip

    def test_they_filter(self) -> None:
        boards = [board("untag", need=2), board("slow"), board("run", need=1)]

        assert [one["state"] for one, _lag in page(*boards, filters=Filters(state="run")).lines] == ["slow", "run"]
        assert [one["state"] for one, _lag in page(*boards, filters=Filters(state="untag")).lines] == ["untag", "run"]

    def test_one_that_nobody_knows_shows_nothing(self) -> None:
        assert page(board("run"), filters=Filters(state="sleepy")).lines == ()


class TestAreas:
    def test_they_are_a_choice_from_two_on(self) -> None:
        assert page(board("run")).areas == ()
        areas = page(board("run"), board("stop", area="Welding"), board("micro", area="Welding")).areas
        assert [(area.label, area.number) for area in areas] == [("All", 3), ("Welding", 2), ("Machining", 1)]

    def test_live_counts_are_of_the_plant_so_an_area_keeps_its_own(self) -> None:
        boards = [board("run"), board("stop", area="Welding")]

        assert page(*boards).is_whole
        assert not page(*boards, filters=Filters(area="Welding")).is_whole


class TestWall:
    def test_forty_lines_stand_in_eight_columns(self) -> None:
        assert page(*[board("run", area=str(number)) for number in range(40)]).columns == 8

    def test_the_shift_has_no_times_beside_a_clock(self) -> None:
        assert page(board("run")).shift_name == "Early shift"


class TestAddress:
    def test_filters_live_in_it(self) -> None:
        made = page(board("run"), filters=Filters(area="Machining", state="run"))

        assert made.wall == "/?plant=NRVK%2FNORTH&area=Machining&state=run&view=wall"
        assert made.clear == "/?plant=NRVK%2FNORTH"
        assert made.bands_url == "/plant/bands/?plant=NRVK%2FNORTH&area=Machining&state=run"

    def test_without_a_plant_the_page_says_why(self) -> None:
        made = empty(Plants([], "", "Lines"), "/")

        assert (made.has_lines, made.socket, made.empty_title) == (False, "", "No plant to show")
