"""`manage.py replay` and `record`: what is wrong is named with its line, the rest goes in, and nothing goes in twice."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.downtime.models import ReasonTag
from apps.flow import recording, replay
from apps.jobs.models import LaborRecord
from apps.states.models import CounterAlert, StateChange
from tests.make.days import days
from tests.make.histories import history
from tests.make.odd import LINES, ODD, changed, places
from tests.make.reports import apart, feed, load, now, over, unsound
from tests.oracle.cases import at, event, job, labour, mark, plant_file, resolve, sample, scrap, spoken
from tests.oracle.instants import parse

pytestmark = pytest.mark.django_db

GOOD = [*spoken((0, True), (60, False), (90, True)), job(), *labour(10, 80)]


def write(path: Path, *rows: dict[str, Any] | str) -> str:
    path.write_text(
        "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8"
    )
    return str(path)


class Ran:
    """A run of the command: exit code and what it said."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        self.code = 0
        try:
            call_command("replay", *arguments)
        except SystemExit as end:
            self.code = int(str(end.code))
        except CommandError as refused:
            self.code, self.refused = refused.returncode, str(refused)
        said = capsys.readouterr()
        self.out, self.err = said.out, [line for line in said.err.splitlines() if line.startswith("line ")]


BAD: list[tuple[dict[str, Any] | str, str]] = [
    ("{", "not JSON: "),
    ("[]", "not a JSON object."),
    ('{"t":"weather"}', "t is 'weather'"),
    ({**sample(100, running=True), "line": "saw"}, "no line is called 'saw'"),
    ({**mark("tag", 70, 95, code="M01"), "line": "saw"}, "no line is called 'saw'"),
    ({**scrap(70, 1), "line": "saw"}, "no line is called 'saw'"),
    ({**resolve(0, 5, 95, ("J1", 0, 10)), "line": "saw"}, "no line is called 'saw'"),
    ({**job("J9"), "company": "D"}, "no company is called 'D'"),
    (event("job.closed", 95, {"JobNum": "J1", "Company": "D"}), "no company is called 'D'"),
    (sample(30, running=True), "out of order: l has a sample at or after this one already"),
    (sample(90, running=False), "out of order"),
    (mark("tag", 70, 95, code="Z99"), "code 'Z99' is not in the dictionary of C; the tag waits for it"),
    ({**sample(100, running=True), "at": "2026-03-02T12:00:00"}, "has no offset"),
    ({**sample(100, running=True), "running": 1}, "running must be true or false"),
    ({**sample(100, running=True), "total": -1}, "total must be a whole number, not below 0"),
    ({**sample(100, running=True), "total": 1.5}, "total must be a whole number, not below 0"),
    (scrap(70, 0), "qty must be a whole number above 0"),
    (resolve(5, 5, 95, ("J1", 0, 10)), "end must be later than start"),
    ({"t": "tag", "line": "l", "at": at(70), "tagged_at": at(95)}, "code is missing"),
    (event("operation.begun", 95, {}), "type 'epicor.operation.begun' is not one that Jobline knows"),
    (event("operation.started", 95, {"LaborHedSeq": 1}), "data.LaborDtlSeq is missing"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD)
def test_a_bad_line_is_named_and_the_good_ones_go_in(
    bad: dict[str, Any] | str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(plant_file())
    ran = Ran(capsys, write(tmp_path / "facts.jsonl", *GOOD, "", bad, sample(101, running=True)))

    (said,) = ran.err
    assert said.startswith(f"line {len(GOOD) + 2}: "), said
    assert reason in said
    assert (ran.code, "1 with a problem" in ran.out) == (1, True)
    assert now() == parse(at(101))
    assert list(StateChange.objects.order_by("at").values_list("state", flat=True)) == ["running", "stopped", "running"]
    assert LaborRecord.objects.count() == 2


@pytest.mark.parametrize("bad", [bad for bad, _reason in BAD])
def test_strict_changes_nothing_where_a_line_is_bad(
    bad: dict[str, Any] | str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(plant_file())
    ran = Ran(capsys, write(tmp_path / "facts.jsonl", *GOOD, bad), "--strict")

    assert (ran.code, ran.refused) == (1, "Not all lines are good: nothing was changed.")
    assert [said.split(":")[0] for said in ran.err] == [f"line {len(GOOD) + 1}"]
    assert (StateChange.objects.count(), LaborRecord.objects.count(), now()) == (0, 0, 0)


def test_strict_takes_in_what_is_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load(plant_file())
    assert Ran(capsys, write(tmp_path / "facts.jsonl", *GOOD), "--strict").code == 0
    assert LaborRecord.objects.count() == 2


def test_the_same_file_again_changes_nothing_and_is_no_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(plant_file())
    path = write(tmp_path / "facts.jsonl", *GOOD, mark("tag", 70, 95, code="M01"), scrap(80, 1))
    window = [(parse(at(-10)), parse(at(200)))]
    assert Ran(capsys, path).code == 0
    before = over(window)

    again = Ran(capsys, path)
    assert (again.code, again.err) == (0, [])
    assert "3 repeated, 0 with a problem" in again.out
    assert over(window) == before


def test_no_odd_value_stops_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load(plant_file())
    odd = [changed(line, path, value) for line in LINES for path in places(line) for value in ODD]
    ran = Ran(capsys, write(tmp_path / "facts.jsonl", *GOOD, *odd, mark("tag", 70, 9000, code="M01", by="last")))

    assert ran.code == 1
    assert ReasonTag.objects.filter(by="last").exists()
    assert not unsound()


def test_a_fault_code_that_no_column_holds_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load(plant_file())
    ran = Ran(capsys, write(tmp_path / "facts.jsonl", *GOOD, sample(500, running=False, fault=3_000_000_000)))

    assert ran.code == 1
    assert ran.err[-1].endswith("fault must be a whole number, not below 0 and not above 2147483647.")


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = Ran(capsys, str(tmp_path / "none.jsonl"))

    assert (missing.code, missing.refused) == (
        1,
        f"{tmp_path / 'none.jsonl'} can't be read: No such file or directory.",
    )


def test_bytes_that_are_no_text_are_a_bad_line_among_good_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(plant_file())
    path = Path(write(tmp_path / "facts.jsonl", *GOOD, "?", sample(101, running=True)))
    path.write_bytes(path.read_bytes().replace(b"?", '{"t":"sample","by":"Müller"}'.encode("latin-1")))

    ran = Ran(capsys, str(path))

    assert ran.err == [f"line {len(GOOD) + 1}: not UTF-8 text."]
    assert ran.code == 1
    assert now() == parse(at(101))


def test_speed_paces_the_facts() -> None:
    load(plant_file())
    began = time.monotonic()
    replay.replay([json.dumps(row) for row in spoken((0, True), (60, False), (90, True))], speed=300)
    spent = time.monotonic() - began

    assert 0.3 <= spent < 5
    assert StateChange.objects.count() == 3


def test_now_is_the_greatest_instant_fed_and_never_goes_back() -> None:
    load(plant_file())
    feed(GOOD)
    assert now() == parse(at(90))
    feed(resolve(0, 400, 100, ("J1", 0, 10)))
    assert now() == parse(at(400))
    feed(mark("untag", 70, 300))
    assert now() == parse(at(400))
    feed(mark("tag", 70, 500, code="M01"))
    assert now() == parse(at(500))


def alerts() -> list[tuple[object, ...]]:
    """What a person should know of the counters."""
    columns = ("line__slug", "at", "what", "counter", "parts")
    return list(CounterAlert.objects.order_by(*columns).values_list(*columns))


class TestRecord:
    def test_a_jump_and_lost_scrap_are_known_again(self) -> None:
        told = [sample(t, running=True, total=total) for t, total in ((0, 5), (1, 9000), (2, 9001), (3, 9002))]

        def lived() -> tuple[object, list[str]]:
            load(plant_file())
            feed([*told, scrap(3, 50)])
            return alerts(), list(recording.record())

        known, recorded = apart(lived)
        assert [(row[2], row[4]) for row in known] == [("jump", 8995), ("scrap_not_found", 48)]  # type: ignore[attr-defined]

        def again() -> object:
            load(plant_file())
            assert feed(recorded).problems == []
            return alerts()

        assert apart(again) == known

    @pytest.mark.parametrize("seed", [3, 11, 20, 41])
    def test_what_is_recorded_is_replayed_into_an_empty_database_with_the_very_same_figures(self, seed: int) -> None:
        told = history(seed)
        window = [(parse(told.start), parse(told.end))]

        def lived() -> tuple[object, list[str], int]:
            load(told.plant_toml)
            feed(told.facts)
            return (over(window), alerts()), list(recording.record()), now()

        figures, recorded, then = apart(lived)

        def again() -> object:
            load(told.plant_toml)
            assert [why for _number, why in feed(recorded).problems if "waits for it" not in why] == []
            assert unsound() == []
            return over(window, at=then), alerts()

        assert apart(again) == figures

    def test_days_too_and_recording_them_again_writes_the_same(self) -> None:
        told = days(1, count=2)
        window = [(told.borders[0] - 1, told.borders[-1] + 10**9)]
        load(told.plant_toml)
        feed(told.facts)
        figures, recorded = over(window), list(recording.record())
        # What is there already is only repeated.
        outcome = feed(recorded)
        assert (outcome.problems, over(window)) == ([], figures)
        assert list(recording.record()) == recorded

    def test_the_command_writes_a_file_that_replay_takes(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        load(plant_file())
        feed(GOOD)
        path = tmp_path / "out.jsonl"
        call_command("record", str(path))
        assert f"{len(path.read_text().splitlines())} facts written" in capsys.readouterr().out
        assert Ran(capsys, str(path)).code == 0
        with pytest.raises(CommandError, match="No line is called 'saw'"):
            call_command("record", str(path), "--line", "saw")
