"""A configuration that changes after the facts restates figures exactly as if it had been so before them."""

import re
from collections.abc import Callable

import pytest
from pytest_django import DjangoDbBlocker

from tests.make.days import Days, days
from tests.make.reports import Row, apart, feed, load, reports, unsound
from tests.make.sisters import sisters

pytestmark = pytest.mark.django_db


def _once(text: str, old: str, new: str) -> str:
    assert old in text, f"the plant file has no {old!r}"
    return text.replace(old, new, 1)


EXCEPTION = "[[plant.exception]]\ndate = {day}\nshifts = {shifts}\n[[plant.line]]"
CHANGES: dict[str, Callable[[str], str]] = {
    "micro_stop_s": lambda text: _once(text, "micro_stop_s = 600", "micro_stop_s = 7200"),
    "a shift's end": lambda text: _once(text, 'end = "22:00"', 'end = "21:00"'),
    "a shift's days": lambda text: re.sub(r'name = "Late"\ndays = ".*?"', 'name = "Late"\ndays = "tue"', text),
    "a break": lambda text: _once(text, 'start = "18:00", end = "18:45"', 'start = "17:20", end = "19:00"'),
    "a closed day": lambda text: _once(text, "[[plant.line]]", EXCEPTION.format(day="2026-03-03", shifts="[]")),
    "a night alone": lambda text: _once(text, "[[plant.line]]", EXCEPTION.format(day="2026-03-02", shifts='["Night"]')),
    "day_start": lambda text: _once(text, 'day_start = "06:00"', 'day_start = "00:00"'),
    "time_zone": lambda text: _once(text, 'time_zone = "UTC"', 'time_zone = "Europe/Berlin"'),
    "a mapping taken away": lambda text: _once(text, 'resources = ["R0"]', "resources = []"),
    "mappings swapped": lambda text: (
        text.replace('["R0"]', '["x"]').replace('["R1"]', '["R0"]').replace('["x"]', '["R1"]')
    ),
    "all on one line": lambda text: text.replace('["R0"]', '["R0", "R1"]').replace('["R1"]', "[]"),
    "concurrent_jobs": lambda text: (
        text.replace('"flag"', '"x"').replace('"newest"', '"flag"').replace('"x"', '"newest"')
    ),
    "a category": lambda text: _once(text, '"equipment_failure"', '"planned"'),
    "a new code": lambda text: text + '[[reason]]\ncompany = "C"\ncode = "Z99"\ncategory = "planned"\n',
    "no_job_reason": lambda text: re.sub(r'no_job_reason = "..."\n', "", text).replace(
        "micro_stop_s = 600", 'no_job_reason = "N01"\nmicro_stop_s = 600'
    ),
    "fault_reasons": lambda text: text.replace('{ "12" = "M02" }', '{ "12" = "P09" }'),
    "part_cycles": lambda text: _once(text, 'slug = "a"', 'slug = "a"\npart_cycles = { "X" = 7.5 }'),
    "ideal_cycle_s": lambda text: text.replace("ideal_cycle_s = 2\n", "ideal_cycle_s = 3\n").replace(
        "ideal_cycle_s = 30\n", "ideal_cycle_s = 31\n"
    ),
}  # fmt: skip


# Production days are cut elsewhere; no shift of the story changes its date by that.
INVISIBLE = {"day_start"}


@pytest.fixture(scope="module")
def story() -> Days:
    """UTC, days from 06:00; one tag waits for a code that the dictionary lacks, and nobody clocked on first on line b."""
    told = days(12, count=2)
    told.facts = [fact for fact in told.facts if '"LaborDtlSeq": 201' not in fact and '"LaborDtlSeq": 203' not in fact]
    last = max(
        told.facts, key=lambda fact: fact.split('"tagged_at": ')[1] if '"code"' in fact and "tagged_at" in fact else ""
    )
    told.facts.append(re.sub(r'"code": "..."', '"code": "Z99"', last).replace('"by": "e"', '"by": "z"'))
    return told


def _over(told: Days) -> dict[str, list[Row]]:
    """Every report over days, hours and ragged ends that lie in stops."""
    return reports(told.stops[3] + 1, told.stops[-3] + 1)


def _fed(text: str, told: Days) -> dict[str, list[Row]]:
    load(text)
    feed(told.facts)
    return _over(told)


@pytest.fixture(scope="module")
def plain(story: Days, django_db_blocker: DjangoDbBlocker, django_db_setup: None) -> dict[str, list[Row]]:
    """What the story says without any change."""
    with django_db_blocker.unblock():
        return apart(lambda: _fed(story.plant_toml, story))


@pytest.mark.parametrize(
    "change",
    sisters(CHANGES, everywhere=["micro_stop_s", "time_zone", "mappings swapped", "a new code", "part_cycles"]),
)
def test_a_change_after_the_facts_is_as_one_before_them(change: str, story: Days, plain: dict[str, list[Row]]) -> None:
    changed = CHANGES[change](story.plant_toml)

    def after() -> dict[str, list[Row]]:
        load(story.plant_toml)
        feed(story.facts)
        assert load(changed) != []
        found = _over(story)
        assert (found == plain) is (change in INVISIBLE)
        assert unsound() == []
        return found

    assert apart(after) == apart(lambda: _fed(changed, story))


def test_a_change_and_back_again_is_no_change(story: Days, plain: dict[str, list[Row]]) -> None:
    load(story.plant_toml)
    feed(story.facts)

    for change in ("micro_stop_s", "day_start", "mappings swapped", "a category", "a closed day", "part_cycles"):
        load(CHANGES[change](story.plant_toml))
        load(story.plant_toml)
    assert _over(story) == plain
    assert unsound() == []
