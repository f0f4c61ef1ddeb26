"""Intervals of one line never overlap: PostgreSQL refuses them, and on every database the operations write none."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection

from apps.downtime.models import Stop, StopPart
from apps.flow import rebuild, stops
from apps.jobs.models import Run
from apps.lines.models import Line
from apps.lines.queries import policies
from apps.oee.models import Slice
from apps.shared.instants import HOUR, MINUTE, SECOND
from apps.shared.periods import FOREVER
from tests.make import boards


@pytest.fixture
def line(db: None) -> Line:
    """A line without any row of its own."""
    boards.plant("mill-1", "mill-2")
    return Line.objects.get(slug="mill-1")


def run(line: Line, start: int, end: int | None) -> None:
    """A stretch of the line without an operation."""
    Run.objects.create(line=line, start=start, end=end)


def stop(line: Line, start: int, end: int) -> Stop:
    """A stop of the line."""
    return Stop.objects.create(line=line, start=start, end=end, is_micro=False)


def piece(line: Line, start: int, end: int) -> None:
    """A slice of the line."""
    Slice.objects.create(line=line, start=start, end=end, bucket="running", binding="none")


def part(line: Line, start: int, end: int) -> None:
    """A part of the one stop that the line has."""
    whole = Stop.objects.filter(line=line).first() or stop(line, 0, HOUR)
    StopPart.objects.create(stop=whole, start=start, end=end)


Write = Callable[[Line, int, int], object]


class TestDatabase:
    @pytest.mark.postgres
    @pytest.mark.parametrize("write", [run, stop, piece, part])
    def test_two_that_overlap_are_refused(self, line: Line, write: Write) -> None:
        write(line, 10 * MINUTE, 20 * MINUTE)

        with pytest.raises(IntegrityError, match=r"alone|excl"):
            write(line, 20 * MINUTE - 1, 30 * MINUTE)

    @pytest.mark.parametrize("write", [run, stop, piece, part])
    def test_two_that_touch_are_taken(self, line: Line, write: Write) -> None:
        write(line, 10 * MINUTE, 20 * MINUTE)
        write(line, 20 * MINUTE, 30 * MINUTE)

    @pytest.mark.parametrize("write", [run, stop, piece])
    def test_two_lines_know_nothing_of_each_other(self, line: Line, write: Write) -> None:
        write(line, 10 * MINUTE, 20 * MINUTE)
        write(Line.objects.get(slug="mill-2"), 10 * MINUTE, 20 * MINUTE)

    @pytest.mark.postgres
    def test_nothing_follows_a_run_that_is_open(self, line: Line) -> None:
        run(line, 10 * MINUTE, None)

        with pytest.raises(IntegrityError, match="run_alone"):
            run(line, HOUR, 2 * HOUR)


class TestOperations:
    def test_late_facts_leave_no_overlap(self, transactional_db: None, now: int) -> None:
        boards.plant("mill-1")
        boards.reason("M01", "Spindle fault")
        boards.run("mill-1", [(3600, True, 0), (3600, False, 7), (3600, True, 0)], start=now)
        said = now + 3 * HOUR
        # Known only afterwards: a job that ran, another that began before it had ended, a reason, a split stop.
        boards.tell(
            [boards.job("A-1"), boards.job("A-2")], [boards.sign_on("mill-1", "A-1", now - HOUR, seq=1)], now=said
        )
        boards.tell(labor=[boards.sign_on("mill-1", "A-2", now + HOUR + MINUTE, seq=2)], now=said)
        boards.tell(labor=[boards.sign_off(now + 2 * HOUR, seq=1)], now=said)
        stops.split(line="mill-1", at=now + HOUR + 30 * MINUTE, by="E1", now=said)
        stops.tag(line="mill-1", at=now + HOUR + SECOND, code="M01", by="E1", now=said + 1)

        rebuild.rebuild(policies()["mill-1"], now=said + 2)

        for rows in (Stop.objects.all(), StopPart.objects.all(), Slice.objects.all(), Run.objects.all()):
            in_order = rows.order_by("start").values_list("start", "end")
            spans = [(start, FOREVER if end is None else end) for start, end in in_order]
            assert all(before[1] <= after[0] for before, after in pairwise(spans))
        assert (Run.objects.count(), Stop.objects.count(), StopPart.objects.count()) == (3, 1, 2)

    @pytest.mark.postgres
    def test_each_rule_stands_in_the_database(self, db: None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'x' ORDER BY 1")
            tables = {row[0] for row in cursor.fetchall()}

        assert {"jobs_run", "downtime_stop", "downtime_stoppart", "oee_slice_rest"} <= tables
