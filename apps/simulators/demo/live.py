"""The demo plant in real time: machines that answer, people who sign on and off in Epicor, and tablets."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from apps.shared.instants import SECOND
from apps.simulators.demo.controllers import Controllers
from apps.simulators.demo.epicor_model import Floor, epicor_of
from apps.simulators.demo.history import Past
from apps.simulators.demo.plan import DemoPlan
from apps.simulators.demo.plant_toml import Endpoint
from apps.simulators.epicor.epicor import Epicor

Clock = Callable[[], int]
Row = dict[str, Any]
_LONGEST_WAIT_S = 1.0


def open_epicor(plan: DemoPlan, *, told_until: int) -> tuple[Epicor, Floor]:
    """The simulated Epicor as it stood at `told_until`, and the people who go on working in it.

    Connect its events after this: what happens from `told_until` on is told then, late where it is late.
    """
    epicor = epicor_of(plan, told_until)
    floor = Floor(plan, epicor)
    floor.work(told_until)
    return epicor, floor


async def run_operators(floor: Floor, *, clock: Clock) -> None:
    """Do in Epicor what is due, until cancelled: sign on and off, complete, release the next jobs."""
    while True:
        due = floor.work(clock())
        await asyncio.sleep(_wait_s(due, clock()))


async def run_tablets(plan: DemoPlan, say: Callable[[Row], Awaitable[None]], *, since: int, clock: Clock) -> None:
    """Hand every line of the facts file that people say on tablets to `say` when it is due, until cancelled.

    What was due before `since` has been said already.
    """
    past = Past(plan)
    past.told(since)
    while True:
        for row in past.told(clock()):
            if row["t"] not in ("job", "event"):
                await say(row)
        await asyncio.sleep(_LONGEST_WAIT_S)


async def run_machines(
    plan: DemoPlan,
    *,
    clock: Clock,
    ports: Mapping[str, int] | None = None,
    on_ready: Callable[[dict[str, Endpoint], dict[str, int]], None] | None = None,
) -> None:
    """Serve every line's controller over Modbus until cancelled.

    `on_ready` gets the endpoints for the plant file, and the ports to ask for at the next start.
    """
    controllers = Controllers(plan, clock, ports or {})
    await controllers.start()
    try:
        if on_ready is not None:
            on_ready(controllers.endpoints, controllers.ports)
        await asyncio.Event().wait()
    finally:
        await controllers.stop()


def _wait_s(due: int | None, now: int) -> float:
    if due is None:
        return _LONGEST_WAIT_S
    return min(max((due - now) / SECOND, 0.02), _LONGEST_WAIT_S)
