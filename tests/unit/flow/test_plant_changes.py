"""What another configuration means for what is derived: no more is derived again than it can change."""

from dataclasses import replace
from datetime import date, time
from fractions import Fraction
from typing import Any

import pytest

from apps.flow.plant_changes import Changes, changes_between
from apps.lines.types import Calendar, LinePolicy, ShiftPattern
from apps.shared.instants import parse_us
from apps.shared.periods import FOREVER

NIGHT = ShiftPattern("Night", frozenset(range(7)), time(22), time(6))
BASE = LinePolicy(
    7, "mill-1", "Mill 1", "C", "P", Calendar("America/Chicago", time(6), (NIGHT,)), micro_stop_us=1, debounce_us=0,
    stale_after_us=1, max_rate_per_s=Fraction(10),
)  # fmt: skip
ALWAYS = {"mill-1": [(0, FOREVER)]}
CODES = {("C", "M01"): "other"}


def between(codes: dict[tuple[str, str], str] | None = None, **changed: Any) -> Changes:
    """What a changed policy means."""
    return changes_between(
        {"mill-1": BASE}, {"mill-1": replace(BASE, **changed)}, CODES, CODES if codes is None else codes
    )


def calendar(**changed: Any) -> Calendar:
    return replace(BASE.calendar, **changed)


def test_nothing_changed_means_nothing() -> None:
    assert between() == Changes()
    assert between(name="Mill A", debounce_us=5, stale_after_us=9) == Changes()


@pytest.mark.parametrize(
    "changed",
    [
        {"micro_stop_us": 2},
        {"no_job_reason": "M01"},
        {"fault_reasons": {12: "M01"}},
        {"calendar": calendar(shifts=())},
        {"calendar": calendar(shifts=(NIGHT._replace(end=time(5)),))},
    ],
)
def test_what_decides_buckets_is_derived_again_for_ever(changed: dict[str, Any]) -> None:
    assert between(**changed) == Changes(dirty=ALWAYS)


def test_a_new_day_start_or_zone_cuts_days_otherwise() -> None:
    assert between(calendar=calendar(day_start=time(0))) == Changes(dirty=ALWAYS, new_days={7})
    assert between(calendar=calendar(time_zone="UTC")) == Changes(dirty=ALWAYS, new_days={7})


def test_an_exception_reaches_around_its_date_only() -> None:
    closed = date(2026, 3, 8)
    changes = between(calendar=calendar(exceptions=((closed, frozenset()),)))
    ((start, end),) = changes.dirty["mill-1"]
    # its night from 22:00 on the 8th to 06:00 on the 9th, and whatever break or overlap goes with it
    assert start <= parse_us("2026-03-08T05:00:00Z")
    assert parse_us("2026-03-10T12:00:00Z") <= end < parse_us("2026-03-14T00:00:00Z")


def test_cycles_need_no_new_slices() -> None:
    assert between(ideal_cycle_s=2.0) == Changes(new_cycles={7})
    assert between(part_cycles={"X": 2.0}) == Changes(new_cycles={7})


def test_another_way_with_concurrent_jobs_makes_runs_again() -> None:
    assert between(is_newest=True) == Changes(rerun={7: [(0, FOREVER)]})


def test_another_category_is_derived_again_in_its_company() -> None:
    assert between({("C", "M01"): "planned"}) == Changes(dirty=ALWAYS)
    other = {("C", "M01"): "other", ("D", "M01"): "planned"}
    assert changes_between({"mill-1": BASE}, {"mill-1": BASE}, {**CODES, ("D", "M01"): "other"}, other) == Changes()


def test_a_new_code_is_named() -> None:
    assert between({**CODES, ("C", "P09"): "planned"}) == Changes(new_codes={("C", "P09")})


def test_a_new_line_has_nothing_to_derive_again() -> None:
    assert changes_between({}, {"mill-1": BASE}, CODES, CODES) == Changes()
