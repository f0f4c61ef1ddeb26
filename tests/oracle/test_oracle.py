"""SEMANTICS §2 to §6, worked by hand: what the oracle says is what a person with a pencil finds."""

import pytest

from tests.oracle.cases import (
    JOB,
    OTHER,
    after_noon,
    buckets,
    column,
    event,
    job,
    labour,
    mark,
    named,
    plant_file,
    resolve,
    sample,
    spoken,
    world,
)
from tests.oracle.instants import parse
from tests.oracle.schedule import in_force, shift_days
from tests.oracle.world import World

MINUTE = 60_000_000


def shift(name: str, start: str, end: str, breaks: str = "[]", days: str = "mon-sun") -> str:
    head = f'[[plant.shift]]\nname = "{name}"\ndays = "{days}"\nstart = "{start}"\nend = "{end}"\n'
    return f"{head}breaks = {breaks}\n"


# --- §2 time -----------------------------------------------------------------------------------------------------


def hours_of(zone: str, text: str, day: str) -> list[tuple[str, float]]:
    plant = world(plant_file(zone=zone, shifts=text)).config.plants[0]
    instant = parse(f"{day}T12:00:00Z")
    return [
        (d.name, (d.end - d.start) / 60 / MINUTE) for d in shift_days(plant, instant, instant) if str(d.date) == day
    ]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-07", 7), ("2026-10-31", 9), ("2026-03-02", 8)])
def test_a_night_shift_lasts_as_long_as_it_really_does(day: str, hours: float) -> None:
    assert hours_of("America/Chicago", shift("Night", "22:00", "06:00"), day) == [("Night", hours)]


def test_a_time_that_comes_twice_is_the_first_and_a_skipped_one_is_as_much_later() -> None:
    # 1 November: 01:30 comes twice, the first to 03:00 is 2 h 30. 8 March: 02:30 is 03:30, so 02:30 to 05:00 is 1 h 30.
    assert hours_of("America/Chicago", shift("S", "01:30", "03:00"), "2026-11-01") == [("S", 2.5)]
    assert hours_of("America/Chicago", shift("S", "02:30", "05:00"), "2026-03-08") == [("S", 1.5)]


def test_the_shift_that_started_last_is_in_force_then_the_greater_name() -> None:
    text = shift("A", "06:00", "18:00") + shift("B", "06:00", "16:00") + shift("C", "10:00", "12:00")
    plant = world(plant_file(shifts=text)).config.plants[0]
    days = shift_days(plant, parse("2026-03-02T00:00Z"), parse("2026-03-03T00:00Z"))
    found = [in_force(days, parse(f"2026-03-02T{clock}Z")) for clock in ("06:00", "10:00", "12:00", "16:00", "18:00")]
    assert [d and d.name for d in found] == ["B", "C", "B", "A", None]


def test_breaks_before_the_start_are_on_the_next_day_and_are_cut_to_the_shift() -> None:
    breaks = '[{ name = "a", start = "23:45", end = "00:15" }, { name = "b", start = "05:30", end = "06:30" }]'
    plant = world(plant_file(shifts=shift("Night", "22:00", "06:00", breaks))).config.plants[0]
    night = next(
        d for d in shift_days(plant, parse("2026-03-02T23:00Z"), parse("2026-03-02T23:00Z")) if d.date.day == 2
    )
    spans = [("2026-03-02T23:45Z", "2026-03-03T00:15Z"), ("2026-03-03T05:30Z", "2026-03-03T06:00Z")]
    assert night.breaks == tuple((parse(start), parse(end)) for start, end in spans)


def test_a_shift_belongs_to_the_production_day_in_which_it_starts() -> None:
    text = shift("Dawn", "05:00", "07:00") + shift("Day", "06:00", "07:00")
    plant = world(plant_file(shifts=text, plant='day_start = "06:00"')).config.plants[0]
    noon = parse("2026-03-02T12:00Z")
    found = {(d.name, str(d.date)) for d in shift_days(plant, noon, noon) if noon - 420 * MINUTE <= d.start < noon}
    assert found == {("Dawn", "2026-03-01"), ("Day", "2026-03-02")}


