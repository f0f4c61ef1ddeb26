"""Everything in one command: the site, the ingester, simulated machines and a simulated Epicor, and Celery."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import close_old_connections

from apps.flow import demo_setup, ingest, web, worker
from apps.flow.demo import take_in
from apps.flow.demo_past import tell_past
from apps.flow.demo_state import DemoState, first_state, read_state, write_state
from apps.shared.clock import now_us
from apps.shared.instants import SECOND
from apps.shared.supervise import supervised
from apps.simulators.demo.epicor_model import Floor
from apps.simulators.demo.history import Batch
from apps.simulators.demo.live import open_epicor, run_machines, run_operators, run_tablets
from apps.simulators.demo.plant_toml import Endpoint
from apps.simulators.epicor.epicor import Epicor
from apps.simulators.epicor.sender import EventSender, Target
from apps.simulators.epicor.server import Handle, serve

_REMEMBER_S = 5.0
# The worker may take 1.5 s to finish its task.
_GRACE_S = 2.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """Where the demo runs, and how many lines a new one has."""

    host: str
    port: int
    lines: int
    data: Path
    addresses: tuple[str, ...] = ()


def run(options: Options, *, say: Callable[[str], None]) -> None:
    """Run the demo until it is told to end. `say` prints a line for the person who started it."""
    path = options.data / "demo.json"
    state = read_state(path) or first_state(lines=options.lines, now=now_us())
    if not state.logins:
        state.logins = demo_setup.new_logins()
    for folder in ("queue/control", "queue/done", "spool"):
        (options.data / folder).mkdir(parents=True, exist_ok=True)
    write_state(path, state)
    web.serve(options.host, options.port, _Demo(options, state, path, say).live)
    # A batch of the past, or a report, may still be in the making in a thread: its transaction ends with us.
    for child in active_children():
        child.terminate()


class _Demo:
    """One run: what is started, in the order in which each needs the one before."""

    def __init__(self, options: Options, state: DemoState, path: Path, say: Callable[[str], None]) -> None:
        self._options, self._state, self._path, self._say = options, state, path, say
        self._is_ending = threading.Event()
        self._tasks: list[asyncio.Task[Any]] = []

    async def live(self) -> None:
        """Start everything, and stay until cancelled; then end everything."""
        handle = sender = None
        try:
            await self._machines()
            await self._tell_past()
            epicor, floor = await asyncio.to_thread(_epicor, self._state)
            handle, sender = await self._connect(epicor)
            await sender.start()
            self._go_on(floor)
            for line in self._greeting():
                self._say(line)
            await asyncio.Event().wait()
        finally:
            self._is_ending.set()
            if sender is not None:
                await sender.close()
            if handle is not None:
                await handle.close()
            # The machines were first and go last: nobody should miss them on the way out.
            for group in (self._tasks[1:], self._tasks[:1]):
                await _end(group)

    async def _machines(self) -> None:
        """Machines first: the plant file says where they listen."""
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[tuple[dict[str, Endpoint], dict[str, int]]] = loop.create_future()
        plan = self._state.plan

        async def serve_machines() -> None:
            await run_machines(
                plan,
                clock=now_us,
                ports=self._state.ports,
                on_ready=lambda endpoints, ports: ready.set_result((endpoints, ports)),
            )

        task = asyncio.create_task(serve_machines(), name="machines")
        self._tasks.append(task)
        first: list[asyncio.Future[Any]] = [task, ready]
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            await self._machines_elsewhere(task)
            return
        endpoints, self._state.ports = ready.result()
        await _in_thread(demo_setup.load_plant)(plan, endpoints, now=now_us())
        await _in_thread(demo_setup.make_people)(plan, self._state.logins)

    async def _machines_elsewhere(self, failed: "asyncio.Task[Any]") -> None:
        """A port of the last start is taken by now: ask for others, once."""
        self._tasks.remove(failed)
        problem = failed.exception()
        if not self._state.ports or not isinstance(problem, OSError):
            raise problem or RuntimeError("the simulated machines ended")
        self._state.ports = {}
        await self._machines()

    async def _tell_past(self) -> None:
        if self._state.has_history:
            return
        self._say("First start: telling the last 14 days. The site is up meanwhile.")
        await _in_thread(tell_past)(self._state, self._path, clock=now_us, is_ending=self._is_ending)

    async def _connect(self, epicor: Epicor) -> tuple[Handle, EventSender]:
        demo_setup.open_to_jobline(epicor)
        handle = await serve(epicor)
        keys = await _in_thread(demo_setup.connect_epicor)(self._state.plan, handle.base_url)
        url = f"http://127.0.0.1:{self._options.port}/api/epicor/events/"
        targets = {code: Target(url, key.key, key.secret) for code, key in keys.items()}
        return handle, EventSender(epicor, targets, clock=lambda: now_us() / SECOND)

    def _go_on(self, floor: Floor) -> None:
        state, data = self._state, self._options.data
        jobs = {
            "ingester": lambda: ingest.run(spool=data / "spool" / "all.db", clock=now_us),
            "operators": lambda: run_operators(floor, clock=now_us),
            "tablets": lambda: run_tablets(state.plan, self._said, since=state.told_until, clock=now_us),
            "memory": self._remember,
        }
        jobs |= {f"worker {name}": partial(worker.supervise, name, settings.BASE_DIR, data) for name in worker.WORKERS}
        self._tasks += [asyncio.create_task(supervised(name, job), name=name) for name, job in jobs.items()]

    async def _said(self, row: dict[str, Any]) -> None:
        """Somebody said something on a tablet: it goes the way that all words of people go."""
        now = now_us()
        await _in_thread(take_in)(Batch(now, now, (row,), ()))

    async def _remember(self) -> None:
        """How far the story has been told: after a pause the next start tells from there on."""
        while True:
            self._state.told_until = now_us()
            write_state(self._path, self._state)
            await asyncio.sleep(_REMEMBER_S)

    def _greeting(self) -> list[str]:
        port = self._options.port
        names = ", ".join(f"http://{name}:{port}/" for name in ("localhost", *self._options.addresses))
        logins = [f"  {name:<12}{password}" for name, password in self._state.logins.items()]
        return [f"Jobline is at {names}", "Sign in as", *logins, "Ctrl-C ends it; the next start goes on from there."]


async def _end(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        _done, late = await asyncio.wait(tasks, timeout=_GRACE_S)
        for task in late:
            _log.warning("did not end in time", task=task.get_name())


def _epicor(state: DemoState) -> tuple[Epicor, Floor]:
    return open_epicor(state.plan, told_until=state.told_until)


def _in_thread(function: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """The function in a thread of its own, with a database connection that is closed afterwards.

    Not sync_to_async: that would hold a cancellation back until the thread is done.
    """

    def guarded(*args: Any, **kwargs: Any) -> Any:
        close_old_connections()
        try:
            return function(*args, **kwargs)
        finally:
            close_old_connections()

    return partial(asyncio.to_thread, guarded)
