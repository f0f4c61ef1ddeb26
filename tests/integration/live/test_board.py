"""The board message: what it says of a line, and how many queries it takes for one line and for many."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.live.board import board_message, board_messages, plant_picture
from apps.live.read import QUERIES
from apps.shared.instants import HOUR, MINUTE, SECOND, parse_us
from tests.make import boards as make

pytestmark = pytest.mark.django_db

SIX = parse_us("2026-03-10T11:00:00Z")  # 06:00 in Chicago


def _running_for(minutes: int, slug: str = "mill-1", *, per_hour: float = 120) -> int:
    make.tell([make.job(per_hour=per_hour)], [make.sign_on(slug, "004512-1", SIX, seq=1)], now=SIX)
    make.run(slug, [(minutes * 60, True, 0)], start=SIX)
    return SIX + minutes * MINUTE - 5 * SECOND


class TestRunning:
    def test_names_job_operation_and_part(self) -> None:
        make.plant("mill-1")
        now = _running_for(60)

        board = board_message("mill-1", now)

        assert board is not None
        assert json.loads(json.dumps(board)) == board | {"ribbon": json.loads(json.dumps(board["ribbon"]))}
        assert board["job"] is not None
        assert (board["job"]["JobNum"], board["job"]["OprSeq"]) == ("004512-1", 20)
        assert (board["k"]["job_num"], board["k"]["job_sfx"]) == ("004512", "-1")
        assert board["k"]["oper"] == "Op 20 CNC Mill"
        assert board["k"]["part"] == "BRKT-2210 · Bracket, hinge LH"
        assert board["k"]["shift"] == "Early shift 06:00–14:00"

    def test_is_on_pace_at_the_standard(self) -> None:
        make.plant("mill-1")
        now = _running_for(60)

        board = board_message("mill-1", now)

        assert board is not None
        assert (board["state"], board["rank"], board["band"]) == ("run", 7, "pace")
        assert board["good"] == 120
        # 120 an hour at 85 %: 102 due after an hour.
        assert board["plan"] == {"position": 102, "delta": 18, "minutes": 11, "rate": 1.7}
        assert board["k"]["plan"] == "Plan 102 by now · 11\u202fmin ahead"
        assert board["oee"] == pytest.approx(120 * 30 / 3595, abs=1e-6)

    def test_is_behind_a_faster_standard(self) -> None:
        make.plant("mill-1")
        now = _running_for(60, per_hour=240)

        board = board_message("mill-1", now)

        assert board is not None
        assert (board["state"], board["rank"]) == ("slow", 6)
        assert board["k"]["say"] == "Running · Behind plan"
        assert board["k"]["delta_class"] == "neg"
        assert board["losses"][0]["label"] == "Running slow"

    def test_says_pace_unknown_without_a_standard(self) -> None:
        make.plant("mill-1")
        now = _running_for(60, per_hour=0)

        board = board_message("mill-1", now)

        assert board is not None
        assert board["plan"] is None
        assert board["k"]["plan"] == "Pace unknown: no standard rate in Epicor"
        assert (board["k"]["delta"], board["k"]["due"], board["oee"]) == ("", None, None)

    def test_counts_an_operation_over_rolled_up_hours_and_other_lines(self) -> None:
        make.plant("mill-1", "mill-2")
        make.tell([make.job()], [make.sign_on("mill-1", "004512-1", SIX, seq=1)], now=SIX)
        make.run("mill-1", [(3 * 3600, True, 0)], start=SIX)
        later = SIX + 3 * HOUR
        moved = [make.sign_off(later, seq=1), make.sign_on("mill-2", "004512-1", later, seq=2)]
        known = make.run("mill-2", [(3 * 3600, True, 0)], start=SIX)
        make.tell(labor=moved, now=later)
        make.run("mill-2", [(1800, True, 0)], start=later, before=known)

        board = board_message("mill-2", later + 30 * MINUTE - 5 * SECOND)

        assert board is not None
        assert board["good"] == 360 + 60


class TestStopped:
    def test_a_short_one_is_a_micro_stop_and_grows_into_a_question(self) -> None:
        make.plant("mill-1")
        now = _running_for(60)
        later = board_message("mill-1", now)
        assert later is not None
        make.run("mill-1", [(300, False, 0)], start=now + 5 * SECOND)

        short = board_message("mill-1", now + 65 * SECOND)
        long = board_message("mill-1", now + 300 * SECOND)

        assert short is not None
        assert long is not None
        assert (short["state"], short["rank"], short["k"]["say"]) == ("micro", 4, "Micro-stop · First in 30 min")
        assert (long["state"], long["rank"], long["k"]["say"]) == ("untag", 1, "Stopped · No reason yet")
        assert long["since"] == (now + 5 * SECOND) // 1000
        assert long["need"] == {"count": 1, "latest": (now + 5 * SECOND) // 1000}
        assert long["k"]["need"] == "1 stop needs a reason"
        assert long["ribbon"]["items"][-2][2] == "untag"

    def test_without_a_job_it_is_no_job(self) -> None:
        make.plant("mill-1")
        make.run("mill-1", [(600, False, 0)], start=SIX)

        board = board_message("mill-1", SIX + 595 * SECOND)

        assert board is not None
        assert (board["state"], board["rank"], board["job"]) == ("nojob", 9, None)
        assert board["k"]["why"] == "Nothing is started in Epicor · since 06:00"

    def test_a_setup_run_is_a_changeover(self) -> None:
        make.plant("mill-1")
        make.tell([make.job()], [make.sign_on("mill-1", "004512-1", SIX, seq=1, kind="S")], now=SIX)
        make.run("mill-1", [(600, False, 0)], start=SIX)

        board = board_message("mill-1", SIX + 595 * SECOND)

        assert board is not None
        assert (board["state"], board["rank"], board["k"]["why"]) == ("setup", 5, "Since 06:00")
        assert board["need"]["count"] == 0

    def test_a_break_is_planned(self) -> None:
        make.plant("mill-1")
        _running_for(4 * 60)
        make.run("mill-1", [(600, False, 0)], start=SIX + 4 * HOUR)

        board = board_message("mill-1", SIX + 4 * HOUR + 10 * MINUTE)

        assert board is not None
        assert (board["state"], board["k"]["say"]) == ("planned", "Planned · Break until 10:30")


class TestSilent:
    def test_keeps_its_figures_and_says_from_when(self) -> None:
        make.plant("mill-1")
        now = _running_for(60)

        board = board_message("mill-1", now + 10 * MINUTE)

        assert board is not None
        assert (board["state"], board["rank"], board["since"]) == ("nosig", 3, now // 1000)
        assert board["k"]["why"] == "Last reading 06:59"
        assert board["k"]["caption"] == "Good parts at 06:59"
        assert board["k"]["plan"] == "Plan 102 at 06:59"

    def test_never_heard_of_is_no_signal_without_a_time(self) -> None:
        make.plant("mill-1")

        board = board_message("mill-1", SIX)

        assert board is not None
        assert (board["state"], board["since"], board["oee"]) == ("nosig", None, None)
        assert board["k"]["oee"] == "–"


class TestQueries:
    @pytest.mark.parametrize("count", [1, 7])
    def test_are_as_many_for_many_lines_as_for_one(self, count: int) -> None:
        slugs = [f"mill-{number}" for number in range(count)]
        make.plant(*slugs)
        jobs = [make.job(f"00{number}-1") for number in range(count)]
        labor = [make.sign_on(slug, f"00{n}-1", SIX, seq=n + 1) for n, slug in enumerate(slugs)]
        make.tell(jobs, labor, now=SIX)
        for slug in slugs:
            make.run(slug, [(5400, True, 0), (300, False, 3), (600, True, 0)], start=SIX)

        with CaptureQueriesContext(connection) as captured:
            boards = board_messages(slugs, SIX + 105 * MINUTE)

        assert len(boards) == count
        assert len(captured) == QUERIES


class TestPlant:
    def test_puts_the_worst_first_and_divides_once(self) -> None:
        make.plant("mill-1", "mill-2", "mill-3")
        jobs = [make.job("0001-1"), make.job("0002-1")]
        labor = [make.sign_on("mill-1", "0001-1", SIX, seq=1), make.sign_on("mill-2", "0002-1", SIX, seq=2)]
        make.tell(jobs, labor, now=SIX)
        make.run("mill-1", [(3600, True, 0)], start=SIX)
        make.run("mill-2", [(1800, True, 0), (1800, False, 0)], start=SIX)
        now = SIX + HOUR - 5 * SECOND

        head, lines = plant_picture(make.COMPANY, make.PLANT, now)

        assert head["order"] == [("mill-2", 1), ("mill-3", 3), ("mill-1", 7)]
        assert [line["line"] for line in lines] == ["mill-2", "mill-3", "mill-1"]
        assert (head["counts"]["run"], head["counts"]["stop"], head["counts"]["untag"]) == (1, 1, 1)
        assert head["oee"] == pytest.approx((120 + 60) * 30 / (2 * 3595), abs=1e-6)
