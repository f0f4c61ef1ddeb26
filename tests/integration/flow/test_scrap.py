"""Scrap reports that share the same good parts (SEMANTICS.md §7), whichever comes first."""

import random
from itertools import permutations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.flow import stops
from apps.oee.models import ScrapMove
from apps.states.models import CounterAlert
from tests.make.reports import Row, apart, feed, load, reports, unsound
from tests.oracle.cases import at, plant_file, sample, scrap
from tests.oracle.instants import parse

pytestmark = pytest.mark.django_db

# One part every ten minutes, ten of them by 100 minutes after noon.
MACHINE = [sample(minute * 60, running=True, total=minute // 10) for minute in range(0, 101, 10)]


def moved() -> list[tuple[int, int, int]]:
    """(minute of the report, minute at which the parts were ready, quantity)."""
    noon = parse(at(0))
    rows = ScrapMove.objects.order_by("report_at", "-end").values_list("report_at", "end", "qty")
    return [((told - noon) // 60_000_000, (end - noon) // 60_000_000, qty) for told, end, qty in rows]


def lost() -> list[tuple[str, int]]:
    """What found no parts: (what, quantity)."""
    return list(CounterAlert.objects.order_by("at").values_list("what", "parts"))


@pytest.fixture(autouse=True)
def _plant() -> None:
    load(plant_file("stale_after_s = 1800"))


def test_a_later_report_leaves_what_an_earlier_one_took() -> None:
    feed(MACHINE)
    feed(scrap(85 * 60, 3))
    feed(scrap(95 * 60, 3))
    # by 85: the parts of 80, 70 and 60; by 95: that of 90, and beyond those three that of 50 and 40
    assert moved() == [(85, 80, 1), (85, 70, 1), (85, 60, 1), (95, 90, 1), (95, 50, 1), (95, 40, 1)]
    assert unsound() == []


def test_what_finds_no_parts_is_told_and_no_longer_when_they_turn_up() -> None:
    feed(MACHINE[:6])
    feed(scrap(55 * 60, 4), scrap(58 * 60, 3))
    assert sum(qty for _told, _end, qty in moved()) == 5
    assert lost() == [("scrap_not_found", 2)]

    feed(scrap(52 * 60, 1))
    # the earliest goes first: 1, 4, and nothing is left of five for the last
    assert [(told, qty) for told, _end, qty in moved()] == [(52, 1), (55, 1), (55, 1), (55, 1), (55, 1)]
    assert lost() == [("scrap_not_found", 3)]
    assert unsound() == []


def test_a_report_waits_for_parts_that_are_told_later() -> None:
    feed(MACHINE[:3])
    feed(scrap(45 * 60, 3))
    assert (len(moved()), lost()) == (2, [("scrap_not_found", 1)])
    feed(MACHINE[3:])
    assert moved() == [(45, 40, 1), (45, 30, 1), (45, 20, 1)]
    assert lost() == []


def test_any_order_ends_in_the_same_moves() -> None:
    told = [scrap(85 * 60, 3), scrap(95 * 60, 3), scrap(50 * 60, 4)]

    def fed(order: tuple[Row, ...], first: int) -> object:
        feed(MACHINE[:first])
        for row in order[:2]:
            feed(row)
        feed(MACHINE[first:], *order[2:])
        assert unsound() == []
        return moved(), lost(), reports(parse(at(-60)), parse(at(90 * 60)))["oee line"]

    found = {repr(apart(lambda o=order, n=first: fed(o, n))) for order in permutations(told) for first in (4, 11)}  # type: ignore[misc]
    assert len(found) == 1


def test_two_people_who_report_the_same_at_once_move_twice_as_much() -> None:
    # Twenty parts in the first hour, none in the two after it: what is reported then is taken from far back.
    feed([sample(minute * 60, running=minute % 50 > 0, total=20 * (minute > 0)) for minute in range(0, 251, 10)])
    feed(scrap(8000, 3))
    feed({**scrap(8000, 3), "by": "somebody else"})

    assert [qty for _told, _end, qty in moved()] == [3, 3]
    assert unsound() == []


def test_many_reports_take_the_latest_parts_that_are_left_however_far_apart_they_are() -> None:
    dice = random.Random(7)
    # A part every ten minutes for three days, but a night without any.
    minutes = [minute for minute in range(0, 4320, 10) if not 1200 < minute < 1900]
    feed([sample(minute * 60, running=True, total=number) for number, minute in enumerate(minutes)])
    told = [
        (5 + 10 * dice.choice([dice.randrange(432), dice.randrange(100, 140)]), dice.randint(1, 9)) for _ in range(60)
    ]
    feed(*[scrap(minute * 60, qty) for minute, qty in told[:30]])
    feed(*[scrap(minute * 60, qty) for minute, qty in told[30:]])

    left, expected = list(minutes[1:]), []
    for minute, qty in sorted(told):
        found = [ready for ready in left if ready <= minute][::-1][:qty]
        expected += [(minute, ready, 1) for ready in found]
        left = [ready for ready in left if ready not in found]
    assert sorted(moved()) == sorted(expected)
    assert unsound() == []


def test_a_late_report_asks_no_more_with_many_after_it() -> None:
    feed([sample(minute * 60, running=True, total=minute // 10) for minute in range(0, 601, 10)])
    asked = []
    for later in ([450], [465, 480, 495, 510, 525, 540, 555, 570]):
        feed(*[scrap(minute * 60 + 60, 1) for minute in later])
        with CaptureQueriesContext(connection) as captured:
            stops.report_scrap(
                line="l", at=parse(at(420 * 60 + len(later))), qty=1, code="M01", by="E1", now=parse(at(36000))
            )
        asked.append(len(captured))

    assert asked[1] <= asked[0]
    assert unsound() == []
