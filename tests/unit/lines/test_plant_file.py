"""Reading a plant file (FORMATS.md §1): what it says, and that a refusal names file, line and reason."""

from datetime import date, time
from decimal import Decimal

import pytest

from apps.lines.plant_file import parse
from apps.lines.plant_types import BreakEntry, ExceptionEntry, LineEntry, PlantFileError, ReasonEntry, ShiftEntry

WHOLE = """[[company]]
code = "EPIC06"
name = "Epicor Education"

[[plant]]
company = "EPIC06"
code = "MfgSys"
name = "Minneapolis"
time_zone = "America/Chicago"
day_start = "06:00"

  [[plant.shift]]
  name = "Early"
  days = "mon-fri"
  start = "06:00"
  end = "14:00"
  breaks = [{ name = "Lunch", start = "10:00", end = "10:30" }]

  [[plant.exception]]
  date = 2026-12-25
  shifts = []

  [[plant.line]]
  slug = "mill-1"
  name = "Mill 1"
  area = "Machining"
  resources = ["MILL-01"]
  micro_stop_s = 90.5
  ideal_cycle_s = 30
  part_cycles = { "BRKT-2210" = 28.5 }
  concurrent_jobs = "newest"
  fault_reasons = { "012" = "M01" }

  [[plant.line]]
  slug = "mill-2"

[[reason]]
company = "EPIC06"
code = "M01"
category = "equipment_failure"
"""


def test_a_whole_file_is_read() -> None:
    found = parse(WHOLE)
    (plant,) = found.plants

    assert found.companies == (("EPIC06", "Epicor Education"),)
    assert (plant.company, plant.code, plant.time_zone, plant.day_start) == (
        "EPIC06", "MfgSys", "America/Chicago", time(6),
    )  # fmt: skip
    assert plant.shifts == (
        ShiftEntry("Early", (0, 1, 2, 3, 4), time(6), time(14), (BreakEntry("Lunch", time(10), time(10, 30)),)),
    )
    assert plant.exceptions == (ExceptionEntry(date(2026, 12, 25), ()),)
    assert plant.lines[0] == LineEntry(
        "mill-1", "Mill 1", area="Machining", resources=("MILL-01",), micro_stop_s=Decimal("90.5"), ideal_cycle_s=30.0,
        part_cycles={"BRKT-2210": 28.5}, concurrent_jobs="newest", fault_reasons={"12": "M01"},
    )  # fmt: skip
    assert plant.lines[1] == LineEntry("mill-2", "mill-2")
    assert found.reasons == (ReasonEntry("EPIC06", "M01", category="equipment_failure"),)


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ("mon-fri", (0, 1, 2, 3, 4)),
        ("mon,wed,sat", (0, 2, 5)),
        ("fri-mon", (0, 4, 5, 6)),
        ("Sun", (6,)),
        ("mon-tue, sat-sun", (0, 1, 5, 6)),
        ("mon-sun", (0, 1, 2, 3, 4, 5, 6)),
    ],
)
def test_days(days: str, found: tuple[int, ...]) -> None:
    assert parse(WHOLE.replace('"mon-fri"', f'"{days}"')).plants[0].shifts[0].days == found


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("time_zone =", "timezone =", 5, "time_zone is missing"),
        ('"America/Chicago"', '"America/Gotham"', 9, "time_zone 'America/Gotham' is not known"),
        ('day_start = "06:00"', 'day_start = "6 o\'clock"', 10, 'write a time like "06:00"'),
        ('day_start = "06:00"', 'day_start = "06:00+02:00"', 10, 'write a time like "06:00"'),
        ('"mon-fri"', '"mon-fry"', 14, "days is 'mon-fry'"),
        ('end = "14:00"', 'end = "25:00"', 16, "end is '25:00'"),
        ("date = 2026-12-25", 'date = "2026-13-25"', 20, "date is '2026-13-25'"),
        ("shifts = []", 'shifts = ["Early", "Nigth"]', 21, "names a shift 'Nigth' that is not there"),
        ("micro_stop_s = 90.5", "micro_stop = 90.5", 28, "unknown key 'micro_stop'"),
        ("micro_stop_s = 90.5", "micro_stop_s = -1", 28, "micro_stop_s must be a number not below 0"),
        ("micro_stop_s = 90.5", "micro_stop_s = nan", 28, "micro_stop_s must be a number"),
        ("micro_stop_s = 90.5", "micro_stop_s = inf", 28, "micro_stop_s must be a number"),
        ("micro_stop_s = 90.5", "micro_stop_s = true", 28, "micro_stop_s must be a number"),
        ("micro_stop_s = 90.5", "stale_after_s = 0", 28, "stale_after_s must be a number above 0"),
        ("ideal_cycle_s = 30", "ideal_cycle_s = 0", 29, "ideal_cycle_s must be seconds a part, above 0"),
        ("ideal_cycle_s = 30", "ideal_cycle_s = inf", 29, "ideal_cycle_s must be seconds a part, above 0"),
        ("ideal_cycle_s = 30", "ideal_cycle_s = nan", 29, "ideal_cycle_s must be seconds a part, above 0"),
        ('"newest"', '"latest"', 31, "concurrent_jobs is 'latest'; use one of flag, newest"),
        ('"012" = "M01"', '"jam" = "M01"', 32, "fault_reasons pairs a fault code with a reason code"),
        ('resources = ["MILL-01"]', 'resources = "MILL-01"', 27, "resources must be a list of texts"),
        ('slug = "mill-2"', 'slug = "mill 2"', 35, "slug 'mill 2' may hold"),
        ('slug = "mill-2"', 'slug = "mill-1"', 35, "'mill-1' stands twice"),
        ('slug = "mill-2"', 'slug = "mill-2"\n  resources = ["MILL-01"]', 36, "'EPIC06 MILL-01' stands twice"),
        ('category = "equipment_failure"', 'category = "breakdown"', 40, "category is 'breakdown'"),
    ],
)  # fmt: skip
def test_a_refusal_names_file_line_and_reason(old: str, new: str, line: int, reason: str) -> None:
    text = WHOLE.replace(old, new)
    with pytest.raises(PlantFileError) as wrong:
        parse(text, "p.toml")

    assert str(wrong.value).startswith(f"p.toml, line {line}: "), str(wrong.value)
    assert reason in str(wrong.value)


