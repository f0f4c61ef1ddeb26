"""Loading a plant file: all or nothing, refused with file, line and reason, idempotent, and dumped to the same."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.flow import plant
from apps.lines.models import Area, Line, WorkCenterMap
from apps.lines.plant_types import PlantFileError
from tests.make.histories import history
from tests.make.reports import apart

pytestmark = pytest.mark.django_db

PLANT = """[[company]]
code = "C"
name = "Company"

[[plant]]
company = "C"
code = "P"
name = "Plant"
time_zone = "America/Chicago"

  [[plant.shift]]
  name = "Early"
  days = "mon-fri"
  start = "06:00"
  end = "14:00"

  [[plant.line]]
  slug = "mill-1"
  resources = ["R1"]
  resource_groups = ["G1"]

    [plant.line.plc]
    host = "10.20.0.11"
    [plant.line.plc.signals]
    running = { coil = 0 }
    total = { holding = 100, type = "uint32" }

  [[plant.line]]
  slug = "mill-2"
  resources = ["R2"]

[[reason]]
company = "C"
code = "M01"
description = "Spindle fault"
category = "equipment_failure"
"""
OTHER = '[[plant]]\ncompany = "C"\ncode = "Q"\ntime_zone = "UTC"\n'


def load(text: str, *, check: bool = False) -> list[str]:
    return plant.load(text, name="plant.toml", check=check, now=0)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (PLANT.replace("resource_groups", "groups"), 20, "unknown key 'groups'"),
        (PLANT.replace("America/Chicago", "Mars/Base"), 9, "time_zone 'Mars/Base' is not known"),
        (PLANT.replace('["R2"]', '["R1"]'), 30, "resources 'C R1' stands twice"),
        (PLANT.replace('resources = ["R2"]', 'resource_groups = ["G1"]'), 30, "resource_groups 'C G1' stands twice"),
        (PLANT.replace("mon-fri", "weekdays"), 13, "days is 'weekdays'"),
        (PLANT.replace('"14:00"', '"24:30"'), 15, "end is '24:30'"),
        (PLANT.replace('company = "C"\ncode = "P"', 'company = "D"\ncode = "P"'), 6, "no company is called 'D'"),
        (PLANT.replace("total = {", 'reject = { holding = 100, type = "uint32" }\n    total = {'), 22, "holding"),
    ],
)
def test_a_refusal_names_file_line_and_reason_and_changes_nothing(text: str, line: int, reason: str) -> None:
    load(PLANT)
    before = plant.dump()

    with pytest.raises(PlantFileError) as wrong:
        load(text.replace("Spindle fault", "Something else"))

    assert str(wrong.value).startswith(f"plant.toml, line {line}: "), str(wrong.value)
    assert reason in str(wrong.value)
    assert plant.dump() == before


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (OTHER + '[[plant.line]]\nslug = "saw"\nresources = ["R2"]\n', 7, "resource 'R2' is mapped to line 'mill-2'"),
        (
            OTHER + '[[plant.line]]\nslug = "saw"\nresource_groups = ["G1"]\n',
            7,
            "group 'G1' is mapped to line 'mill-1'",
        ),
        (OTHER + '[[plant.line]]\nslug = "mill-1"\n', 6, "'mill-1' is in plant P already"),
    ],
)
def test_what_the_tables_hold_refuses_a_file_too(text: str, line: int, reason: str) -> None:
    load(PLANT)
    before = plant.dump()

    with pytest.raises(PlantFileError) as wrong:
        load(text)

    assert str(wrong.value).startswith(f"plant.toml, line {line}: "), str(wrong.value)
    assert reason in str(wrong.value)
    assert plant.dump() == before


def test_another_company_may_map_the_same_codes() -> None:
    load(PLANT)
    load(PLANT.replace('"C"', '"D"').replace("mill", "saw"))
    assert WorkCenterMap.objects.filter(code="R1").count() == 2


def test_a_mapping_may_move_from_one_line_to_another() -> None:
    load(PLANT)

    swapped = PLANT.replace('["R1"]', '["x"]').replace('["R2"]', '["R1"]').replace('["x"]', '["R2"]')
    load(swapped)
    assert dict(WorkCenterMap.objects.filter(kind="resource").values_list("code", "line__slug")) == {
        "R1": "mill-2", "R2": "mill-1",
    }  # fmt: skip

    # to the line that stands first in the file, from one that gives it up further down
    load(PLANT.replace('["R1"]', '["R1", "R2"]').replace('resources = ["R2"]', ""))
    assert set(WorkCenterMap.objects.filter(kind="resource").values_list("line__slug", flat=True)) == {"mill-1"}


def test_the_second_load_finds_no_differences() -> None:
    assert load(PLANT) == ["+ company C", "+ plant C/P", "+ line mill-1", "+ line mill-2", "+ reason C/M01"]
    assert load(PLANT) == []
    assert load(plant.dump()) == []


def test_a_difference_names_what_was_and_what_is() -> None:
    load(PLANT)
    changed = PLANT.replace('resources = ["R2"]', 'resources = ["R2"]\nmicro_stop_s = 90').replace("Spindle", "Axis")
    wanted = [
        "line mill-2: micro_stop_s 120.000000 -> 90.000000",
        "reason C/M01: description Spindle fault -> Axis fault",
    ]

    assert load(changed, check=True) == wanted
    assert Line.objects.get(slug="mill-2").micro_stop_s == 120
    assert len(load(changed)) == 2
    assert Line.objects.get(slug="mill-2").micro_stop_s == 90


def test_an_empty_name_is_the_slug_and_stays_so() -> None:
    text = PLANT.replace('slug = "mill-2"', 'slug = "mill-2"\n  name = ""')
    load(text)
    assert Line.objects.get(slug="mill-2").name == "mill-2"
    assert load(plant.dump()) == load(text) == []


def test_check_makes_nothing_at_all() -> None:
    found = load(PLANT, check=True)
    assert len(found) == 5
    assert (Line.objects.count(), Area.objects.count(), WorkCenterMap.objects.count()) == (0, 0, 0)


def test_a_line_that_the_file_leaves_out_stays_and_a_shift_goes() -> None:
    load(PLANT)
    shorter = PLANT.replace('  [[plant.line]]\n  slug = "mill-2"\n  resources = ["R2"]\n', "")
    shorter = shorter.replace('name = "Early"', 'name = "Late"')
    load(shorter)
    assert Line.objects.filter(slug="mill-2").exists()
    assert list(Line.objects.get(slug="mill-1").plant.shifts.values_list("name", flat=True)) == ["Late"]


class TestCommand:
    def test_says_what_it_does(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = tmp_path / "norvik.toml"
        path.write_text(PLANT, encoding="utf-8")

        call_command("plant", "load", str(path), "--check")
        assert capsys.readouterr().out.endswith("5 entries would change.\n")
        call_command("plant", "load", str(path))
        assert capsys.readouterr().out.endswith("5 entries changed.\n")
        call_command("plant", "load", str(path))
        assert capsys.readouterr().out == "No differences.\n"

    def test_refuses_with_one_sentence(self, tmp_path: Path) -> None:
        path = tmp_path / "norvik.toml"
        path.write_text(PLANT.replace("mon-fri", "x"), encoding="utf-8")
        with pytest.raises(CommandError, match=r"^norvik\.toml, line 13: days is 'x'"):
            call_command("plant", "load", str(path))
        with pytest.raises(CommandError, match="can't be read"):
            call_command("plant", "load", str(tmp_path / "nowhere.toml"))
        path.write_bytes(b"\xff\xfe")
        with pytest.raises(CommandError, match="not UTF-8"):
            call_command("plant", "load", str(path))

    def test_dumps_to_a_file_that_loads_without_differences(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        load(PLANT)
        path = tmp_path / "out.toml"
        call_command("plant", "dump", "--out", str(path))
        call_command("plant", "load", str(path))
        assert capsys.readouterr().out == "No differences.\n"
        call_command("plant", "dump")
        assert capsys.readouterr().out == path.read_text(encoding="utf-8")


# Names and texts that TOML must quote, numbers with all their decimals, everything that may be left out.
_words = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12)
_codes = st.text(st.sampled_from("ABC-1 ."), min_size=1, max_size=8)
_seconds = st.integers(1, 10**9).map(lambda us: us / 10**6)


@st.composite
def lines(draw: st.DrawFn) -> dict[str, object]:
    found: dict[str, object] = {
        "name": draw(_words), "area": draw(_words), "micro_stop_s": draw(_seconds), "debounce_s": draw(_seconds),
        "stale_after_s": draw(_seconds), "max_rate_per_s": draw(_seconds), "ideal_cycle_s": draw(_seconds),
        "part_cycles": draw(st.dictionaries(_words, _seconds, max_size=2)),
        "concurrent_jobs": draw(st.sampled_from(["flag", "newest"])), "no_job_reason": draw(st.sampled_from(["", "P09"])),
        "fault_reasons": draw(st.dictionaries(st.integers(0, 99).map(str), st.just("M01"), max_size=2)),
    }  # fmt: skip
    return {key: value for key, value in found.items() if draw(st.booleans())}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(lines(), min_size=1, max_size=2), st.dictionaries(_codes, _words, max_size=2))
def test_any_plant_is_dumped_to_a_file_that_says_the_same(
    rows: list[dict[str, object]], reasons: dict[str, str]
) -> None:
    import tomli_w  # noqa: PLC0415

    body = {
        "company": [{"code": "C", "name": "C"}],
        "plant": [
            {
                "company": "C", "code": "P", "time_zone": "UTC",
                "line": [{"slug": f"l-{number}", **row} for number, row in enumerate(rows)],
            }
        ],
        "reason": [{"company": "C", "code": code, "description": words} for code, words in reasons.items()],
    }  # fmt: skip

    def round_trip() -> None:
        text = tomli_w.dumps(body)
        load(text)
        dumped = plant.dump()
        assert load(text) == []
        assert load(dumped) == []
        assert plant.dump() == dumped

    apart(round_trip)


@pytest.mark.parametrize("seed", range(6))
def test_random_plants_are_dumped_to_a_file_that_loads_into_the_same_tables(seed: int) -> None:
    text = history(seed, size="large").plant_toml

    def dumped(source: str) -> str:
        load(source)
        return plant.dump()

    first = apart(lambda: dumped(text))
    assert apart(lambda: dumped(first)) == first