def test_an_exception_names_the_shifts_that_start_on_its_date() -> None:
    text = shift("Night", "22:00", "06:00", days="mon-fri") + shift("Day", "08:00", "16:00", days="sat")
    text += '[[plant.exception]]\ndate = 2026-03-02\nshifts = ["Day"]\n'
    text += "[[plant.exception]]\ndate = 2026-03-03\nshifts = []\n"
    assert hours_of("UTC", text, "2026-03-02") == [("Day", 8)]
    assert hours_of("UTC", text, "2026-03-03") == []
    assert hours_of("UTC", text, "2026-03-04") == [("Night", 8)]


# --- §3 state ----------------------------------------------------------------------------------------------------


def states_of(line: str, *samples: dict[str, object]) -> list[tuple[float, float, str]]:
    return buckets(world(plant_file(f"micro_stop_s = 1\n{line}"), *samples))


def test_a_state_holds_up_to_stale_after_and_is_unknown_from_the_earlier_sample_beyond() -> None:
    found = states_of("", *spoken((0, True), (100, False), (200.000001, True), (210, True)))
    assert found == [(0, 100, "running"), (100, 200.000001, "no_signal"), (200.000001, 210, "running")]


def test_after_the_last_sample_now_is_the_later_one() -> None:
    tag = mark("tag", 0, 50, code="M01")
    assert states_of("", sample(0, running=True), tag) == [(0, 50, "running")]
    assert states_of("", sample(0, running=True), {**tag, "tagged_at": "2026-03-02T12:02:00Z"}) == [
        (0, 120, "no_signal")
    ]


def test_a_failed_poll_is_no_state_and_an_earlier_sample_is_dropped() -> None:
    bad = {"t": "sample", "line": "l", "at": "2026-03-02T12:01:00Z", "good": False}
    found = states_of("", sample(0, running=True), bad, sample(55, running=False), sample(90, running=True))
    assert found == [(0, 90, "running")]


def test_debounce_dates_a_change_at_its_first_sample_and_leaves_out_what_is_shorter() -> None:
    seen = spoken(
        (0, True), (10, False), (14, True), (20, False), (25, True), (40, False), (41, False), (45, True), (60, True)
    )
    found = states_of("debounce_s = 5", *seen)
    assert found == [
        (0, 20, "running"), (20, 25, "downtime"), (25, 40, "running"), (40, 45, "downtime"), (45, 60, "running"),
    ]  # fmt: skip


def test_the_first_state_after_no_signal_counts_at_once() -> None:
    found = states_of("debounce_s = 5", *spoken((0, True), (200, False), (202, True), (300, True)))
    assert found == [(0, 200, "no_signal"), (200, 202, "downtime"), (202, 300, "running")]


# --- §4 stops ----------------------------------------------------------------------------------------------------


def test_a_micro_stop_is_shorter_than_the_threshold() -> None:
    seen = spoken((0, True), (10, False), (70, True), (100, False), (159.999999, True), (170, True))
    stopped = [row for row in buckets(world(plant_file(), seen)) if row[2] != "running"]
    assert stopped == [(10, 70, "downtime"), (100, 159.999999, "micro_stop")]


def test_an_open_stop_is_as_long_as_it_is_now_and_a_window_does_not_shorten_it() -> None:
    assert buckets(world(plant_file(), spoken((0, False), (59, False)))) == [(0, 59, "micro_stop")]
    longer = world(plant_file(), spoken((0, False), (60, False)))
    assert buckets(longer, 50, 55) == [(50, 55, "downtime")]


def test_no_signal_ends_a_stop_and_a_fault_does_not_cut_it() -> None:
    faults = [sample(s, running=False, fault=f) for s, f in ((0, 0), (20, 7), (40, 12), (200, 12), (220, 12))]
    stops = {s.stop.id: s.stop for s in world(plant_file(), faults).stories["l"].slices if s.stop}
    assert [(s.end - s.start, s.fault) for s in stops.values()] == [(40_000_000, 7), (20_000_000, 12)]


DOWN = spoken((0, False), (90, False), (180, False), (200, True))


def test_the_last_tag_of_a_part_stands_wherever_in_the_part_it_points() -> None:
    first, second = mark("tag", 10, 100, code="M02"), mark("tag", 170, 101, code="M01")
    assert column(world(plant_file(), DOWN, second, first), "reason") == [(0, 200, "M01")]


