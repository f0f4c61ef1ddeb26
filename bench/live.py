"""How long from a coil in a controller to the words on a board, what a push weighs, and what a board message costs."""

import asyncio
import contextlib
import json
import os
import random
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Any

from bench import synthetic
from bench.table import Figure, report

LINES = 12
POLL_MS = 500
FLIPS = 150
ROUNDS = 15
# Measured with this much of a shift behind, at this many stops a day and line.
PART_EVERY_S, STOPS_PER_DAY = 8, 120


def main() -> None:
    """Measure and print."""
    data = Path(os.environ["JOBLINE_DATA"])
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(50)
    synthetic.prepare(LINES)
    from apps.flow.rebuild import rebuild
    from apps.lines.queries import policies
    from apps.shared.clock import now_us

    start_s = now_us() // 1_000_000 - synthetic.DAY_S - 5
    for number in range(LINES):
        synthetic.tell(number, 1, part_every_s=PART_EVERY_S, stops_per_day=STOPS_PER_DAY, start_s=start_s)
    for policy in policies().values():
        rebuild(policy, now=now_us())
    figures = _costs()
    figures += asyncio.run(_way(data))
    report("live", "from coil to board, and what a board message costs", figures)


def _costs() -> list[Figure]:
    """Queries, milliseconds and bytes of messages, for one line and for a plant."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from apps.live.board import lines_of
    from apps.live.compose import compose, tile_of
    from apps.live.read import board_facts
    from apps.shared.clock import now_us

    slugs = lines_of("C", "P")
    with CaptureQueriesContext(connection) as one:
        board_facts(slugs[:1], now_us())
    with CaptureQueriesContext(connection) as many:
        board_facts(slugs, now_us())
    facts = board_facts(slugs, now_us())
    boards = [compose(found, boot="", now=now_us()) for found in facts.values()]
    ms_one = _ms(lambda: board_facts(slugs[:1], now_us()))
    ms_many = _ms(lambda: board_facts(slugs, now_us()))
    ms_compose = _ms(lambda: compose(facts[slugs[0]], boot="", now=now_us()))
    sizes = [len(json.dumps(board, separators=(",", ":"), ensure_ascii=False).encode()) for board in boards]
    tiles = [len(json.dumps(tile_of(board), separators=(",", ":"), ensure_ascii=False).encode()) for board in boards]
    return [
        Figure("queries, board of one line", len(one), ""),
        Figure(f"queries, boards of {LINES} lines", len(many), "", len(one) * LINES, "one line at a time"),
        Figure("read one line", ms_one, "ms"),
        Figure(f"read {LINES} lines", ms_many, "ms", ms_one * LINES, "one line at a time"),
        Figure("compose one board", ms_compose, "ms"),
        Figure(
            "bytes of a board message", median(sizes), "B", 65_536, "the socket's limit", note=f"largest {max(sizes)}"
        ),
        Figure("bytes of a tile message", median(tiles), "B", median(sizes), "a board message"),
    ]


def _ms(work: Callable[[], object]) -> float:
    spent = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return median(spent) * 1000


async def _way(data: Path) -> list[Figure]:
    """Flip coils at random moments; time until the socket of that line's board has the other word."""
    from asgiref.sync import sync_to_async

    from apps.simulators.plant.bank import Bank
    from apps.simulators.plant.server import ModbusServer
    from tests.make.processes import free_port

    banks = [Bank() for _ in range(LINES)]
    servers = [ModbusServer({1: bank}) for bank in banks]
    for server in servers:
        await server.start()
    for bank in banks:
        bank.put("coil", 0, [1])
    cookie = await sync_to_async(_set_up)([server.port for server in servers])
    port = free_port()
    env = {**os.environ, "LOG_LEVEL": "WARNING"}
    child = subprocess.Popen([sys.executable, "-m", "bench._live_child", str(port)], env=env)  # noqa: ASYNC220 - once
    try:
        took, heard = await _flips(banks, port, cookie)
    finally:
        child.terminate()
        await asyncio.to_thread(child.wait, 10)
        for server in servers:
            await server.stop()
    cuts = quantiles(took, n=100)
    half = POLL_MS / 2
    return [
        Figure("coil to board words, p50", median(took), "ms", half, "half the poll period", note=f"{len(took)} flips"),
        Figure("coil to board words, p99", cuts[98], "ms", POLL_MS, "the poll period"),
        Figure("beyond the poll, on average", mean(took) - half, "ms"),
        Figure("bytes per push", median(heard), "B", note=f"{len(heard)} pushes to {LINES} boards"),
    ]


def _set_up(ports: list[int]) -> str:
    """Point the lines at their controllers and sign somebody in; the cookie."""
    from django.test import Client

    from apps.accounts.models import User
    from apps.lines.models import Line

    for number, port in enumerate(ports):
        signals = {"running": {"coil": 0}, "total": {"holding": 100, "type": "uint32"}}
        table = {"host": "127.0.0.1", "port": port, "poll_ms": POLL_MS, "signals": signals}
        Line.objects.filter(slug=f"line-{number:03}").update(plc=table)
    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    return f"sessionid={client.cookies['sessionid'].value}"


async def _flips(banks: list[Any], port: int, cookie: str) -> tuple[list[float], list[int]]:
    dice = random.Random(4512)
    heard: list[int] = []
    words: dict[int, asyncio.Queue[str]] = {number: asyncio.Queue() for number in range(LINES)}
    took: list[float] = []
    async with contextlib.AsyncExitStack() as stack:
        for number in range(LINES):
            await stack.enter_async_context(_watching(port, cookie, number, words[number], heard))
        for number in range(LINES):
            await _until(words[number], "running")
        heard.clear()
        for flip in range(FLIPS):
            number = flip % LINES
            is_running = flip // LINES % 2 == 1
            await asyncio.sleep(dice.uniform(0.05, 0.35))
            began = time.perf_counter()
            banks[number].put("coil", 0, [int(is_running)])
            await _until(words[number], "running" if is_running else "stopped")
            took.append((time.perf_counter() - began) * 1000)
    return took, heard


async def _until(words: "asyncio.Queue[str]", wanted: str) -> None:
    async with asyncio.timeout(60):
        while await words.get() != wanted:
            pass


@contextlib.asynccontextmanager
async def _watching(
    port: int, cookie: str, number: int, words: "asyncio.Queue[str]", heard: list[int]
) -> AsyncIterator[None]:
    """A board that tells `words` whether its line runs, each time that it hears."""
    from tests.make.sockets import open_socket

    for _ in range(200):
        with contextlib.suppress(OSError):
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            break
        await asyncio.sleep(0.1)
    async with open_socket(port, f"/ws/board/line-{number:03}/", cookie=cookie) as socket:

        async def listen() -> None:
            while (text := await socket.text(60)) is not None:
                message = json.loads(text)
                if message["kind"] == "board":
                    heard.append(len(text.encode()))
                    words.put_nowait("running" if message["word"] == "running" else "stopped")

        task = asyncio.create_task(listen())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
