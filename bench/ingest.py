"""What polling costs: the whole ingester (guards, rules, spool) beside a bare loop of the Modbus library."""

import asyncio
import json
import logging
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import structlog
from pymodbus.client import AsyncModbusTcpClient

from apps.plc.edge import Edge, LineConfig
from apps.plc.forwarder import Rows
from apps.plc.link import Link
from apps.plc.spool import Spool
from apps.plc.types import Block, EndpointKey
from apps.simulators.plant.bank import Bank
from apps.simulators.plant.machine import Machine, MachineProfile, Spell
from apps.simulators.plant.plant import SimulatedPlant
from apps.simulators.plant.server import ModbusServer
from apps.states.types import Limits
from bench.table import Figure, report

MACHINES = 100
PERIOD_MS = 250
SECONDS = 10
READS = 1500
ROUNDS = 4
BLOCK = Block("holding", 100, 20)
SIGNALS: dict[str, Any] = {
    "running": {"holding": 100, "bit": 0},
    "total": {"holding": 101, "type": "uint32"},
    "reject": {"holding": 103, "type": "uint32"},
    "fault": {"holding": 119},
}


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run took: requests or polls done, CPU and wall seconds, rows spooled."""

    done: int
    cpu_s: float
    wall_s: float
    rows: int = 0
    skipped: int = 0

    @classmethod
    def sum_of(cls, runs: "list[Spent]") -> "Spent":
        """Several runs as one."""
        return cls(sum(one.done for one in runs), sum(one.cpu_s for one in runs), sum(one.wall_s for one in runs))

    @property
    def core_share(self) -> float:
        """CPU seconds a second, in percent of one core."""
        return 100 * self.cpu_s / self.wall_s

    @property
    def ms_each(self) -> float:
        """CPU milliseconds a poll."""
        return 1000 * self.cpu_s / self.done


def clock() -> int:
    """The wall clock in microseconds."""
    return time.time_ns() // 1000


def serve(count: int) -> None:
    """A process of its own: machines with a port each; prints the ports, ends when its input does."""
    asyncio.run(_serve(count))


async def _serve(count: int) -> None:
    plant = SimulatedPlant(clock)
    profile = MachineProfile(cycle_s=2, stops=(Spell(30, 2, 20, 12),))
    for number in range(count):
        plant.add(f"m{number}", Machine(profile, number, now=clock()), SIGNALS, server=ModbusServer({}), unit=1)
    idle = ModbusServer({1: Bank()})
    await plant.start()
    await idle.start()
    print(json.dumps([idle.port, *(server.port for server in plant.servers)]), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await plant.stop()
    await idle.stop()


async def flat_out_bare(port: int) -> Spent:
    """One connection, one request after another, straight from the library."""
    client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=1, retries=0, reconnect_delay=0)
    await client.connect()
    wall, cpu = time.monotonic(), time.process_time()
    for _ in range(READS):
        await client.read_holding_registers(BLOCK.start, count=BLOCK.count, device_id=1)
    spent = Spent(READS, time.process_time() - cpu, time.monotonic() - wall)
    client.close()
    return spent


async def flat_out_link(port: int) -> Spent:
    """The same through our link, with every reply looked at."""
    link = Link(EndpointKey("127.0.0.1", port))
    await link.connect()
    wall, cpu = time.monotonic(), time.process_time()
    for _ in range(READS):
        await link.read(1, BLOCK)
    spent = Spent(READS, time.process_time() - cpu, time.monotonic() - wall)
    link.close()
    return spent


async def on_schedule_bare(ports: list[int]) -> Spent:
    """A task a machine that reads the block every period and drops it: the least that polling can cost."""
    done = 0

    async def poll(port: int, phase: float) -> None:
        nonlocal done
        client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=1, retries=0, reconnect_delay=0)
        await client.connect()
        due = time.monotonic() + phase
        while True:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await client.read_holding_registers(BLOCK.start, count=BLOCK.count, device_id=1)
            done += 1
            due += PERIOD_MS / 1000

    tasks = [asyncio.create_task(poll(port, n / len(ports) * PERIOD_MS / 1000)) for n, port in enumerate(ports)]
    await asyncio.sleep(1)
    before, wall, cpu = done, time.monotonic(), time.process_time()
    await asyncio.sleep(SECONDS)
    spent = Spent(done - before, time.process_time() - cpu, time.monotonic() - wall)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return spent


async def on_schedule_ingester(ports: list[int], folder: Path) -> Spent:
    """The whole edge: guards, decoding, rules, spool with its commits, a server that takes the rows."""
    spool = Spool(folder / "bench.db")

    def deliver(_spool_id: str, rows: Rows) -> int:
        return rows[-1][0]

    edge = Edge(spool, clock=clock, deliver=deliver, cursor_of=lambda _spool_id: 0)
    tables = {
        f"m{n}": {"host": "127.0.0.1", "port": port, "poll_ms": PERIOD_MS, "signals": SIGNALS}
        for n, port in enumerate(ports)
    }
    edge.follow({slug: LineConfig(slug, table, Limits()) for slug, table in tables.items()})
    stop = asyncio.Event()
    running = asyncio.create_task(edge.run(stop))
    await asyncio.sleep(1)
    stations = edge.poller.stations.values()
    polls, skipped = sum(one.polls for one in stations), sum(one.skipped for one in stations)
    rows, wall, cpu = edge.forwarder.delivered, time.monotonic(), time.process_time()
    await asyncio.sleep(SECONDS)
    spent = Spent(
        sum(one.polls for one in stations) - polls,
        time.process_time() - cpu,
        time.monotonic() - wall,
        edge.forwarder.delivered - rows,
        sum(one.skipped for one in stations) - skipped,
    )
    stop.set()
    await running
    return spent


async def stop_to_wall(folder: Path) -> float:
    """Median milliseconds from a machine's stop to the live callback, at a poll every 100 ms (a mean of 50 to wait)."""
    plant = SimulatedPlant(clock)
    machine = Machine(MachineProfile(cycle_s=60), 1, now=clock())
    server = ModbusServer({})
    plant.add("m", machine, SIGNALS, server=server, unit=1)
    await plant.start()
    seen: asyncio.Queue[str] = asyncio.Queue()
    spool = Spool(folder / "wall.db")
    edge = Edge(
        spool,
        clock=clock,
        deliver=lambda _spool_id, rows: rows[-1][0],
        cursor_of=lambda _spool_id: 0,
        on_live=lambda _slug, payload: seen.put_nowait(payload["state"]),
    )
    table = {"host": "127.0.0.1", "port": server.port, "poll_ms": 100, "signals": SIGNALS}
    edge.follow({"m": LineConfig("m", table, Limits())})
    stop = asyncio.Event()
    running = asyncio.create_task(edge.run(stop))
    await seen.get()
    took = []
    for turn in range(30):
        await asyncio.sleep(0.013 * (turn % 8))
        machine.advance(clock())
        began = time.monotonic()
        if turn % 2:
            machine.release()
        else:
            machine.hold(fault=12)
        await seen.get()
        took.append(1000 * (time.monotonic() - began))
    stop.set()
    await running
    await plant.stop()
    return median(took)


