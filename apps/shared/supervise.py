"""Keeping a task alive: what ends by an error is logged once, waits, and starts again."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

_log = structlog.get_logger(__name__)
FIRST_S, LONGEST_S = 0.5, 10.0


async def supervised(name: str, job: Callable[[], Awaitable[None]]) -> None:
    """Run a job that should never end, again and again, until it is cancelled. One log line per change of condition."""
    wait, said = FIRST_S, ""
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        try:
            await job()
            problem = "it ended"
        except Exception as error:  # noqa: BLE001 - whatever it was, the job has to go on
            problem = repr(error)
        if loop.time() - began > LONGEST_S:
            wait, said = FIRST_S, ""
        if problem != said:
            _log.warning("a task stopped and starts again", task=name, problem=problem)
        said = problem
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_S)
