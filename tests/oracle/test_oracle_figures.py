"""SEMANTICS §8 to §10 and the rows of FORMATS §4, worked by hand."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.cases import (
    JOB,
    OTHER,
    at,
    event,
    job,
    labour,
    mark,
    named,
    oee,
    plant_file,
    resolve,
    sample,
    scrap,
    spoken,
    world,
)
from tests.oracle.cli import main
from tests.oracle.compare import differences
from tests.oracle.figures import summaries
from tests.oracle.instants import parse
from tests.oracle.jobs import piece_seconds
from tests.oracle.pareto import pareto
from tests.oracle.world import World


def counting(*rows: tuple[float, bool, int, int]) -> list[dict[str, Any]]:
    return [sample(s, running=running, total=total, reject=reject) for s, running, total, reject in rows]


# Running 0 to 90 and 190 to 200, down between; 3 parts, 1 of them reject; at 120 pieces an hour one takes 30 s.
DAY = counting((0, True, 0, 0), (90, False, 3, 1), (190, True, 3, 1), (200, True, 3, 1))
STANDARD = job("J1", ProdStandard=120)


def ratios(row: dict[str, Any]) -> list[Any]:
    return [row[name] for name in ("availability", "performance", "quality", "oee", "yield")]


def test_one_operation_by_the_book() -> None:
    row = oee(world(plant_file(), DAY, STANDARD, labour(0, None)), "operation")[0]
    assert row["buckets_s"] == {
        "running": 100, "unscheduled": 0, "no_signal": 0, "planned": 0, "micro_stop": 0, "setup": 0, "downtime": 100,
    }  # fmt: skip
    assert (row["total"], row["good"], row["reject"], row["ideal_s"]) == (3, 2, 1, 90)
    assert ratios(row) == pytest.approx([0.5, 0.9, 2 / 3, 0.3, 2 / 3])  # and 0.5 × 0.9 × 2/3 = 0.3
    assert (row["coverage"], row["performance_basis"]) == (1, 1)
    assert {name: row[name] for name in ("by", "company", "plant", "JobNum", "AssemblySeq", "OprSeq")} == {
        "by": "operation", "company": "C", "plant": "P", "JobNum": "J1", "AssemblySeq": 0, "OprSeq": 10,
    }  # fmt: skip


def test_micro_stops_are_run_time_and_setup_is_planned_time() -> None:
    seen = spoken((0, True), (30, False), (50, True), (60, False), (130, True), (150, True))
    row = oee(world(plant_file(), seen, mark("tag", 70, 140, code="S01")))[0]
    assert [row["buckets_s"][name] for name in ("running", "micro_stop", "setup")] == [60, 20, 70]
    assert row["availability"] == pytest.approx(80 / 150)


def test_with_several_operations_parts_weigh_by_their_ideal_time() -> None:
    # J1: 30 s, 2 parts, 1 good. J2: 10 s, 6 parts, all good. Q = (30 + 60) / (60 + 60), yield = 7 / 8.
    seen = counting((0, True, 0, 0), (80, True, 2, 1), (160, True, 8, 1))
    both = labour(0, 80, seq=1) + labour(80, None, OTHER, seq=2)
    row = oee(world(plant_file(), seen, STANDARD, job("J2", ProdStandard=360), both))[0]
    assert ratios(row) == pytest.approx([1, 120 / 160, 0.75, 90 / 160, 7 / 8])


def test_what_has_no_cycle_is_outside_performance_and_oee_but_inside_availability_and_yield() -> None:
    # J1 runs 60 s with 1 part of 30 s; J2, without a cycle, runs 40 s with 5 parts, 1 reject, and is down 100 s.
    seen = counting((0, True, 0, 0), (60, True, 1, 0), (100, False, 6, 1), (200, False, 6, 1))
    both = labour(0, 60, seq=1) + labour(60, None, OTHER, seq=2)
    row = oee(world(plant_file(), seen, STANDARD, job("J2"), both))[0]
    assert ratios(row) == pytest.approx([0.5, 0.5, 1, 0.5, 5 / 6])
    assert row["performance_basis"] == pytest.approx(0.6)


def test_the_empty_cases() -> None:
    down = oee(world(plant_file("ideal_cycle_s = 5"), spoken((0, False), (90, False))))[0]
    assert (*ratios(down), down["performance_basis"]) == (0, None, None, 0, None, None)
    outside = oee(world(plant_file(shifts=""), spoken((0, False), (90, False))))[0]
    assert (*ratios(outside), outside["coverage"]) == (None, None, None, None, None, None)
    no_parts = counting((0, True, 0, 0), (90, True, 0, 0))
    assert ratios(oee(world(plant_file("ideal_cycle_s = 5"), no_parts))[0]) == [1, 0, None, 0, None]
    assert ratios(oee(world(plant_file(), no_parts))[0]) == [1, None, None, None, None]
    unknown = oee(world(plant_file(), counting((0, True, 0, 0), (90, True, 4, 1))))[0]
    assert (*ratios(unknown), unknown["performance_basis"]) == (1, None, 0.75, None, 0.75, 0)


def test_parts_over_no_signal_have_no_quality_of_their_own() -> None:
    seen = counting((0, True, 0, 0), (200, True, 4, 1), (210, True, 4, 1))
    row = oee(world(plant_file("ideal_cycle_s = 5"), seen))[0]
    assert ratios(row) == [1, 0, None, 0, 0.75]
    assert row["coverage"] == pytest.approx(10 / 210)
    assert oee(world(plant_file(), seen))[0]["quality"] == 0.75


def test_nothing_is_capped() -> None:
    row = oee(world(plant_file("ideal_cycle_s = 30"), counting((0, True, 0, 0), (90, True, 6, 0))))[0]
    assert row["performance"] == 2


def test_unbound_and_unresolved_time_belongs_to_the_line_with_its_default_cycle() -> None:
    seen = [sample(s, running=True, total=s // 10) for s in range(0, 101, 10)]
    both = labour(0, 40, seq=1) + labour(20, 60, OTHER, seq=2)
    made = world(plant_file("ideal_cycle_s = 4"), seen, STANDARD, job("J2", ProdStandard=360), both)
    line = oee(made)[0]
    assert (line["unresolved_s"], line["unbound_s"]) == (20, 40)
    assert line["ideal_s"] == 2 * 30 + 2 * 4 + 2 * 10 + 4 * 4
    assert [(row["JobNum"], row["buckets_s"]["running"], row["total"]) for row in oee(made, "operation")] == [
        ("J1", 20, 2), ("J2", 20, 2),
    ]  # fmt: skip
    chosen = world(plant_file("ideal_cycle_s = 4"), seen, STANDARD, job("J2"), both, resolve(0, 100, 100, JOB))
    assert [(row["JobNum"], row["total"]) for row in oee(chosen, "job")] == [("J1", 4), ("J2", 2)]
    assert [row["PartNum"] for row in oee(chosen, "part")] == ["X"]
    assert oee(made, "plant")[0]["total"] == 10


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ({"StdFormat": "HP", "ProdStandard": 2, "StdBasis": "C"}, Fraction(72)),
        ({"StdFormat": "MP", "ProdStandard": 2, "StdBasis": "M"}, Fraction(120, 1000)),
        ({"StdFormat": "MP", "ProdStandard": 2, "StdBasis": "T"}, Fraction(120, 10000)),
        ({"StdFormat": "PH", "ProdStandard": 120, "StdBasis": "C"}, Fraction(30)),
        ({"StdFormat": "PM", "ProdStandard": 4}, Fraction(15)),
        ({"StdFormat": "OH", "ProdStandard": 60, "OpsPerPart": 2}, Fraction(30)),
        ({"StdFormat": "OM", "ProdStandard": 4, "OpsPerPart": 3}, Fraction(5)),
        ({"StdFormat": "CH", "ProdStandard": 60, "QtyPerCycle": 4}, Fraction(15)),
        ({"StdFormat": "CM", "ProdStandard": 1, "QtyPerCycle": 4}, Fraction(15)),
        ({"StdFormat": "HR", "ProdStandard": 3, "RunQty": 100}, Fraction(108)),
        ({"StdFormat": "HR", "ProdStandard": 3, "RunQty": 0}, None),
        ({"StdFormat": "PH", "ProdStandard": 0}, None),
        ({"StdFormat": "ZZ", "ProdStandard": 3}, None),
    ],
)
def test_each_format_of_a_standard(operation: dict[str, Any], expected: Fraction | None) -> None:
    assert piece_seconds(operation) == expected


def test_the_part_s_cycle_comes_first_then_the_standard_then_the_line_s() -> None:
    def ideal(line: str, standard: float) -> float:
        row = oee(world(plant_file(line), DAY, job("J1", ProdStandard=standard), labour(0, None)), "operation")[0]
        return float(row["ideal_s"])

    assert ideal('ideal_cycle_s = 7\npart_cycles = { "X" = 2.5 }', 120) == 7.5
    assert ideal('ideal_cycle_s = 7\npart_cycles = { "Y" = 2.5 }', 120) == 90
    assert ideal("ideal_cycle_s = 7", 0) == 21


def test_of_two_states_of_a_job_the_greater_revision_stands_for_all_time() -> None:
    states = [job("J1", ProdStandard=360, revision=7, part="New"), job("J1", ProdStandard=120, revision=3, part="Old")]
    for order in (states, states[::-1]):
        row = oee(world(plant_file(), DAY, order, labour(0, None)), "part")[0]
        assert (row["PartNum"], row["ideal_s"]) == ("New", 30)


def test_a_window_is_cut_to_the_time_from_the_first_good_sample_to_now() -> None:
    made = world(plant_file(), {"t": "sample", "line": "l", "at": at(-50), "good": False}, DAY)
    assert sum(oee(made)[0]["buckets_s"].values()) == 200
    assert sum(oee(made, start=20, end=30)[0]["buckets_s"].values()) == 10
    assert oee(made, start=200, end=300) == []


def test_shift_rows_are_by_production_day_and_empty_outside_shifts() -> None:
    early = '[[plant.shift]]\nname = "E"\ndays = "mon"\nstart = "06:00"\nend = "12:01"\n'
    rows = oee(world(plant_file(shifts=early, plant='day_start = "07:00"'), DAY), "shift")
    found = [(row["date"], row["shift"], sum(row["buckets_s"].values()), row["total"]) for row in rows]
    assert found == [(None, None, 140, 3), ("2026-03-01", "E", 60, 0)]


# --- §9 Paretos --------------------------------------------------------------------------------------------------

# Stops: 0–100 in parts M01 (0–30) and nothing (30–60) and M01 (60–100); 110–120 micro; 130–140 micro tagged N01.
LOST = spoken((0, False), (50, False), (100, True), (110, False), (120, True), (130, False), (140, True), (150, True))
WORDS = [
    mark("split", 30, 145), mark("split", 60, 145), mark("tag", 1, 146, code="M01"), mark("tag", 61, 146, code="M01"),
    mark("tag", 131, 146, code="N01"),
]  # fmt: skip


def bars(made: World, by: str, **options: Any) -> list[tuple[Any, ...]]:
    rows = pareto(made, parse(at(-1e5)), parse(at(1e6)), by, **options)
    return [(row["key"], row["seconds"], row["stops"], row["share"], row["cumulative"]) for row in rows]


def test_a_pareto_by_reason() -> None:
    made = world(plant_file(), LOST, WORDS)
    found = bars(made, "reason")
    assert [row[:3] for row in found] == [("M01", 70, 1), ("", 30, 1), ("N01", 10, 1), ("~micro_stop", 10, 1)]
    assert [row[3] for row in found] == pytest.approx([70 / 120, 30 / 120, 10 / 120, 10 / 120])
    assert found[-1][4] == 1
    by_stops = bars(made, "reason", measure="stops")
    assert [row[0] for row in by_stops] == ["", "M01", "N01", "~micro_stop"]
    assert by_stops[0][3] == 0.25


def test_the_bar_without_a_reason_is_always_shown() -> None:
    assert bars(world(plant_file(), spoken((0, True), (90, True))), "reason") == [("", 0, 0, None, None)]
    assert bars(world(plant_file(), spoken((0, True), (90, True))), "category") == []


def test_other_paretos() -> None:
    made = world(plant_file(), LOST, WORDS, job("J1"), labour(0, 40), labour(105, 125, kind="S", seq=2))
    assert [row[:3] for row in bars(made, "category")] == [
        ("equipment_failure", 70, 1), ("", 30, 1), ("minor_stop", 10, 1), ("~setup", 10, 1),
    ]  # fmt: skip
    assert [row[:3] for row in bars(made, "operation")] == [("", 70, 2), ("J1/0/10", 50, 2)]
    assert [row[:3] for row in bars(made, "part")] == [("", 70, 2), ("X", 50, 2)]
    assert [row[:3] for row in bars(made, "line")] == [("l", 120, 3)]
    assert [row[:3] for row in bars(made, "shift")] == [("All", 120, 3)]
    assert [row[:3] for row in bars(made, "reason", job="J1")] == [("M01", 30, 1), ("", 10, 1), ("~setup", 10, 1)]


def test_a_pareto_by_fault() -> None:
    faults = [sample(0, running=False, fault=0), sample(70, running=False, fault=12), sample(90, running=True)]
    assert [row[:3] for row in bars(world(plant_file(), faults), "fault")] == [("12", 90, 1)]


def test_planned_and_running_time_is_in_no_pareto() -> None:
    made = world(plant_file(), LOST, mark("tag", 1, 146, code="P09"))
    assert [row[:3] for row in bars(made, "line")] == [("l", 20, 2)]


# --- §10 summaries -----------------------------------------------------------------------------------------------


def test_a_summary_is_made_when_the_operation_completes_or_its_job_closes() -> None:
    facts: list[Any] = [DAY, STANDARD, job("J2"), labour(0, None), scrap(200, 1)]
    assert summaries(world(plant_file(), *facts)) == []
    made = world(
        plant_file(), *facts, event("operation.completed", 195, named(JOB)), event("job.closed", 20, {"JobNum": "J2"})
    )
    first, second = summaries(made)
    assert first["runs"] == [
        {"line": "l", "start": "2026-03-02T12:00:00Z", "end": "2026-03-02T12:03:15Z", "kind": "production"}
    ]
    assert first["losses"] == [{"key": "", "seconds": 100}]
    assert (first["JobNum"], first["total"], first["good"], first["buckets_s"]["running"]) == ("J1", 3, 1, 95)
    assert (second["JobNum"], second["total"], ratios(second), second["losses"], second["runs"]) == (
        "J2",
        0,
        [None] * 5,
        [],
        [],
    )


def test_the_first_three_losses_that_have_seconds() -> None:
    done = event("operation.completed", 150, named(JOB))
    row = summaries(world(plant_file(), LOST, WORDS, job("J1"), labour(0, None), done))[0]
    assert [(loss["key"], loss["seconds"]) for loss in row["losses"]] == [("M01", 70), ("", 30), ("N01", 10)]


# --- the command and the comparison ------------------------------------------------------------------------------


def test_the_command_prints_the_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plant.toml").write_text(plant_file())
    (tmp_path / "facts.jsonl").write_text("\n".join(json.dumps(row) for row in DAY))
    files = ["--plant", str(tmp_path / "plant.toml"), "--facts", str(tmp_path / "facts.jsonl")]
    window = ["--from", at(0), "--to", at(500)]
    for command in (["oee", *window, "--by", "line"], ["slices", *window, "--line", "l"], ["summaries"]):
        assert main([command[0], *files, *command[1:]]) == 0
        assert isinstance(json.loads(capsys.readouterr().out), list)
    assert main(["pareto", *files, *window, "--by", "reason", "--measure", "stops"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["seconds"] == 100


def test_the_comparison_is_strict_where_the_contract_is() -> None:
    row = {"start": "2026-03-02T12:00:00Z", "stop": "a", "seconds": 1.0, "oee": 0.5, "made_at": None, "label": None}
    same = {
        "start": "2026-03-02T06:00:00-06:00",
        "stop": "7",
        "seconds": 1.000001,
        "oee": 0.5,
        "made_at": "x",
        "label": "L",
        "new": 1,
    }
    assert differences([row], [same]) == []
    assert differences([row, row], [same, {**same, "stop": "8"}]) != []
    assert differences([row, {**row, "stop": "b"}], [same, same]) != []
    assert differences([row], []) != []
    for change in ({"oee": 0.50001}, {"oee": None}, {"seconds": 1.01}, {"start": "2026-03-02T12:00:01Z"}):
        assert len(differences([row], [{**same, **change}])) == 1