async def measure(ports: list[int]) -> list[Figure]:
    """Every figure with its baseline from the same run."""
    idle, machines = ports[0], ports[1:]
    # In turns, so that what else the machine does falls on both.
    rounds = [(await flat_out_bare(idle), await flat_out_link(idle)) for _ in range(ROUNDS)]
    bare, link = Spent.sum_of([one for one, _ in rounds]), Spent.sum_of([one for _, one in rounds])
    with tempfile.TemporaryDirectory() as folder:
        plain = await on_schedule_bare(machines)
        edge = await on_schedule_ingester(machines, Path(folder))
        wall_ms = await stop_to_wall(Path(folder))
    rate, target = edge.done / edge.wall_s, MACHINES * 1000 / PERIOD_MS
    against = "bare library loop, same run"
    return [
        Figure("reads a second, one connection", link.done / link.wall_s, "/s", bare.done / bare.wall_s, against,
               is_smaller_better=False),
        Figure("CPU a read", link.ms_each * 1000, "µs", bare.ms_each * 1000, against),
        Figure(f"polls a second, {MACHINES} machines", rate, "/s", target, "the schedule", is_smaller_better=False,
               note=f"{edge.skipped} skipped"),
        Figure("CPU a poll, all of the ingester", edge.ms_each * 1000, "µs", plain.ms_each * 1000, against),
        Figure("one core, all of the ingester", edge.core_share, "%", plain.core_share, against),
        Figure("rows a second and machine", edge.rows / edge.wall_s / MACHINES, "/s", rate / MACHINES,
               "a row for each poll"),
        Figure("a stop to the wall, polled every 100 ms", wall_ms, "ms", 50.0, "half a period"),
    ]  # fmt: skip


def main() -> None:
    """Start the machines in a process of their own, measure, report."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    command = [sys.executable, "-c", f"from bench.ingest import serve; serve({MACHINES})"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as servers:
        if servers.stdout is None:
            raise RuntimeError("no output of the machines' process")
        figures = asyncio.run(measure(json.loads(servers.stdout.readline())))
        servers.terminate()
    report("ingest", "what does polling machines cost, beside the least it could?", figures)
