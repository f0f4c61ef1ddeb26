"""Polling many machines: one that is ill costs its neighbours nothing."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from structlog.testing import capture_logs

from apps.plc.poller import Polled, Poller
from apps.plc.tables import read_table
from apps.plc.types import Device
from apps.simulators.plant.bank import Bank
from apps.simulators.plant.server import ModbusServer

pytestmark = pytest.mark.asyncio


def clock() -> int:
    return time.time_ns() // 1000


class Floor:
    """A poller and what it brought."""

    def __init__(self) -> None:
        self.polled: dict[str, list[Polled]] = {}
        self.poller = Poller(clock=clock, sink=self.take)

    def take(self, slug: str, polled: Polled) -> None:
        self.polled.setdefault(slug, []).append(polled)

    def good(self, slug: str) -> list[Polled]:
        return [one for one in self.polled.get(slug, []) if one.reading]

    async def polls_a_second(self, slugs: Sequence[str]) -> float:
        """How often the least polled of some machines answered over the next 1.5 s."""
        counts, began = {slug: len(self.good(slug)) for slug in slugs}, time.monotonic()
        await asyncio.sleep(1.5)
        return min(len(self.good(slug)) - counts[slug] for slug in slugs) / (time.monotonic() - began)

    async def until(self, holds: Callable[[], bool], within_s: float = 20) -> None:
        async with asyncio.timeout(within_s):
            while not holds():  # noqa: ASYNC110 - it watches a list, not an event
                await asyncio.sleep(0.01)


def device(server: ModbusServer, unit: int = 1, **more: Any) -> Device:
    signals = {"running": {"coil": 0}, "total": {"holding": 10}, "fault": {"holding": 20}}
    table = {"host": "127.0.0.1", "port": server.port, "device_id": unit, "poll_ms": 50, "timeout_ms": 200}
    return read_table(table | {"backoff_ms": [50, 400], "signals": signals} | more)


async def server_of(*units: int) -> ModbusServer:
    server = ModbusServer({unit: Bank(holding={11: 100 + unit}) for unit in units})
    await server.start()
    return server


class TestIsolation:
    async def test_ill_machines_cost_healthy_ones_nothing(self) -> None:
        """6 of 20 misbehave in 6 ways: the others are polled as before, and no wrong value comes from anyone."""
        floor = Floor()
        servers = [await server_of(1) for _ in range(20)]
        ill, healthy = servers[:6], [f"line-{n}" for n in range(6, 20)]
        floor.poller.follow({f"line-{n}": device(server) for n, server in enumerate(servers)})
        await floor.until(lambda: all(floor.good(slug) for slug in healthy))
        before = await floor.polls_a_second(healthy)
        for kind, server in zip(("silent", "close", "reset", "garbage", "truncated", "short"), ill, strict=True):
            server.spoil(kind)
        await asyncio.sleep(0.1)
        spoiled = {slug: len(floor.good(slug)) for slug in floor.polled}
        meanwhile = await floor.polls_a_second(healthy)
        await floor.poller.stop()
        for server in servers:
            await server.stop()

        # Compared with itself a moment ago, because a busy machine slows both.
        assert meanwhile > before * 0.7
        assert [len(floor.good(f"line-{n}")) - spoiled[f"line-{n}"] for n in range(6)] == [0] * 6
        assert {one.reading.total for slug in floor.polled for one in floor.good(slug) if one.reading} == {101}

    async def test_a_dead_unit_behind_a_gateway_does_not_starve_the_others(self) -> None:
        floor = Floor()
        server = await server_of(1, 2)
        floor.poller.follow({f"unit-{unit}": device(server, unit) for unit in (1, 2, 3)})
        await asyncio.sleep(3)
        await floor.poller.stop()
        await server.stop()

        assert not floor.good("unit-3")
        for unit in (1, 2):
            totals = [one.reading.total for one in floor.good(f"unit-{unit}") if one.reading]
            assert set(totals) == {100 + unit}
            assert len(totals) > 20

    async def test_one_connection_serves_all_units_of_an_endpoint(self) -> None:
        floor = Floor()
        server = await server_of(1, 2, 3)
        floor.poller.follow({f"unit-{unit}": device(server, unit) for unit in (1, 2, 3)})
        await floor.until(lambda: len(floor.good("unit-3")) > 5)
        await floor.poller.stop()

        assert server.accepted == 1
        await server.stop()


class TestOutage:
    async def test_is_logged_once_and_so_is_its_end(self) -> None:
        floor = Floor()
        server = await server_of(1)
        with capture_logs() as logs:
            floor.poller.follow({"mill-1": device(server)})
            await floor.until(lambda: bool(floor.good("mill-1")))
            await server.stop()
            await asyncio.sleep(0.6)
            seen = len(floor.good("mill-1"))
            await server.start()
            await floor.until(lambda: len(floor.good("mill-1")) > seen + 3)
            await floor.poller.stop()
        await server.stop()

        assert [entry["event"] for entry in logs] == [
            "machine answers",
            "machine does not answer",
            "machine answers again",
        ]

    async def test_every_period_has_its_poll_good_or_not(self) -> None:
        floor = Floor()
        server = await server_of(1)
        server.spoil("silent")
        floor.poller.follow({"mill-1": device(server, timeout_ms=60)})
        await asyncio.sleep(1)
        await floor.poller.stop()
        await server.stop()

        assert 8 <= len(floor.polled["mill-1"]) <= 21
        assert server.requests < 10, "a demoted machine is only probed"

    async def test_a_machine_that_is_not_there_gets_few_tries(self) -> None:
        floor = Floor()
        server = await server_of(1)
        await server.stop()
        floor.poller.follow({"mill-1": device(server)})
        await floor.until(lambda: len(floor.polled.get("mill-1", [])) >= 8)
        await floor.poller.stop()

        assert not floor.good("mill-1")
        assert {one.problem for one in floor.polled["mill-1"]} == {"no connection"}


class TestFollow:
    async def test_a_change_of_one_machine_leaves_the_others_alone(self) -> None:
        floor = Floor()
        one, two = await server_of(1), await server_of(1)
        floor.poller.follow({"a": device(one), "b": device(two)})
        await floor.until(lambda: bool(floor.good("a") and floor.good("b")))
        station = floor.poller.stations["a"]

        floor.poller.follow({"a": device(one), "b": device(two, poll_ms=20)})
        await floor.until(lambda: len(floor.good("b")) > 20)
        still = floor.poller.stations["a"]
        floor.poller.follow({"a": device(one)})
        await asyncio.sleep(0.05)
        requests = two.requests
        await asyncio.sleep(0.2)
        await floor.poller.stop()

        assert still is station
        assert one.accepted == 1
        assert two.requests == requests
        assert two.connections == 0
        for server in (one, two):
            await server.stop()

    async def test_a_machine_that_refuses_a_gap_is_read_without_it(self) -> None:
        floor = Floor()
        server = await server_of(1)
        server.banks[1].refused = ((13, 15),)
        with capture_logs() as logs:
            floor.poller.follow({"mill-1": device(server)})
            await floor.until(lambda: len(floor.good("mill-1")) > 3)
            await floor.poller.stop()
        await server.stop()

        assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == [
            "machine refuses a gap between registers: set max_gap or holes"
        ]

    async def test_a_slow_machine_skips_and_never_queues(self) -> None:
        floor = Floor()
        server = await server_of(1)
        server.spoil("delay", number=0.04)
        floor.poller.follow({"mill-1": device(server, poll_ms=20)})
        await asyncio.sleep(1)
        station = floor.poller.stations["mill-1"]
        await floor.poller.stop()
        await server.stop()

        assert station.skipped > 10
        # Two requests a poll at 40 ms each.
        assert 8 <= len(floor.good("mill-1")) <= 13

    async def test_a_sink_that_stumbles_does_not_end_polling(self) -> None:
        floor = Floor()
        server = await server_of(1)
        failed = []

        def stumble(slug: str, polled: Polled) -> None:
            if not failed:
                failed.append(slug)
                raise RuntimeError("once")
            floor.take(slug, polled)

        floor.poller = Poller(clock=clock, sink=stumble)
        floor.poller.follow({"mill-1": device(server)})
        await floor.until(lambda: len(floor.good("mill-1")) > 2)
        await floor.poller.stop()
        await server.stop()
