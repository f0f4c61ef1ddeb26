"""kill -9 of every process in turn, while facts are replayed and while a plant lives: the figures are the undisturbed ones.

What is undisturbed is told by the plain reading of the contract (tests/oracle), or by the recorded facts fed in peace.
"""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import Sum

from apps.flow import plant, replay, reporting
from apps.flow.rebuild import check
from apps.lines.models import Line
from apps.lines.queries import policies
from apps.shared.clock import now_us
from apps.shared.instants import HOUR
from apps.simulators.plant.machine import MachineProfile, Spell
from apps.states.models import CountDelta, LineSnapshot
from tests.integration.plc.floor import Floor, until
from tests.make import boards as make
from tests.make.histories import history
from tests.make.processes import ROOT, Site
from tests.oracle import figures
from tests.oracle.compare import differences
from tests.oracle.world import world_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers, pytest.mark.slow]

BY = ("line", "operation", "shift")
PROFILE = MachineProfile(cycle_s=0.1, scrap_share=0.1, stops=(Spell(2.0, 0.2, 1.0, 12),))


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def _assert_undisturbed(plant_toml: str, facts: list[str], start: int, now: int) -> None:
    world = world_of(plant_toml, facts)
    for by in BY:
        real = reporting.oee_rows(by=by, start=start, end=now + 1, line=None, now=now)
        assert differences(figures.oee(world, start, now + 1, by, None), real) == []
    for policy in policies().values():
        assert check(policy, now=now) == []


class TestReplaying:
    def test_a_replay_that_is_killed_and_begun_again_ends_in_the_same_figures(
        self, stack: ExitStack, tmp_path: Path
    ) -> None:
        told = history(20260302, size="large")
        site = stack.enter_context(Site())
        plant.load(told.plant_toml, now=0)
        path = tmp_path / "facts.jsonl"
        path.write_text("\n".join(told.facts) + "\n", encoding="utf-8")
        command = [sys.executable, "manage.py", "replay", str(path)]
        dice = random.Random(4512)

        for wait in (1.0, 2.0, 3.0):
            process = subprocess.Popen(command, cwd=ROOT, env=site.env, stderr=subprocess.DEVNULL)
            time.sleep(wait + dice.uniform(0, 0.5))
            process.send_signal(signal.SIGKILL)
            process.wait()
        subprocess.run(
            command, cwd=ROOT, env=site.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )

        now = reporting.now_or(0)
        _assert_undisturbed(told.plant_toml, told.facts, now - 400 * 24 * HOUR, now)


class TestLive:
    def test_a_plant_whose_processes_are_killed_in_turn_counts_every_part_once(
        self, stack: ExitStack, tmp_path: Path
    ) -> None:
        slugs = ("mill-1", "mill-2")
        floor = stack.enter_context(Floor())
        start = now_us()
        make.plant(*slugs, round_the_clock=True)
        labor = [make.sign_on("mill-1", "0001-1", start, seq=1), make.sign_on("mill-2", "0002-1", start, seq=2)]
        make.tell([make.job("0001-1"), make.job("0002-1")], labor, now=start)
        for slug in slugs:
            Line.objects.filter(slug=slug).update(plc=floor.add(slug, PROFILE), max_rate_per_s=1000, stale_after_s=60)
        site = stack.enter_context(Site())
        site.web()
        site.worker()
        site.ingester()
        # Parts made before the first sample would be before the line's time.
        until(lambda: LineSnapshot.objects.count() == len(slugs), 30)
        for slug in slugs:
            floor.release(slug)

        for name, begin in (("ingester", site.ingester), ("web", site.web), ("worker", site.worker)) * 2:
            time.sleep(0.7)
            site.kill(name)
            begin()
        for slug in slugs:
            floor.hold(slug)
        made = {slug: floor.machine(slug).made for slug in slugs}
        until(lambda: all(_counted(slug) >= made[slug] for slug in slugs), 30)
        site.kill("ingester")

        assert {slug: _counted(slug) for slug in slugs} == made
        window = {"start": start - HOUR, "end": now_us(), "line": None, "now": now_us()}
        disturbed = {by: reporting.oee_rows(by=by, **window) for by in BY}
        assert [check(policy, now=window["now"]) for policy in policies().values()] == [[], []]
        path = tmp_path / "facts.jsonl"
        call_command("record", str(path))
        plant_toml = plant.dump()
        call_command("flush", interactive=False, verbosity=0)
        plant.load(plant_toml, now=0)
        assert replay.replay(path.read_text(encoding="utf-8").splitlines()).problems == []
        assert {by: reporting.oee_rows(by=by, **window) for by in BY} == disturbed
        assert sum(row["total"] for row in disturbed["line"]) == sum(made.values())


def _counted(slug: str) -> int:
    sums = CountDelta.objects.filter(line__slug=slug).aggregate(good=Sum("good"), reject=Sum("reject"))
    return (sums["good"] or 0) + (sums["reject"] or 0)
