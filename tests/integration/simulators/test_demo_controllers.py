"""The demo's controllers over real Modbus: what a poller reads there is what the story says."""

import asyncio
from typing import Any

from apps.lines import plant_file
from apps.plc.probe import Probe, probe_all
from apps.plc.tables import read_table
from apps.shared.instants import HOUR, MINUTE, parse_us
from apps.simulators.demo.controllers import Controllers, StoryMachine
from apps.simulators.demo.live import run_machines, run_tablets
from apps.simulators.demo.plan import make_plan
from apps.simulators.demo.plant_toml import Endpoint, plant_toml

START = parse_us("2026-05-04T09:13:27Z")
AT = START + 5 * HOUR
PLAN = make_plan(seed=4, start=START)


async def read_all(endpoints: dict[str, Endpoint]) -> dict[str, Probe]:
    """Each line's signals, asked where and how the plant file says."""
    lines = [line for plant in plant_file.parse(plant_toml(PLAN, endpoints)).plants for line in plant.lines]
    return await probe_all({line.slug: read_table(line.plc or {}) for line in lines})


def test_every_line_answers_what_its_story_says() -> None:
    async def ask() -> dict[str, Probe]:
        controllers = Controllers(PLAN, lambda: AT, {})
        await controllers.start()
        try:
            return await read_all(controllers.endpoints)
        finally:
            await controllers.stop()

    answers = asyncio.run(ask())

    assert answers.keys() == {line.slug for line in PLAN.lines}
    for line in PLAN.lines:
        shown = StoryMachine(PLAN, line).advance(AT)
        values = answers[line.slug].values
        assert not answers[line.slug].problem
        assert (bool(values["running"]), values["fault"], values["reject"]) == (
            shown.running,
            shown.fault,
            shown.reject,
        )
        made = values["good"] + values["reject"] if line.good_counter else values["total"]
        assert made == shown.total


def test_ports_stay_the_same_when_they_are_asked_for() -> None:
    async def ports_of(wanted: dict[str, int]) -> dict[str, int]:
        ready: asyncio.Future[dict[str, int]] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(
            run_machines(PLAN, clock=lambda: AT, ports=wanted, on_ready=lambda _endpoints, now: ready.set_result(now))
        )
        found = await asyncio.wait_for(ready, 10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return found

    first = asyncio.run(ports_of({}))

    assert asyncio.run(ports_of(first)) == first
    assert len(set(first.values())) == 11


def test_tablets_say_what_is_due_and_nothing_twice() -> None:
    said: list[dict[str, Any]] = []
    now = AT

    async def six_hours() -> None:
        nonlocal now
        is_enough = asyncio.Event()

        async def keep(row: dict[str, Any]) -> None:
            said.append(row)
            if len(said) > 5:
                is_enough.set()

        task = asyncio.create_task(run_tablets(PLAN, keep, since=AT, clock=lambda: now))
        now = AT + 6 * HOUR
        await asyncio.wait_for(is_enough.wait(), 10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(six_hours())

    assert all(parse_us(row.get("tagged_at", row.get("at"))) >= AT - MINUTE for row in said)
    assert len({str(row) for row in said}) == len(said)
