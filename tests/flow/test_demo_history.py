"""The demo's past, taken in through the real doors: any order gives the same figures, and live goes on from where it ends."""

import json
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from apps.flow import plant, reporting
from apps.flow.demo import take_in, tell_dictionary
from apps.flow.demo_past import tell_past
from apps.flow.demo_state import DemoState, read_state
from apps.jobs.models import LaborActivity, Run
from apps.lines.models import Line
from apps.lines.queries import policies
from apps.oee.tails import limits_of
from apps.shared.instants import DAY, HOUR, SECOND, iso, parse_us
from apps.simulators.demo.controllers import StoryMachine
from apps.simulators.demo.history import Batch, history
from apps.simulators.demo.live import open_epicor
from apps.simulators.demo.plan import DemoPlan, make_plan
from apps.simulators.demo.plant_toml import Endpoint, plant_toml
from apps.states.models import CounterAlert
from apps.states.queries import snapshots
from apps.states.rules import step
from apps.states.types import Sample

pytestmark = [pytest.mark.django_db, pytest.mark.once]

START = parse_us("2026-05-05T04:00:00Z")
END = START + DAY


@pytest.fixture
def plan() -> DemoPlan:
    """Four lines of both plants: one with a controller that falls silent, one on which the newest job counts."""
    plan = make_plan(seed=21, start=START, count=4)
    plant.load(plant_toml(plan, {line.slug: Endpoint("127.0.0.1", 5020) for line in plan.lines}), now=START)
    tell_dictionary(plan, now=START)
    return plan


def reports() -> dict[str, Any]:
    """Everything that people read of the day."""
    found: dict[str, Any] = {
        by: reporting.oee_rows(by=by, start=START, end=END, line=None, now=END)
        for by in ("line", "operation", "shift", "plant")
    }
    found["pareto"] = reporting.pareto_rows(
        by="reason", start=START, end=END, line=None, job=None, measure="seconds", now=END
    )
    found["slices"] = [
        reporting.slice_rows(line=slug, start=START, end=END, now=END)
        for slug in Line.objects.order_by("slug").values_list("slug", flat=True)
    ]
    return found


def reports_after(batches: Iterable[Batch]) -> dict[str, Any]:
    """The reports of a database that learned these batches, which is forgotten again."""
    with transaction.atomic():
        for batch in batches:
            take_in(batch)
        found = reports()
        transaction.set_rollback(True)
    return found


def shuffled(batches: list[Batch], random: Random) -> list[Batch]:
    """What was told in any order; what the machines did too, but that of one line in order of its samples."""
    told = [row for batch in batches for row in batch.told]
    random.shuffle(told)
    by_line: dict[str, list[Any]] = {}
    for batch in batches:
        for facts in batch.facts:
            by_line.setdefault(facts.slug, []).append(facts)
    mixed = []
    while told or by_line:
        some = [told.pop() for _ in range(min(len(told), random.randrange(40)))]
        slugs = random.sample(sorted(by_line), min(2, len(by_line)))
        mixed.append(Batch(START, END, tuple(some), tuple(by_line[slug].pop(0) for slug in slugs)))
        by_line = {slug: left for slug, left in by_line.items() if left}
    return mixed


class TestOrder:
    def test_a_day_in_any_order_gives_the_same_figures(self, plan: DemoPlan) -> None:
        batches = list(history(plan, END, batch=4 * HOUR))
        in_order = reports_after(batches)

        assert reports_after(shuffled(batches, Random(1))) == in_order
        assert reports_after([*batches, Batch(START, END, batches[2].told, ())]) == in_order

    def test_a_facts_file_gives_the_same_figures(self, plan: DemoPlan, tmp_path: Path) -> None:
        straight = reports_after(history(plan, END))
        days = {"days": 1, "end": iso(END), "seed": plan.seed, "lines": len(plan.lines)}
        call_command("simulate", "history", **days, out=tmp_path / "facts.jsonl")
        call_command("replay", str(tmp_path / "facts.jsonl"))

        assert reports() == straight


