"""kill -9 at any point: nothing is lost, nothing is counted twice."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest
from django.db.models import Sum

from apps.lines.models import Company, Line, Plant
from apps.simulators.plant.machine import MachineProfile, Spell
from apps.states.models import CountDelta, LineSnapshot, StateChange
from tests.integration.plc.floor import Floor, Ingester, until

# 16-bit counters that turn over during the test; more than 40 parts a second.
PROFILE = MachineProfile(cycle_s=0.02, scrap_share=0.1, stops=(Spell(1.5, 0.1, 0.8, 12),), first_total=65_400)
KILLS = 12


def make_line(slug: str, table: dict[str, object]) -> Line:
    company, _ = Company.objects.get_or_create(code="EPIC06", defaults={"name": "Epicor Education"})
    plant, _ = Plant.objects.get_or_create(
        company=company, code="MfgSys", defaults={"name": "P", "time_zone": "America/Chicago", "day_start": "06:00"}
    )
    return Line.objects.create(plant=plant, slug=slug, name=slug, plc=table, max_rate_per_s=1000, stale_after_s=60)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
class TestKill:
    def test_sums_are_the_machines_truth_after_many_kills(self, tmp_path: Path, stack: ExitStack) -> None:
        dice = random.Random(20260302)
        slugs = ("mill-1", "mill-2")
        with Floor() as floor:
            lines = {slug: make_line(slug, floor.add(slug, PROFILE)) for slug in slugs}
            ingester = stack.enter_context(Ingester(tmp_path / "plant.db"))
            until(lambda: LineSnapshot.objects.count() == len(slugs), 20)
            for slug in slugs:
                floor.release(slug)

            for n in range(KILLS):
                # Most while it works, some while it is still starting.
                if n % 4:
                    until(ingester.is_polling, 20)
                time.sleep(dice.uniform(0.0, 1.0))
                ingester.kill()
                ingester.start()
            for slug in slugs:
                floor.hold(slug)
            made = {slug: floor.machine(slug).made for slug in slugs}
            until(lambda: all(_counted(lines[slug]) >= made[slug] for slug in slugs), 30)
            time.sleep(0.5)
            took = ingester.end()

        assert min(made.values()) > 200
        for slug in slugs:
            line, machine = lines[slug], floor.machine(slug)
            rejects = CountDelta.objects.filter(line=line).aggregate(n=Sum("reject"))["n"]
            assert (_counted(line), rejects) == (machine.made, machine.scrapped)
            _tiles(line)
        # It is done within 50 ms; the rest is Python's own leaving on a busy machine.
        assert took < 3


def _counted(line: Line) -> int:
    found = CountDelta.objects.filter(line=line).aggregate(good=Sum("good"), reject=Sum("reject"))
    return (found["good"] or 0) + (found["reject"] or 0)


def _tiles(line: Line) -> None:
    """Deltas never overlap, and two changes never say the same."""
    spans = list(CountDelta.objects.filter(line=line).order_by("start").values_list("start", "end"))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    changes = list(StateChange.objects.filter(line=line).order_by("at").values_list("state", "fault"))
    assert all(before != after for before, after in pairwise(changes))
