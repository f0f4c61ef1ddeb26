"""The demo plant for other programs: its past as a facts file, its machines on ports of their own."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from apps.shared.instants import DAY, HOUR, parse_us
from apps.simulators.demo.controllers import endpoint_of
from apps.simulators.demo.history import Past, sample_row
from apps.simulators.demo.live import run_machines
from apps.simulators.demo.plan import DemoPlan, make_plan
from apps.simulators.demo.plant_toml import Endpoint, plant_toml

_STEP = 6 * HOUR
_DEFAULT_PORT = 502


@dataclass(frozen=True, slots=True)
class HistoryOptions:
    """What to write: so many days that end at `end` (ISO 8601), for so many lines, and where to."""

    days: float
    end: str
    seed: int
    lines: int
    out: Path
    plant: Path | None = None


@dataclass(frozen=True, slots=True)
class MachineOptions:
    """Which machines to serve: the lines of a plan that began `days` ago, from `port` on (0: any free ports)."""

    days: float
    seed: int
    lines: int
    port: int
    plant: Path | None = None


def write_history(options: HistoryOptions) -> int:
    """Write the facts file, and the plant file where it is asked for; returns how many facts there are.

    The same options write the same files. Raises ValueError for an `end` that is no time, OSError for the files.
    """
    end = parse_us(options.end)
    plan = make_plan(seed=options.seed, start=end - int(options.days * DAY), count=options.lines)
    if options.plant is not None:
        # Nothing listens there: a facts file needs no controllers, but the file shows how they are read.
        endpoints = {line.slug: Endpoint("127.0.0.1", _DEFAULT_PORT, line.index + 1) for line in plan.lines}
        options.plant.write_text(plant_toml(plan, endpoints), encoding="utf-8")
    count = 0
    with options.out.open("w", encoding="utf-8") as file:
        for row in tqdm(facts(plan, end), unit=" facts"):
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    return count


def facts(plan: DemoPlan, end: int) -> Iterator[dict[str, Any]]:
    """The lines of the facts file, about in the order in which they were learned."""
    past = Past(plan)
    reached = plan.start
    while reached < end:
        reached = min(reached + _STEP, end)
        yield from past.told(reached)
        for slug, sample in past.samples(reached):
            yield sample_row(slug, sample)


async def serve_machines(options: MachineOptions, *, clock: Callable[[], int], say: Callable[[str], None]) -> None:
    """Serve until cancelled. Raises OSError where a port is taken."""
    plan = make_plan(seed=options.seed, start=clock() - int(options.days * DAY), count=options.lines)
    names = dict.fromkeys(endpoint_of(line) for line in plan.lines)
    ports = {name: options.port + place if options.port else 0 for place, name in enumerate(names)}

    def ready(endpoints: dict[str, Endpoint], _ports: dict[str, int]) -> None:
        if options.plant is not None:
            options.plant.write_text(plant_toml(plan, endpoints), encoding="utf-8")
        for slug, endpoint in endpoints.items():
            say(f"{slug:<32}{endpoint.host}:{endpoint.port} unit {endpoint.device_id}")

    await run_machines(plan, clock=clock, ports=ports, on_ready=ready)