def test_ties_go_to_untag_then_to_the_greater_code_and_unknown_codes_wait() -> None:
    tags = [mark("tag", 10, 100, code=code) for code in ("M01", "N01", "Z99")]
    assert column(world(plant_file(), DOWN, tags), "reason") == [(0, 200, "N01")]
    assert column(world(plant_file(), DOWN, tags, mark("untag", 20, 100)), "reason") == [(0, 200, None)]
    known = plant_file(reasons={"Z99": "other", "M01": "other"})
    assert column(world(known, DOWN, tags), "reason") == [(0, 200, "Z99")]


def test_a_split_makes_parts_and_tags_belong_to_the_part_that_holds_their_instant() -> None:
    marks = [mark("tag", 10, 100, code="M01"), mark("tag", 150, 99, code="P09"), mark("split", 60, 110)]
    split = world(plant_file(), DOWN, marks, mark("split", 0, 110), mark("split", 200, 110))
    assert column(split, "reason") == [(0, 60, "M01"), (60, 200, "P09")]
    undone = world(plant_file(), DOWN, marks, mark("unsplit", 60, 110))
    assert column(undone, "reason") == [(0, 200, "M01")]
    again = world(plant_file(), DOWN, marks, mark("unsplit", 60, 111), mark("split", 60, 112))
    assert column(again, "reason") == [(0, 60, "M01"), (60, 200, "P09")]


def test_splitting_never_makes_a_micro_stop() -> None:
    assert buckets(world(plant_file(), DOWN, mark("split", 30, 190))) == [(0, 200, "downtime")]


def test_the_machine_tags_what_no_person_has_tagged_and_the_line_s_mapping_wins() -> None:
    faults = [sample(0, running=False, fault=0), sample(90, running=False, fault=12), sample(180, running=True)]
    text = plant_file('fault_reasons = { "12" = "M02" }', plant='fault_reasons = { "12" = "M01", "7" = "P09" }')
    assert column(world(text, faults), "reason") == [(0, 180, "M02")]
    tagged = [mark("split", 60, 181), mark("tag", 10, 182, code="N01")]
    assert column(world(text, faults, tagged), "reason")[:2] == [(0, 60, "N01"), (60, 180, "M02")]
    undone = world(text, faults, tagged, mark("untag", 20, 183))
    assert column(undone, "reason")[0] == (0, 180, "M02")


# --- §5 runs -----------------------------------------------------------------------------------------------------

UP = spoken((0, True), (90, True), (180, True), (200, True))
JOBS = [job("J1"), job("J2")]


def bound(made: World) -> list[tuple[float, float, str, str | None]]:
    """The bindings of the line as (start, end, job or none or unresolved, kind)."""
    first = parse("2026-03-02T12:00Z")
    found: list[tuple[float, float, str, str | None]] = []
    for piece in made.stories["l"].slices:
        name = piece.binding.operation[1] if piece.binding.operation else piece.binding.what
        start, end = (piece.start - first) / 1e6, (piece.end - first) / 1e6
        if found and found[-1][2:] == (name, piece.binding.kind):
            found[-1] = (found[-1][0], end, name, piece.binding.kind)
        else:
            found.append((start, end, name, piece.binding.kind))
    return found


def test_several_people_on_one_operation_are_one_run_and_production_wins() -> None:
    people = labour(10, 60, seq=1, kind="S") + labour(40, 120, seq=2)
    found = bound(world(plant_file(), UP, JOBS, people))
    assert found == [
        (0, 10, "none", None),
        (10, 40, "J1", "setup"),
        (40, 120, "J1", "production"),
        (120, 200, "none", None),
    ]


def test_a_pause_makes_two_runs_and_does_not_cut_the_state() -> None:
    made = world(plant_file(), UP, JOBS, labour(10, 60, seq=1), labour(70, 90, seq=2))
    assert [(s, e) for s, e, name, _ in bound(made) if name == "J1"] == [(10, 60), (70, 90)]
    assert column(made, "bucket") == [(0, 200, "running")]