@pytest.mark.parametrize("key", ["resources", "resource_groups"])
def test_one_mapping_row_each_within_a_company(key: str) -> None:
    twice = WHOLE.replace(
        'slug = "mill-2"', f'slug = "mill-2"\n{key} = ["G"]\n[[plant.line]]\nslug = "mill-3"\n{key} = ["G"]'
    )
    with pytest.raises(PlantFileError, match=rf"line 39: {key} 'EPIC06 G' stands twice"):
        parse(twice)


def test_another_company_may_use_the_same_codes() -> None:
    other = '[[company]]\ncode = "EPIC07"\n[[plant]]\ncompany = "EPIC07"\ncode = "MfgSys"\ntime_zone = "UTC"\n'
    other += '[[plant.line]]\nslug = "other"\nresources = ["MILL-01"]\n'
    assert len(parse(WHOLE + other).plants) == 2


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ('[[plant.shift]]\nname = "Early"\ndays = "sat"\nstart = "06:00"\nend = "12:00"\n', "'Early' stands twice"),
        ("[[plant.exception]]\ndate = 2026-12-25\nshifts = ['Early']\n", "2026-12-25"),
    ],
)
def test_a_shift_or_an_exception_that_stands_twice_is_refused(more: str, reason: str) -> None:
    """Else one of them would be lost in silence."""
    with pytest.raises(PlantFileError, match=reason):
        parse(WHOLE.replace("[[reason]]", more + "[[reason]]"))


def test_what_is_no_toml_is_said_with_its_line() -> None:
    with pytest.raises(PlantFileError, match=r"p\.toml: not TOML: .*line 2"):
        parse('[[company]]\ncode = "A\n', "p.toml")


def test_a_number_that_no_table_can_hold_is_refused() -> None:
    with pytest.raises(PlantFileError, match="micro_stop_s"):
        parse(WHOLE.replace("micro_stop_s = 90.5", "micro_stop_s = 1e12"))
