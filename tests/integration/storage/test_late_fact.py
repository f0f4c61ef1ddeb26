"""A late fact asks for little, as much after two days as after eight, and what is read once is what reading again would find."""

import random
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.downtime.queries import cuts_between, tags_between
from apps.flow import erp, rebuild, stops
from apps.jobs.queries import runs_between
from apps.jobs.types import Choice, ErpFacts
from apps.lines.queries import policies
from apps.oee import kept, ledger, timeline
from apps.oee.around import Around, arounds
from apps.oee.models import DayRollup, HourRollup, LossRollup, Slice
from apps.shared.instants import DAY, HOUR, MINUTE, SECOND, parse_us
from apps.states.queries import changes_around
from tests.make import boards
from tests.make.sisters import sisters

pytestmark = pytest.mark.django_db

NOW = parse_us("2026-03-12T16:00:00Z")
# In a production day that is over, so that its day and its losses are made again as well.
BACK = NOW - 10 * HOUR
STRETCHES = [(2900, True, 0), (700, False, 7), (1200, True, 0), (45, False, 0)]


def _history(days: int) -> None:
    """A line with so many days behind it, and an operation every eight hours."""
    boards.plant("mill-1", round_the_clock=True)
    for code in ("M01", "M02"):
        boards.reason(code, code)
    length = sum(seconds for seconds, _running, _fault in STRETCHES)
    start = NOW - days * DAY
    boards.run("mill-1", STRETCHES * (days * 86_400 // length), start=start)
    labor = []
    for number, at in enumerate(range(start, NOW, 8 * HOUR)):
        labor += [
            boards.sign_on("mill-1", f"A-{number % 2}", at, seq=number),
            boards.sign_off(at + 7 * HOUR, seq=number),
        ]
    boards.tell([boards.job("A-0"), boards.job("A-1")], labor, now=NOW)


def _stop_at() -> int:
    return Slice.objects.filter(start__lt=BACK, fault=7).order_by("-start")[0].start


def _tag() -> None:
    stops.tag(line="mill-1", at=_stop_at() + SECOND, code="M01", by="E1", now=NOW)


def _split() -> None:
    stops.split(line="mill-1", at=_stop_at() + MINUTE, by="E1", now=NOW)


def _scrap() -> None:
    stops.report_scrap(line="mill-1", at=BACK, qty=3, code="M02", by="E1", now=NOW)


def _labor() -> None:
    told = (boards.sign_on("mill-1", "A-1", BACK, seq=900), boards.sign_off(BACK + HOUR, seq=900))
    erp.apply(ErpFacts(labor=told), now=NOW)


def _choose() -> None:
    erp.resolve(Choice("mill-1", BACK, BACK + HOUR, "A-0", 0, 20, "S1", NOW), now=NOW)


# How many statements each may take, two of them for the savepoint that a test has instead of a transaction.
MOST: dict[str, tuple[int, Callable[[], None]]] = {
    "a tag": (30, _tag), "a split": (30, _split), "scrap": (37, _scrap), "a labour event": (48, _labor),
    "a choice": (48, _choose),
}  # fmt: skip
# In a test no month is known for good: its transaction may not have made it. Each of two tables asks five times.
ASKED_FOR_MONTHS = 10


@pytest.mark.parametrize("name", sisters(MOST, everywhere=["a labour event"]))
def test_a_late_fact_asks_for_little_however_long_the_history_is(name: str) -> None:
    most, tell = MOST[name]
    asked = []
    for days in (2, 8):
        with transaction.atomic():
            _history(days)
            if tell is _choose:
                _labor()
            with CaptureQueriesContext(connection) as captured:
                tell()
            asked.append(len(captured))
            assert rebuild.check(policies()["mill-1"], now=NOW) == []
            transaction.set_rollback(True)

    assert asked[0] == asked[1] <= most + (ASKED_FOR_MONTHS if connection.vendor == "postgresql" else 0)


def test_a_tag_rewrites_only_the_rows_that_it_changes() -> None:
    _history(2)
    before = _ids()

    _tag()

    after = _ids()
    assert after == before
    assert Slice.objects.filter(reason="M01").count() == 1


def _ids() -> dict[str, set[int]]:
    """The ids of all rows that a day is made of; of losses those that the tag takes nothing from."""
    tables = (Slice, HourRollup, DayRollup)
    found = {table.__name__: set(table._default_manager.values_list("pk", flat=True)) for table in tables}
    return found | {
        "LossRollup": set(LossRollup.objects.exclude(by__in=["reason", "category"]).values_list("pk", flat=True))
    }


def test_the_same_tag_again_changes_nothing_and_asks_no_further() -> None:
    _history(2)
    _tag()

    with CaptureQueriesContext(connection) as captured:
        _tag()

    assert len(captured) <= 10


@pytest.mark.parametrize("seed", range(6))
def test_what_is_read_once_is_what_reading_again_finds(seed: int) -> None:
    _history(3)
    _tag()
    _split()
    dice = random.Random(seed)
    [around] = arounds(list(policies().values()))
    around.look_at(*_stretch(dice, 12 * HOUR))
    for _turn in range(20):
        _assert_same(around, *_stretch(dice, 5 * HOUR))


def _stretch(dice: random.Random, longest: int) -> tuple[int, int]:
    edges = [NOW - 3 * DAY, *Slice.objects.values_list("start", flat=True)]
    start = dice.choice([dice.randint(NOW - 3 * DAY - HOUR, NOW), dice.choice(edges)])
    return start, start + dice.choice([0, 1, dice.randint(0, longest)])


def _assert_same(around: Around, start: int, end: int) -> None:
    line, policy = around.line_id, around.policy
    assert around.changes_around(start, end) == changes_around(line, start, end)
    assert around.tags_between(start, end) == tags_between(line, start, end)
    assert around.cuts_between(start, end) == cuts_between(line, start, end)
    assert around.runs_between(start, end) == runs_between(line, start, end)
    assert around.stops_touching(start, end) == ledger.stops_touching(line, start, end)
    assert around.stops_starting(start, end) == ledger.stored_stops(line, start, end)
    assert around.slices_starting(start, end) == ledger.slices_starting(line, start, end)
    assert around.slice_around(start) == ledger.slice_around(line, start)
    assert around.slices_between(start, end) == kept.slices_between(policy, start, end, stored_from=None)
    assert around.parts(start, end) == timeline.parts(policy, start, end)