def test_two_operations_are_unresolved_until_someone_chooses() -> None:
    both = labour(10, 100, seq=1) + labour(50, 150, OTHER, seq=2)
    assert bound(world(plant_file(), UP, JOBS, both))[2] == (50, 100, "unresolved", None)
    # J1 is chosen from 0 to 80, then J2 from 70 on with a later word, and at 60 somebody chose J3, which is not open.
    chosen = [resolve(0, 80, 160, JOB), resolve(70, 200, 161, OTHER), resolve(0, 200, 170, ("J3", 0, 10))]
    found = bound(world(plant_file(), UP, JOBS, both, chosen))
    assert [row[:3] for row in found if row[1] <= 200] == [
        (0, 10, "none"), (10, 70, "J1"), (70, 150, "J2"), (150, 200, "none"),
    ]  # fmt: skip


def test_equal_words_go_to_the_greater_operation() -> None:
    both = labour(10, 100, seq=1) + labour(10, 100, OTHER, seq=2)
    chosen = [resolve(0, 200, 160, OTHER), resolve(0, 200, 160, JOB)]
    assert bound(world(plant_file(), UP, JOBS, both, chosen))[1] == (10, 100, "J2", "production")


def test_newest_takes_the_activity_that_started_last_then_the_greater_key() -> None:
    text = plant_file('concurrent_jobs = "newest"')
    both = labour(10, 100, OTHER, seq=1) + labour(50, 150, seq=2) + labour(50, 60, OTHER, seq=3)
    found = bound(world(text, UP, JOBS, both))
    assert [row[:3] for row in found] == [
        (0, 10, "none"), (10, 60, "J2"), (60, 150, "J1"), (150, 200, "none"),
    ]  # fmt: skip


def test_a_resource_maps_before_its_group_and_only_within_its_company() -> None:
    by_group = labour(10, 60, ResourceID="NEW", ResourceGrpID="G")
    assert bound(world(plant_file(), UP, JOBS, by_group))[1][2] == "J1"
    nowhere = labour(10, 60, ResourceID="NEW", ResourceGrpID="NEW")
    assert bound(world(plant_file(), UP, JOBS, nowhere)) == [(0, 200, "none", None)]
    stranger = [
        {**row, "event": {**row["event"], "data": {**row["event"]["data"], "Company": "D"}}} for row in labour(10, 60)
    ]
    assert bound(world(plant_file(), UP, JOBS, stranger)) == [(0, 200, "none", None)]


def test_an_unknown_operation_has_no_effect_until_it_is_known() -> None:
    both = labour(10, 60, seq=1) + labour(10, 60, OTHER, seq=2)
    assert bound(world(plant_file(), UP, job("J1"), both))[1][2] == "J1"
    assert bound(world(plant_file(), UP, job("J1"), both, job("J2")))[1][2] == "unresolved"


def test_an_activity_that_ends_at_or_before_its_start_has_no_time_and_an_end_alone_waits() -> None:
    for end in (10, 5):
        assert bound(world(plant_file(), UP, JOBS, labour(10, end))) == [(0, 200, "none", None)]
    ended = event(
        "operation.ended", 60, {"LaborHedSeq": 1, "LaborDtlSeq": 1, "SysRevID": 9, **named(JOB), "ResourceID": "R"}
    )
    assert bound(world(plant_file(), UP, JOBS, ended)) == [(0, 200, "none", None)]
    assert bound(world(plant_file(), UP, JOBS, ended, labour(10, None)))[1] == (10, 60, "J1", "production")


def test_of_two_words_on_one_activity_the_greater_revision_wins_then_the_later_time_then_the_greater_id() -> None:
    base = {"LaborHedSeq": 1, "LaborDtlSeq": 1, "ResourceID": "R", "LaborType": "P"}
    late = event("operation.started", 40, {**base, **named(OTHER)})
    early = event("operation.started", 20, {**base, **named(JOB), "SysRevID": 3})
    ended = event(
        "operation.ended", 90, {"LaborHedSeq": 1, "LaborDtlSeq": 1, "SysRevID": 4, "LaborType": "S", "JobNum": None}
    )
    found = bound(world(plant_file(), UP, JOBS, late, early, ended))
    assert found[1] == (20, 90, "J1", "setup")
    same = [
        event("operation.started", 20, {**base, **named(JOB)}, "a"),
        event("operation.started", 20, {**base, **named(OTHER)}, "b"),
    ]
    assert bound(world(plant_file(), UP, JOBS, same))[1][2] == "J2"
    assert bound(world(plant_file(), UP, JOBS, same, late))[1] == (40, 200, "J2", "production")


