"""Facts that come late or are corrected end in the rows of a replay in natural order (SEMANTICS.md §1)."""

import json

import pytest
from pytest_django import DjangoDbBlocker

from apps.flow import erp, facts_file, intake, stops
from apps.jobs.types import Choice
from apps.lines.models import Line
from apps.oee.models import DayRollup, LineLedger, LossRollup
from apps.shared.instants import HOUR, MINUTE, SECOND
from apps.states.rules import step
from apps.states.types import Limits, LineFacts, LineNow
from tests.make.reports import Row, apart, feed, load, reports, unsound
from tests.make.sisters import sisters
from tests.oracle.cases import event, job, labour, mark, plant_file, resolve, sample, scrap

pytestmark = pytest.mark.django_db

HOURS = 3600
# A machine that stands from 2 h to 5 h, with a part every ten minutes, until 30 h after noon.
MACHINE = [
    sample(minute * 60, running=not 120 <= minute < 300, total=minute // 10 - (max(0, min(minute, 300) - 120)) // 10)
    for minute in range(0, 1801, 10)
]
LABOUR = labour(1 * HOURS, 4 * HOURS, seq=1) + labour(6 * HOURS, 28 * HOURS, ("J2", 0, 10), seq=2)
JOBS = [job("J1", ProdStandard=120), job("J2", ProdStandard=60, part="Y")]
CLOSED = event("operation.completed", 5 * HOURS, {"JobNum": "J1", "AssemblySeq": 0, "OprSeq": 10})
PLANT = plant_file("stale_after_s = 1800\nideal_cycle_s = 100")

KEY = {"LaborHedSeq": 1, "LaborDtlSeq": 1}
LATE: dict[str, Row | list[Row]] = {
    "labour of this morning": labour(4.5 * HOURS, 5.5 * HOURS, ("J2", 0, 10), seq=7),
    "labour over what is known": labour(2 * HOURS, 20 * HOURS, ("J2", 0, 10), seq=7),
    "an earlier start by a greater SysRevID": event("operation.started", 0.5 * HOURS, {**KEY, "SysRevID": 9}),
    "a later end": event("operation.ended", 4.75 * HOURS, {**KEY, "SysRevID": 9}),
    "another operation": event("operation.ended", 4 * HOURS, {**KEY, "JobNum": "J2", "SysRevID": 9}),
    "setup after all": event("operation.started", 1 * HOURS, {**KEY, "LaborType": "S", "SysRevID": 9}),
    "an earlier completion": event("operation.completed", 2.5 * HOURS, {"JobNum": "J1", "AssemblySeq": 0, "OprSeq": 10}),
    "a job that closed": event("job.closed", 3 * HOURS, {"JobNum": "J2"}),
    "a tag": mark("tag", 3 * HOURS, 40 * HOURS, code="M01"),
    "a planned tag": mark("tag", 3 * HOURS, 40 * HOURS, code="P09"),
    "splits and tags": [
        mark("split", 3 * HOURS, 40 * HOURS), mark("split", 3.5 * HOURS, 40 * HOURS),
        mark("tag", 2.5 * HOURS, 40 * HOURS, code="S01"), mark("tag", 4 * HOURS, 40 * HOURS, code="P09"),
    ],
    "scrap": scrap(1.75 * HOURS, 7),
    "a standard": job("J1", revision=2, ProdStandard=30),
    "another part": job("J2", revision=2, ProdStandard=60, part="Z"),
    "a job that nobody knew": [*labour(7 * HOURS, 8 * HOURS, ("J3", 0, 10), seq=8), job("J3", ProdStandard=7)],
    "a choice": [*labour(2 * HOURS, 3 * HOURS, ("J2", 0, 10), seq=7), resolve(0, 9 * HOURS, 40 * HOURS, ("J2", 0, 10))],
}  # fmt: skip


def _told(*parts: Row | list[Row], is_checked: bool = True) -> dict[str, list[Row]]:
    """Everything printed once these parts were fed one after the other, at one and the same now."""
    load(PLANT)
    for part in parts:
        outcome = feed(part)
        assert outcome.problems == []
    return _finish(is_checked=is_checked)


def _finish(*, is_checked: bool = True) -> dict[str, list[Row]]:
    """Everything printed at one and the same now."""
    feed(mark("unsplit", 10 * HOURS, 41 * HOURS))
    assert not is_checked or unsound() == []
    return reports(parse_noon() - 2 * HOUR, parse_noon() + 60 * HOUR)


def parse_noon() -> int:
    """Noon of the cases, in microseconds."""
    return facts_file.latest(facts_file.parse(json.dumps(MACHINE[0]))) or 0


@pytest.fixture(scope="module")
def base() -> list[Row]:
    return [*JOBS, *LABOUR, CLOSED, *MACHINE]


@pytest.fixture(scope="module")
def plain(base: list[Row], django_db_blocker: DjangoDbBlocker, django_db_setup: None) -> dict[str, list[Row]]:
    """What is printed without any late fact."""
    with django_db_blocker.unblock():
        return apart(lambda: _told(base))


@pytest.mark.parametrize(
    "name", sisters(LATE, everywhere=["labour of this morning", "splits and tags", "another part", "a choice"])
)
def test_a_late_fact_is_as_one_in_time(name: str, base: list[Row], plain: dict[str, list[Row]]) -> None:
    told = LATE[name]
    late = told if isinstance(told, list) else [told]

    after = apart(lambda: _told(base, *late))
    assert after == apart(lambda: _told([*late[::-1], *base], is_checked=False))
    assert after != plain, "the story does not show this fact"


def _facts_of(rows: list[Row], limits: Limits) -> list[LineFacts]:
    """What an ingester makes of samples."""
    known, found = LineNow(), []
    for row in rows:
        line = facts_file.parse(json.dumps(row))
        assert isinstance(line, facts_file.SampleLine)
        done = step(known, line.sample, limits)
        known = done.now
        found.append(LineFacts("l", done.changes, done.deltas, done.alerts, known))
    return found


def test_a_batch_of_machine_facts_that_comes_a_day_late(base: list[Row]) -> None:
    """The network was away; meanwhile labour and tags came, and screens were read."""
    noon = parse_noon()
    told = _facts_of(MACHINE, Limits(stale_after_us=1800 * SECOND))
    tag = mark("tag", 3 * HOURS, 40 * HOURS, code="P09")

    def lived() -> dict[str, list[Row]]:
        load(PLANT)
        intake.accept(told[:9], now=noon + 2 * HOUR)
        feed(JOBS, LABOUR, CLOSED, tag, scrap(1.75 * HOURS, 7))
        reports(noon - HOUR, noon + 60 * HOUR)
        intake.accept(told[9:60], now=noon + 40 * HOUR)
        intake.accept(told[60:], now=noon + 40 * HOUR)
        # and once more, as a sender does that heard no answer
        intake.accept(told[60:], now=noon + 40 * HOUR)
        return _finish()

    assert apart(lived) == apart(lambda: _told(base, tag, scrap(1.75 * HOURS, 7)))


def test_a_day_that_seemed_over_is_open_again() -> None:
    """A correction moves the last cut of a line's time back over the border of days that were rolled up."""
    always = plant_file("stale_after_s = 7200", shifts="")
    load(always)
    hourly = [sample(hour * HOURS, running=True, total=hour) for hour in range(70)]
    feed(JOBS, hourly, event("operation.started", 60 * HOURS, {**KEY, "JobNum": "J1", "AssemblySeq": 0, "OprSeq": 10,
                             "ResourceID": "R", "LaborType": "P", "SysRevID": 1}))  # fmt: skip
    rolled = LineLedger.objects.get().days_until
    assert DayRollup.objects.values("start").distinct().count() == 3

    feed(event("operation.started", 20 * HOURS, {**KEY, "SysRevID": 2}))
    ledger = LineLedger.objects.get()
    assert ledger.days_until is not None
    assert rolled is not None
    assert ledger.days_until < rolled
    assert not LossRollup.objects.filter(start__gte=ledger.days_until).exists()
    assert unsound() == []


class TestWords:
    """What a tablet does ends in the same rows as the facts of it in a file."""

    def words(self) -> None:
        noon = parse_noon()
        assert stops.split(line="l", at=noon + 3 * HOUR, by="e", now=noon + 40 * HOUR)
        assert stops.tag(line="l", at=noon + 4 * HOUR, code="M01", by="e", now=noon + 40 * HOUR)
        assert stops.tag(line="l", at=noon + 2 * HOUR, code="P09", by="e", now=noon + 40 * HOUR, comment="no order")
        assert stops.untag(line="l", at=noon + 4 * HOUR, by="e", now=noon + 40 * HOUR + 1)
        assert stops.split(line="l", at=noon + 4 * HOUR, by="e", now=noon + 40 * HOUR)
        assert stops.unsplit(line="l", at=noon + 4 * HOUR, by="e", now=noon + 40 * HOUR + 1)
        assert stops.report_scrap(line="l", at=noon + 110 * MINUTE, qty=3, code="S07", by="e", now=noon + 40 * HOUR)

    def test_are_facts_as_those_of_a_file(self, base: list[Row]) -> None:
        last = 40 * HOURS + 1e-6
        told = [
            mark("split", 3 * HOURS, 40 * HOURS), mark("tag", 4 * HOURS, 40 * HOURS, code="M01"),
            mark("tag", 2 * HOURS, 40 * HOURS, code="P09", comment="no order"), mark("untag", 4 * HOURS, last),
            mark("split", 4 * HOURS, 40 * HOURS), mark("unsplit", 4 * HOURS, last), scrap(110 * 60, 3),
        ]  # fmt: skip

        def lived() -> dict[str, list[Row]]:
            load(PLANT)
            feed(base)
            self.words()
            return _finish()

        assert apart(lived) == apart(lambda: _told(base, told))

    def test_said_twice_are_said_once(self, base: list[Row]) -> None:
        load(PLANT)
        feed(base)
        noon = parse_noon()
        assert stops.tag(line="l", at=noon + 4 * HOUR, code="M01", by="e", now=noon + 40 * HOUR)
        rev = Line.objects.get().rev
        assert not stops.tag(line="l", at=noon + 4 * HOUR, code="M01", by="e", now=noon + 40 * HOUR)
        assert Line.objects.get().rev == rev

    def test_a_choice_of_a_supervisor(self, base: list[Row]) -> None:
        noon = parse_noon()
        more = labour(2 * HOURS, 3 * HOURS, ("J2", 0, 10), seq=7)

        def lived() -> dict[str, list[Row]]:
            load(PLANT)
            feed(base, more)
            choice = Choice("l", noon, noon + 9 * HOUR, "J1", 0, 10, "e", noon + 40 * HOUR)
            erp.resolve(choice, now=noon + 40 * HOUR)
            return _finish()

        told = {**resolve(0, 9 * HOURS, 40 * HOURS, ("J1", 0, 10)), "by": "e"}
        assert apart(lived) == apart(lambda: _told(base, more, told))
