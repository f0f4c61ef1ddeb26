"""Reports over whole production days (which are rolled up) and their ragged edges, against the plain reading.

The edges that matter: windows on the borders of days, windows that start or end inside a stop, and stops over a border.
"""

import random
from collections.abc import Iterator

import pytest
from django.db import transaction

from apps.flow import plant, replay, reporting
from apps.oee.models import DayRollup, LossRollup
from apps.shared.instants import HOUR, MINUTE
from tests.make.days import Days, days
from tests.make.reports import MEASURES, OEE_BY, PARETO_BY, unsound
from tests.make.sisters import sisters
from tests.oracle import figures
from tests.oracle import pareto as paretos
from tests.oracle.compare import differences
from tests.oracle.world import World, world_of

pytestmark = pytest.mark.django_db


def _windows(told: Days, dice: random.Random) -> list[tuple[int, int]]:
    first, *_rest, last = told.borders
    inside = [dice.choice(told.stops) + dice.choice([0, 1, -1, 7 * MINUTE]) for _ in range(6)]
    found = [
        (first, last),
        (told.borders[1] - 1, told.borders[3] + 1),
        (min(inside), max(inside)),
        (min(inside[:2]), told.borders[-2]),
        (told.borders[1], max(inside)),
        (first - dice.randint(1, 9 * HOUR), last + dice.randint(1, 9 * HOUR)),
    ]
    return [window for window in found if window[0] < window[1]]


def _wrong(world: World, now: int, start: int, end: int) -> Iterator[str]:
    for by in OEE_BY:
        real = reporting.oee_rows(by=by, start=start, end=end, line=None, now=now)
        yield from (f"oee {by}: {row}" for row in differences(figures.oee(world, start, end, by, None), real))
    for by in PARETO_BY:
        for measure in MEASURES:
            real = reporting.pareto_rows(by=by, start=start, end=end, line=None, job=None, measure=measure, now=now)
            wanted = paretos.pareto(world, start, end, by, line=None, job=None, measure=measure)
            yield from (f"pareto {by} {measure}: {row}" for row in differences(wanted, real))


@pytest.mark.parametrize("seed", sisters(range(4), everywhere=[0, 3]))
def test_days_equal_the_plain_reading(seed: int) -> None:
    told = days(seed)
    dice = random.Random(seed)
    plant.load(told.plant_toml, now=0)
    facts = told.facts if seed % 2 else dice.sample(told.facts, len(told.facts))
    if not seed % 2:
        facts = _in_order(facts)
    half = len(facts) // 2
    for part in (facts[:half], facts[half:]):
        assert replay.replay(part).problems == []
    now, world = reporting.now_or(0), world_of(told.plant_toml, facts)

    assert DayRollup.objects.filter(start__in=told.borders).values("start").distinct().count() >= 4
    assert LossRollup.objects.exists()
    for start, end in _windows(told, dice):
        assert list(_wrong(world, now, start, end)) == []
    assert unsound() == []
    transaction.set_rollback(True)


def _in_order(facts: list[str]) -> list[str]:
    """Anything anywhere, but the samples in order."""
    samples = iter(
        sorted((fact for fact in facts if '"sample"' in fact), key=lambda fact: fact.split('"at": ')[1][:28])
    )
    return [next(samples) if '"sample"' in fact else fact for fact in facts]