def test_completed_closes_what_started_before_it_and_a_later_end_does_not_reopen() -> None:
    people = labour(10, 150, seq=1) + labour(60, None, seq=2) + labour(100, 120, seq=3)
    done = event("operation.completed", 60, named(JOB))
    found = bound(world(plant_file(), UP, JOBS, people, done))
    assert [row[:2] for row in found if row[2] == "J1"] == [(10, 200)]  # the second starts as the first is closed
    closed = event("job.closed", 100, {"JobNum": "J1"})
    found = bound(world(plant_file(), UP, JOBS, people, done, closed))
    assert [row[:2] for row in found if row[2] == "J1"] == [(10, 120)]


# --- §6 buckets --------------------------------------------------------------------------------------------------

# A shift to 12:03 with a break from 12:01 to 12:02; the line always stopped; one row of the table each.
BREAK = '[{ name = "b", start = "12:01", end = "12:02" }]'
SHORT = shift("S", "06:00", "12:03", BREAK)
STOPPED = spoken((0, False), (90, False), (180, False), (240, False))


def bucket_at(made: World, seconds: float) -> str:
    return next(bucket for start, end, bucket in buckets(made) if start <= seconds < end)


def test_running_comes_first_and_unscheduled_second() -> None:
    made = world(plant_file(shifts=SHORT), spoken((0, True), (90, True), (180, True), (240, True)))
    assert buckets(made) == [(0, 240, "running")]
    made = world(plant_file(shifts=SHORT), STOPPED, mark("tag", 1, 240, code="P09"))
    assert buckets(made) == [(0, 180, "planned"), (180, 240, "unscheduled")]


def test_no_signal_comes_before_planned() -> None:
    made = world(plant_file(shifts=SHORT), spoken((0, False), (10, False), (170, True), (175, True)))
    assert buckets(made)[1] == (10, 170, "no_signal")


def test_a_break_is_planned_and_the_rest_is_downtime() -> None:
    made = world(plant_file(shifts=SHORT), STOPPED)
    assert [row[2] for row in buckets(made)] == ["downtime", "planned", "downtime", "unscheduled"]


CASES = [
    # micro, kind of the run, reason → bucket
    (True, "P", None, "micro_stop"),
    (True, "P", "M01", "micro_stop"),
    (True, "P", "S01", "micro_stop"),
    (True, "P", "P09", "planned"),
    (True, "S", None, "setup"),
    (True, "S", "S01", "setup"),
    (True, "S", "M01", "downtime"),
    (True, "S", "P09", "planned"),
    (False, "P", None, "downtime"),
    (False, "P", "S01", "setup"),
    (False, "P", "M01", "downtime"),
    (False, "S", None, "setup"),
    (False, "S", "M01", "downtime"),
    (True, None, None, "micro_stop"),
    (False, None, None, "downtime"),
]


@pytest.mark.parametrize(("micro", "kind", "code", "expected"), CASES)
def test_the_table_row_by_row(*, micro: bool, kind: str | None, code: str | None, expected: str) -> None:
    run = [] if kind is None else labour(0, None, kind=kind)
    tag = [] if code is None else [mark("tag", 5, 90, code=code)]
    made = world(plant_file(), spoken((0, False), (30 if micro else 80, True), (90, True)), JOBS, run, tag)
    assert bucket_at(made, 5) == expected


def test_no_job_reason_is_for_untagged_stops_bound_to_none() -> None:
    text = plant_file('no_job_reason = "P09"')
    both = labour(60, 120, seq=1) + labour(100, 150, OTHER, seq=2)
    made = world(text, DOWN, JOBS, both)
    assert column(made, "reason") == [(0, 60, "P09"), (60, 150, None), (150, 200, "P09")]
    assert buckets(made)[0] == (0, 60, "planned")
    assert column(world(text, DOWN, mark("tag", 5, 190, code="M01")), "reason") == [(0, 200, "M01")]
    assert column(world(plant_file('no_job_reason = "Z99"'), DOWN), "reason") == [(0, 200, None)]


def test_buckets_and_operations_add_up_to_the_window() -> None:
    made = world(plant_file(shifts=SHORT), STOPPED, JOBS, labour(33, 77))
    rows = buckets(made, 12, 222)
    assert sum(end - start for start, end, _ in rows) == 210
    assert after_noon("2026-03-02T12:00:12Z") == rows[0][0]
