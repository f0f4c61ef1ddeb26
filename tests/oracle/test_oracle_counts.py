"""SEMANTICS §7, worked by hand."""

from fractions import Fraction

import pytest

from tests.oracle.cases import at, job, labour, oee, plant_file, sample, scrap, world
from tests.oracle.counts import Reading, settle
from tests.oracle.instants import parse
from tests.oracle.shares import apportion
from tests.oracle.world import World

SECOND = 1_000_000
Seen = tuple[float, int] | tuple[float, int, bool]


def counted(*seen: Seen, width: int = 32, rate: Fraction = Fraction(2)) -> list[tuple[float, float, int]]:
    """What a counter with at most two a second counts, as (start, end, count), with the zeros."""
    readings = [Reading(int(row[0] * SECOND), row[1], len(row) == 3) for row in seen]
    return [(s / SECOND, e / SECOND, count) for (s, e), count in sorted(settle(readings, width, rate).items())]


def test_the_first_sample_ever_gives_nothing() -> None:
    assert counted((0, 777)) == []
    assert counted((0, 777, True)) == []


def test_a_difference_within_the_limit_counts() -> None:
    assert counted((0, 100), (10, 120), (11, 120)) == [(0, 10, 20), (10, 11, 0)]
    assert counted((0, 100), (10, 121)) == []


def test_the_limit_of_a_short_span_is_that_of_one_second() -> None:
    assert counted((0, 100), (0.25, 102)) == [(0, 0.25, 2)]
    assert counted((0, 100), (0.25, 103)) == []


def test_a_wrap_is_a_small_difference() -> None:
    assert counted((0, 65530), (10, 4), width=16) == [(0, 10, 10)]
    assert counted((0, 2**32 - 3), (10, 1)) == [(0, 10, 4)]
    assert counted((0, 65530), (10, 4)) == []


def test_a_glitch_is_forgotten_and_counted_across() -> None:
    assert counted((0, 100), (1, 5000), (2, 104)) == [(0, 2, 4)]


def test_a_jump_counts_nothing_and_counting_goes_on_from_it() -> None:
    assert counted((0, 100), (1, 5000), (2, 5001)) == [(0, 1, 0), (1, 2, 1)]


def test_a_reset_counts_the_held_value_if_it_can_have_been_made() -> None:
    assert counted((0, 100), (1, 1), (2, 3)) == [(0, 1, 1), (1, 2, 2)]
    assert counted((0, 100), (1, 50), (2, 51)) == [(0, 1, 0), (1, 2, 1)]


def test_another_value_out_of_line_is_held_instead() -> None:
    assert counted((0, 100), (1, 5000), (2, 9000), (3, 9001)) == [(0, 2, 0), (2, 3, 1)]


def test_what_is_held_at_the_end_is_not_counted_yet() -> None:
    assert counted((0, 100), (1, 101), (2, 5000)) == [(0, 1, 1)]


def test_the_limit_of_the_baseline_grows_while_something_is_held() -> None:
    # 108 is 8 above the baseline: too much for 3 s (6), not for 4 s (8).
    assert counted((0, 100), (3, 108), (4, 108)) == [(0, 4, 8)]


def test_a_restart_that_is_told_is_a_reset() -> None:
    assert counted((0, 100), (2, 4, True), (3, 5)) == [(0, 2, 4), (2, 3, 1)]
    assert counted((0, 100), (2, 5, True), (3, 6)) == [(0, 2, 0), (2, 3, 1)]
    assert counted((0, 100), (1, 5000), (2, 1, True), (3, 2)) == [(0, 2, 1), (2, 3, 1)]
    assert counted((0, 100), (1, 101, True)) == [(0, 1, 0)]


@pytest.mark.parametrize(
    ("figure", "lengths", "parts"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (-10, [1, 1, 1], [-4, -3, -3]),
        (5, [2, 1, 1], [3, 1, 1]),
        (10, [5, 6], [5, 5]),
        (1, [1, 9], [0, 1]),
        (1, [5, 5], [1, 0]),
        (0, [3, 4], [0, 0]),
    ],
)
def test_whole_parts_by_largest_remainder_ties_to_the_earlier(
    figure: int, lengths: list[int], parts: list[int]
) -> None:
    assert apportion(figure, lengths) == parts


def shares(made: World) -> list[tuple[float, float, str, int, int, bool]]:
    noon = parse(at(0))
    return [
        (
            (share.start - noon) / SECOND,
            (share.end - noon) / SECOND,
            share.binding.operation[1] if share.binding.operation else share.binding.what,
            share.good,
            share.reject,
            share.ideal,
        )
        for share in made.stories["l"].shares
    ]


JOBS = [job("J1"), job("J2")]
TWO_RUNS = [*labour(0, 5, seq=1), *labour(5, 300, ("J2", 0, 10), seq=2)]


def test_up_to_ten_seconds_belong_to_the_run_of_the_last_instant() -> None:
    seen = [sample(0, running=True, total=0), sample(10, running=True, total=10), sample(300, running=True, total=10)]
    assert shares(world(plant_file(), seen, JOBS, TWO_RUNS)) == [(0, 10, "J2", 10, 0, True)]
    early = [*labour(0, 10, seq=1), *labour(10, 300, ("J2", 0, 10), seq=2)]
    assert shares(world(plant_file(), seen, JOBS, early)) == [(0, 10, "J1", 10, 0, True)]


