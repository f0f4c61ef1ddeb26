"""How long a first start of the demo tells its past: 14 days of 12 lines through the doors that live facts come through."""

import resource
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.table import Figure, report

LINES = 12
SEED = 4512
TARGET_S = 60.0
# A Wednesday evening in Berlin: 14 days before it lie in summer time altogether.
UNTIL_US = 1_781_712_000_000_000


def main() -> None:
    """Tell the past into an empty database of the kind that the settings name."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from apps.flow import plant
    from apps.flow.demo import tell_dictionary
    from apps.flow.demo_past import tell_past
    from apps.flow.demo_state import DemoState
    from apps.shared.instants import DAY
    from apps.simulators.demo.plan import HISTORY_DAYS, make_plan
    from apps.simulators.demo.plant_toml import Endpoint, plant_toml

    Path(settings.DATA_DIR).mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0)
    start = UNTIL_US - HISTORY_DAYS * DAY
    plan = make_plan(seed=SEED, start=start, count=LINES)
    plant.load(plant_toml(plan, {line.slug: Endpoint("127.0.0.1", 5020) for line in plan.lines}), now=start)
    tell_dictionary(plan, now=start)
    state = DemoState(seed=SEED, start=start, lines=LINES, told_until=start)
    with TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        tell_past(state, Path(folder) / "demo.json", clock=lambda: UNTIL_US, is_ending=threading.Event())
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    teller = resource.getrusage(resource.RUSAGE_CHILDREN)
    report(
        "history",
        f"telling {HISTORY_DAYS} days of {LINES} lines on {connection.vendor}",
        [
            Figure("from start to end", wall, "s", TARGET_S, "what a first start may take"),
            Figure("processor, taking in", cpu, "s"),
            Figure("processor, telling", teller.ru_utime + teller.ru_stime, "s"),
            *_rows(wall),
        ],
    )


def _rows(wall: float) -> list[Figure]:
    from django.apps import apps

    names = (
        "states.StateChange", "states.CountDelta", "jobs.LaborRecord", "jobs.Run", "downtime.ReasonTag", "downtime.Stop",
        "oee.Slice", "oee.HourRollup", "oee.OeeSummary",
    )  # fmt: skip
    counts = {name: apps.get_model(name)._default_manager.count() for name in names}
    rows = [Figure(f"{name} rows", count, "rows") for name, count in counts.items()]
    return [*rows, Figure("all of these", sum(counts.values()) / wall, "rows/s", is_smaller_better=False)]
