"""A job that makes another part than was said: a stop counts once under each part, in whichever day has it first."""

import pytest

from apps.flow import reporting
from apps.shared.instants import DAY, parse_us
from tests.make.reports import feed, load, now, unsound
from tests.oracle.cases import OTHER, at, job, labour, plant_file, spoken

pytestmark = pytest.mark.django_db

MIDNIGHT = 43_200
A_DAY = 86_400


def stops_of_x(day: int) -> int:
    """How many stops the bar of part X has on a production day after the first."""
    start = parse_us(at(MIDNIGHT)) + (day - 1) * DAY
    rows = reporting.pareto_rows(
        by="part", start=start, end=start + DAY, line=None, job=None, measure="stops", now=now()
    )  # fmt: skip
    return sum(row["stops"] for row in rows if row["key"] == "X")


@pytest.mark.parametrize("day", [1, 2])
def test_a_stop_over_midnight_counts_under_the_part_of_a_later_day(day: int) -> None:
    load(plant_file("stale_after_s = 500000", plant='day_start = "00:00"'))
    second = MIDNIGHT + (day - 1) * A_DAY + 100
    feed(
        job("J1"), job("J2"), labour(0, MIDNIGHT - 200), labour(second, None, OTHER, seq=2),
        spoken((0, True), (MIDNIGHT - 3000, False), (second + 3000, True), (MIDNIGHT + 3 * A_DAY, True)),
    )  # fmt: skip
    counted = stops_of_x(day)

    feed(job("J1", revision=2, part="Z"))

    assert unsound() == []
    assert stops_of_x(day) == 1
    feed(job("J1", revision=3, part="X"))
    assert unsound() == []
    assert stops_of_x(day) == counted