def test_a_gap_is_shared_over_the_runs_and_the_stretches_without_one() -> None:
    seen = [
        sample(0, running=True, total=0, reject=0),
        sample(11, running=True, total=12, reject=2),
        sample(20, running=True),
    ]
    # good 10 over 5 s and 6 s: 4.545 and 5.454 → 5 and 5; reject 2: 0.909 and 1.09 → 1 and 1
    assert shares(world(plant_file(), seen, JOBS, TWO_RUNS)) == [(0, 5, "J1", 5, 1, True), (5, 11, "J2", 5, 1, True)]
    # alone from 2 to 6, the rest unbound: 10 × 2/11 = 1.8, 10 × 4/11 = 3.6, 10 × 5/11 = 4.5 → 2, 4, 4
    alone = [sample(0, running=True, total=0), sample(11, running=True, total=10)]
    assert [row[2:4] for row in shares(world(plant_file(), alone, JOBS, labour(2, 6)))] == [
        ("none", 2),
        ("J1", 4),
        ("none", 4),
    ]


def test_parts_over_no_signal_count_in_no_ideal_time() -> None:
    seen = [sample(0, running=True, total=0), sample(200, running=True, total=50), sample(205, running=True, total=55)]
    assert shares(world(plant_file(), seen)) == [(0, 200, "none", 50, 0, False), (200, 205, "none", 5, 0, True)]


def test_only_the_share_that_touches_no_signal_has_no_ideal_time() -> None:
    # a glitch at 50 makes one delta from 0 to 250; no_signal from 50; the run until 40: 20 × 40/250 = 3.2 → 3
    seen = [(0, 100), (50, 90000), (250, 120)]
    samples = [sample(s, running=True, total=value) for s, value in seen]
    found = shares(world(plant_file(), samples, JOBS, labour(0, 40)))
    assert found == [(0, 40, "J1", 3, 0, True), (40, 250, "none", 17, 0, False)]


@pytest.mark.parametrize(
    ("first", "second", "good", "reject"),
    [
        ({"total": 10, "reject": 1}, {"total": 15, "reject": 3}, 3, 2),
        ({"total": 10, "good_count": 1}, {"total": 15, "good_count": 7}, 6, -1),
        ({"total": 10, "reject": 1}, {"total": 10, "reject": 3}, -2, 2),
        ({"good_count": 10, "reject": 1}, {"good_count": 15, "reject": 3}, 5, 2),
        ({"total": 10}, {"total": 15}, 5, 0),
        ({"good_count": 10}, {"good_count": 15}, 5, 0),
    ],
)
def test_of_total_good_and_reject_the_third_follows(
    first: dict[str, int], second: dict[str, int], good: int, reject: int
) -> None:
    made = world(plant_file(), sample(0, running=True, **first), sample(5, running=True, **second))
    assert [row[3:5] for row in shares(made)] == [(good, reject)]


def test_each_counter_is_settled_by_itself() -> None:
    # total glitches at 5, reject does not: reject has its own two deltas, total one over both
    seen = [(0, 0, 0), (5, 9000, 1), (10, 8, 3)]
    made = world(plant_file(), [sample(s, running=True, total=t, reject=r) for s, t, r in seen])
    assert sorted(shares(made)) == [
        (0, 5, "none", -1, 1, True), (0, 10, "none", 8, 0, True), (5, 10, "none", -2, 2, True),
    ]  # fmt: skip
    row = oee(made)[0]
    assert (row["total"], row["good"], row["reject"]) == (8, 5, 3)


def test_a_delta_belongs_to_the_window_of_its_last_instant() -> None:
    made = world(plant_file(), [sample(s, running=True, total=s) for s in (0, 10, 20)])
    assert [oee(made, start=0, end=end)[0]["total"] for end in (9.999999, 10, 20)] == [0, 10, 20]
    assert oee(made, start=9.999999, end=15)[0]["total"] == 10


FIVE_AND_FIVE = [sample(s, running=True, total=total) for s, total in ((0, 0), (10, 5), (20, 10), (30, 10))]


def made_of(made: World) -> list[tuple[int, int]]:
    return [row[3:5] for row in shares(made)]


def test_scrap_takes_the_latest_good_parts_that_had_ended_by_then() -> None:
    assert made_of(world(plant_file(), FIVE_AND_FIVE, scrap(19, 3))) == [(2, 3), (5, 0)]
    assert made_of(world(plant_file(), FIVE_AND_FIVE, scrap(20, 3))) == [(5, 0), (2, 3)]
    assert made_of(world(plant_file(), FIVE_AND_FIVE, scrap(30, 7))) == [(3, 2), (0, 5)]


def test_scrap_never_goes_below_zero_and_what_finds_none_is_not_counted() -> None:
    assert made_of(world(plant_file(), FIVE_AND_FIVE, scrap(9, 3))) == [(5, 0), (5, 0)]
    assert made_of(world(plant_file(), FIVE_AND_FIVE, scrap(10, 99))) == [(0, 5), (5, 0)]
    # by time: the one at 20 takes all of the second, the one at 30 what is left of the first
    assert made_of(world(plant_file(), FIVE_AND_FIVE, scrap(30, 3), scrap(20, 5))) == [(2, 3), (0, 5)]


def test_scrap_said_twice_is_one_fact_and_crosses_operations() -> None:
    both = [*labour(0, 10, seq=1), *labour(10, 30, ("J2", 0, 10), seq=2)]
    made = world(plant_file(), FIVE_AND_FIVE, JOBS, both, scrap(30, 6), scrap(30, 6))
    assert [row[2:5] for row in shares(made)] == [("J1", 4, 1), ("J2", 0, 5)]
