"""A line that stood or was dark for months, and runs again: what its first hour and day are made of is kept until they are made."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from pytest_django import Settings

from apps.flow import intake, rebuild, reporting, retention, stops
from apps.lines.models import Line
from apps.lines.queries import policies
from apps.oee.digest import derived_rows
from apps.oee.models import LineLedger
from apps.shared.instants import DAY, HOUR, MINUTE, SECOND, parse_us
from apps.shared.partitions import Month
from apps.states.models import StateChange
from apps.states.rules import step
from apps.states.types import Change, LineFacts, LineNow, Sample
from tests.make import boards
from tests.make.reports import apart

pytestmark = pytest.mark.django_db(transaction=True)

BEGUN = parse_us("2026-05-28T15:00:00Z")
# 09:00:05 in Chicago, within an hour and within a production day, which begins at 11:00 UTC.
BACK = parse_us("2026-09-10T14:00:05Z")
FIRST_DAY = parse_us("2026-09-09T11:00:00Z")
STOP = BACK + 2 * HOUR
NONE = {"slices": 0, "states": 0, "counts": 0, "late": 0}
EVERY = {"slices": 3, "states": 3, "counts": 3, "late": 0}
Idle = Callable[[LineNow], LineNow]
Stretches = list[tuple[int, bool, int]]
# Within the hour of its return, and some hours later; there is a stop of ten minutes after two.
WITHIN: Stretches = [(1200, True, 0)]
LATER: Stretches = [(7200, True, 0), (600, False, 7), (1500, True, 0)]


def dark(known: LineNow) -> LineNow:
    """Nothing is heard of the line."""
    return known


def standing(known: LineNow) -> LineNow:
    """The line says that it stands, all the time."""
    changes: list[Change] = []
    patient = replace(boards.LIMITS, stale_after_us=300 * DAY)
    total = dict(known.counters)["total"].value
    for at in ((known.last_at or 0) + 5 * SECOND, BACK - 5 * SECOND):
        done = step(known, Sample(at, running=False, fault=7, total=total, reject=0), patient)
        known = done.now
        changes.extend(done.changes)
    intake.accept([LineFacts("mill-1", tuple(changes), (), (), known)], now=BACK)
    return known


@pytest.fixture(autouse=True)
def _plant() -> None:
    boards.plant("mill-1", round_the_clock=True)
    boards.reason("M01", "Spindle fault")
    boards.reason("P01", "Meeting", "planned")


@pytest.fixture(params=[dark, standing])
def idle(request: pytest.FixtureRequest) -> Idle:
    """How the line spent the months."""
    found: Idle = request.param
    return found


def story(idle: Idle, keep: Callable[[int], object], after: Stretches = LATER) -> None:
    """It ran, was idle, ran again as in `after` until `keep`, and on."""
    known = idle(boards.run("mill-1", [(7200, True, 0), (600, False, 7), (600, True, 0)], start=BEGUN))
    known = boards.run("mill-1", after, start=BACK, before=known)
    at = (known.last_at or 0) + 5 * SECOND
    keep(at)
    running = (STOP - at) // SECOND
    rest = [(running, True, 0), (600, False, 7), (1500, True, 0)] if running > 0 else [(1800, True, 0)]
    known = boards.run("mill-1", rest, start=at, before=known)
    for number in (1, 2):
        known = boards.run("mill-1", [(3600, True, 0)], start=BACK + number * DAY, before=known)


def figures() -> list[object]:
    """OEE and losses of each day around the return, and of its first hours."""
    days = [(FIRST_DAY + number * DAY, FIRST_DAY + (number + 1) * DAY) for number in range(3)]
    hours = [(BACK // HOUR * HOUR + number * HOUR, BACK // HOUR * HOUR + (number + 1) * HOUR) for number in range(3)]
    now = BACK + 3 * DAY
    return [
        found
        for start, end in [*days, *hours]
        for found in (
            reporting.oee_rows(by="line", start=start, end=end, line=None, now=now),
            reporting.pareto_rows(
                by="reason", start=start, end=end, line=None, job=None, measure="seconds", now=now
            ),
        )
    ]  # fmt: skip


@pytest.mark.parametrize("after", [WITHIN, pytest.param(LATER, marks=pytest.mark.once)])
def test_the_day_of_its_return_has_its_figures(settings: Settings, idle: Idle, after: Stretches) -> None:
    def keep(at: int) -> None:
        settings.RETAIN_MONTHS = EVERY
        retention.drop(now=at)
        assert rebuild.check(policies()["mill-1"], now=at) == []

    def told() -> list[object]:
        story(idle, lambda _at: None, after)
        return figures()

    expected = apart(told)

    story(idle, keep, after)

    assert figures() == expected
    assert rebuild.check(policies()["mill-1"], now=BACK + 3 * DAY) == []


def test_what_is_old_goes_when_that_day_is_over_and_the_day_can_still_be_made_again(
    settings: Settings, idle: Idle
) -> None:
    def tagged(*, retain: bool) -> list[object]:
        story(idle, lambda _at: None)
        settings.RETAIN_MONTHS = EVERY if retain else NONE
        retention.drop(now=BACK + 2 * DAY)
        stops.tag(line="mill-1", at=STOP + MINUTE, code="P01", by="E1", now=BACK + 3 * DAY)
        return figures()

    expected = apart(lambda: tagged(retain=False))

    assert tagged(retain=True) == expected
    assert not StateChange.objects.filter(at__lt=Month(2026, 6).start).exists()
    assert LineLedger.objects.get().facts_from == BACK
    before = derived_rows(Line.objects.get().pk)
    rebuild.rebuild(policies()["mill-1"], now=BACK + 3 * DAY)
    assert derived_rows(Line.objects.get().pk) == before


def test_an_hour_and_a_day_that_were_left_out_are_made(idle: Idle) -> None:
    """Of a line whose facts were said to begin within them already."""

    def left_out(_at: int) -> None:
        LineLedger.objects.update(facts_from=BACK)

    def told() -> list[object]:
        story(idle, lambda _at: None, WITHIN)
        return figures()

    expected = apart(told)

    story(idle, left_out, WITHIN)

    assert figures() == expected
