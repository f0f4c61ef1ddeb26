"""A floor for tests: simulated machines in a thread of their own, and an ingester as a process of its own."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.db import connection

from apps.simulators.plant.machine import Machine, MachineProfile
from apps.simulators.plant.plant import SimulatedPlant
from apps.simulators.plant.server import ModbusServer

SIGNALS: dict[str, Any] = {
    "running": {"coil": 0},
    "total": {"holding": 100, "type": "uint16"},
    "reject": {"holding": 102, "type": "uint16"},
    "fault": {"holding": 110},
    "restarted": {"coil": 1},
}


def clock() -> int:
    """The wall clock in microseconds."""
    return time.time_ns() // 1000


def until(holds: Callable[[], bool], within_s: float = 10) -> None:
    """Wait for something that must come; fails when it does not."""
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


class Floor:
    """Machines that run while the test does something else. Everything about them is done in their own thread."""

    def __init__(self) -> None:
        self.plant = SimulatedPlant(clock)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self.plant.stop(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def add(self, slug: str, profile: MachineProfile, *, held: bool = True, **more: Any) -> dict[str, Any]:
        """Start a machine behind a server of its own; returns its `plc` table."""
        machine = Machine(profile, slug, now=clock())
        if held:
            machine.hold()
        server = ModbusServer({})
        self.plant.add(slug, machine, SIGNALS, server=server, unit=1)
        self.do(server.start)
        return {"host": "127.0.0.1", "port": server.port, "poll_ms": 50, "signals": SIGNALS} | more

    def do(self, action: Callable[[], Any]) -> Any:
        """Run something in the machines' thread and wait for it."""

        async def run() -> Any:
            found = action()
            return await found if asyncio.iscoroutine(found) else found

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(5)

    def machine(self, slug: str) -> Machine:
        """The model behind a line."""
        found = self.plant.machines[slug].machine
        assert isinstance(found, Machine)
        return found

    def hold(self, slug: str, fault: int = 0) -> None:
        """Let a machine stand from now on."""
        self.do(lambda: (self.machine(slug).advance(clock()), self.machine(slug).hold(fault=fault)))

    def release(self, slug: str) -> None:
        """Let it run."""
        self.do(lambda: (self.machine(slug).advance(clock()), self.machine(slug).release()))


class Ingester:
    """`manage.py ingest` against the test's database, as a process that can be killed."""

    def __init__(self, spool: Path, database: str | None = None, port: str = "") -> None:
        self.spool = spool
        self.database = database or str(connection.settings_dict["NAME"])
        self.port = port
        self.log = spool.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def start(self) -> None:
        """Start it; it says "following" in its log when it polls."""
        self._starts = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    str(Path(__file__).with_name("ingest_child.py")),
                    self.database,
                    str(self.spool),
                    self.port,
                ],
                stdout=log,
                stderr=log,
                cwd=Path(__file__).parents[3],
                env=os.environ | {"PYTHONPATH": "."},
            )

    def is_polling(self) -> bool:
        """Whether the process of the last start has had an answer from a machine."""
        return b"machine answers" in self.log.read_bytes()[self._starts :]

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def end(self) -> float:
        """Ask it to end; seconds until it had."""
        assert self._process is not None
        started = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(10) == 0, self.log.read_text()
        return time.monotonic() - started