class TestContent:
    def test_a_day_has_every_bucket_that_add_up_and_many_reasons(self, plan: DemoPlan) -> None:
        for batch in history(plan, END):
            take_in(batch)
        found = reports()
        buckets = {name for row in found["line"] for name, seconds in row["buckets_s"].items() if seconds}

        assert buckets >= {"running", "planned", "micro_stop", "setup", "downtime", "no_signal"}
        assert all(0.3 < row["oee"] < 1 for row in found["line"] if row["oee"] is not None)
        assert len([bar for bar in found["pareto"] if bar["seconds"]]) > 8
        assert {row["shift"] for row in found["shift"]} >= {"Early", "Late", "Night", "Früh", "Spät"}
        assert sum(row["unbound_s"] for row in found["line"]) > 0
        assert not CounterAlert.objects.exists()
        assert not LaborActivity.objects.exclude(problem__in=["", "unmapped_resource"]).exists()
        for row in found["line"]:
            # From its first poll on, in the first half second.
            assert sum(row["buckets_s"].values()) == pytest.approx(DAY / SECOND, abs=0.5)


class TestGoingOn:
    def test_live_counts_on_without_a_jump(self, plan: DemoPlan) -> None:
        for batch in history(plan, END):
            take_in(batch)
        known = policies()
        now_of = snapshots([policy.line_id for policy in known.values()])

        for line in plan.lines:
            now, limits = now_of[known[line.slug].line_id], limits_of(known[line.slug])
            machine = StoryMachine(plan, line)
            last = now.last_good_at or 0
            for at in range(END, END + 20 * 60 * SECOND, SECOND // 2):
                shown = machine.advance(at)
                if shown.silent:
                    continue
                good = shown.total - shown.reject if line.good_counter else None
                total = None if line.good_counter else shown.total
                sample = Sample(
                    at, running=shown.running, fault=shown.fault, total=total, good_count=good, reject=shown.reject
                )
                stepped = step(now, sample, limits)
                now = stepped.now
                assert not stepped.alerts
                assert all(delta.start >= last and delta.good + delta.reject <= 3 for delta in stepped.deltas)
            assert now.first_good_at is not None
            assert now.first_good_at < START + SECOND

    def test_the_same_people_are_at_work_in_epicor_as_in_jobline(self, plan: DemoPlan) -> None:
        for batch in history(plan, END):
            take_in(batch)
        epicor, _floor = open_epicor(plan, told_until=END)
        there = {
            (company.code, row["LaborHedSeq"], row["LaborDtlSeq"], row["JobNum"], row["OprSeq"])
            for company in epicor.companies.values()
            for row in company.active_labor()
        }
        here = set(
            LaborActivity.objects.filter(started_at__isnull=False, ended_at=None).values_list(
                "company", "labor_hed_seq", "labor_dtl_seq", "job_num", "opr_seq"
            )
        )

        assert here
        # A message or two may still be on its way.
        assert len(here ^ there) <= 2
        assert Run.objects.filter(end=None).exists()

    def test_what_happens_later_is_told_as_events(self, plan: DemoPlan) -> None:
        epicor, floor = open_epicor(plan, told_until=END)
        events: list[dict[str, Any]] = []
        epicor.on_event(events.append)
        floor.work(END + 8 * HOUR)

        assert {"epicor.operation.started", "epicor.operation.ended"} <= {event["type"] for event in events}
        assert all(iso(END) <= event["time"] for event in events)


class TestTellPast:
    """`tell_past` is what the demo command runs: a second process tells, and a stop in between loses nothing."""

    @staticmethod
    def tell(state: DemoState, path: Path, clock: Callable[[], int], *, is_ending: bool = False) -> None:
        ending = threading.Event()
        if is_ending:
            ending.set()
        tell_past(state, path, clock=clock, is_ending=ending)

    @pytest.mark.django_db(transaction=True)
    def test_goes_on_where_it_was_ended(self, plan: DemoPlan, tmp_path: Path) -> None:
        path = tmp_path / "demo.json"
        in_one_go = reports_after(history(plan, END + 6 * HOUR))
        state = DemoState(seed=plan.seed, start=START, lines=len(plan.lines), told_until=START)
        self.tell(state, path, lambda: END + 6 * HOUR, is_ending=True)
        left = read_state(path)
        assert left is not None
        assert left.told_until == END
        assert not left.has_history

        self.tell(left, path, lambda: END + 6 * HOUR)
        assert json.loads(path.read_text())["told_until"] == END + 6 * HOUR
        assert left.has_history
        assert reports() == in_one_go
