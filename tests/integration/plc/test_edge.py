"""The edge with a full disk: polling goes on, and the totals are right afterwards."""

import asyncio
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from apps.plc.edge import Edge, LineConfig
from apps.plc.forwarder import Rows
from apps.plc.spool import Spool
from apps.simulators.plant.machine import Machine, MachineProfile, Spell
from apps.simulators.plant.plant import SimulatedPlant
from apps.simulators.plant.server import ModbusServer
from apps.states.types import Delta, Limits
from apps.states.wire import decode
from tests.integration.plc.floor import SIGNALS, clock

pytestmark = pytest.mark.asyncio
BUSY = MachineProfile(cycle_s=0.05, scrap_share=0.1, stops=(Spell(0.1, 0.03, 0.1, 12),))
LINES = [f"m{n}" for n in range(8)]


class Server:
    """Takes rows, except while it is away."""

    def __init__(self) -> None:
        self.is_away = True
        self.cursor = 0
        self.deltas: dict[str, list[Delta]] = {}

    def cursor_of(self, _spool_id: str) -> int:
        return self.cursor

    def deliver(self, _spool_id: str, rows: Rows) -> int:
        if self.is_away:
            raise ConnectionError("away")
        for seq, body in rows:
            if seq > self.cursor:
                facts = decode(body)
                self.deltas.setdefault(facts.slug, []).extend(facts.deltas)
                self.cursor = seq
        return self.cursor

    def counted(self, slug: str) -> int:
        return sum(delta.good + delta.reject for delta in self.deltas.get(slug, []))


class TestFullSpool:
    async def test_totals_are_right_once_there_is_room_again(self, tmp_path: Path) -> None:
        plant, server = SimulatedPlant(clock), Server()
        for slug in LINES:
            machine = Machine(BUSY, slug, now=clock())
            machine.hold()
            plant.add(slug, machine, SIGNALS, server=ModbusServer({}), unit=1)
        await plant.start()
        spool = Spool(tmp_path / "small.db", max_mb=0.1, max_waiting=30)
        edge = Edge(spool, clock=clock, deliver=server.deliver, cursor_of=server.cursor_of)
        limits = Limits(stale_after_us=60_000_000, max_rate_per_s=Fraction(1000))
        edge.follow(
            {
                slug: LineConfig(
                    slug, {"host": "127.0.0.1", "port": one.port, "poll_ms": 30, "signals": SIGNALS}, limits
                )
                for slug, one in zip(LINES, plant.servers, strict=True)
            }
        )
        stop = asyncio.Event()
        with capture_logs() as logs:
            running = asyncio.create_task(edge.run(stop))
            await until(lambda: all(feed.now.first_good_at for feed in edge.feeds.values()))
            await asyncio.sleep(0.3)
            for one in plant.machines.values():
                one.machine.release()  # type: ignore[attr-defined]
            await until(lambda: spool.lost and spool.blocked, 20)
            await asyncio.sleep(0.5)
            server.is_away = False
            await until(lambda: not spool.lost, 20)
            await asyncio.sleep(0.5)
            for one in plant.machines.values():
                one.machine.advance(clock())
                one.machine.hold()  # type: ignore[attr-defined]
            made = {slug: one.machine.made for slug, one in plant.machines.items()}  # type: ignore[attr-defined]
            await until(lambda: {slug: server.counted(slug) for slug in LINES} == made)
            stop.set()
            await running
        await plant.stop()

        assert min(made.values()) > 10
        said = [entry["event"].partition(":")[0] for entry in logs if entry["log_level"] != "info"]
        assert said.count("server does not take rows") == 1
        assert {"spool can't write", "spool can't keep up", "spool has room again"} <= set(said)


async def until(holds: Callable[[], bool], within_s: float = 10) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, "it never came"
        await asyncio.sleep(0.02)
