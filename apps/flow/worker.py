"""The Celery processes of the embedded mode: started beside the loop, restarted when they end, gone when we are gone."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import structlog

# The queues of each. What waits for Epicor must not hold its events up.
WORKERS = {"erp": "erp,rollup", "inbox": "inbox"}
# Beat goes with this one; there must be one only.
_WITH_BEAT = "erp"
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
GRACE_S = 1.5
_log = structlog.get_logger(__name__)


async def supervise(name: str, folder: Path, data: Path) -> None:
    """Keep one of WORKERS alive until cancelled; `folder` is the project, `data` where beat keeps its place."""
    wait = FIRST_WAIT_S
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        code = await _run(name, folder, data)
        if loop.time() - began > LONGEST_WAIT_S:
            wait = FIRST_WAIT_S
        _log.warning("the worker ended and starts again", worker=name, code=code, wait_s=wait)
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT_S)


async def _run(name: str, folder: Path, data: Path) -> int:
    """One life of the worker. Its standard pipe is its lifeline: it reads the end of it and dies with us."""
    beat = ("-B", "-s", str(data / "beat")) if name == _WITH_BEAT else ()
    reading, writing = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "oee_site.lifeline", str(reading),
            "--quiet", "worker", "-P", "solo", "-Q", WORKERS[name], "-n", f"{name}@%h", *beat, "-l", "WARNING",
            "--without-gossip", "--without-mingle", "--without-heartbeat",
            cwd=folder, pass_fds=(reading,), start_new_session=True, stdin=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
    finally:
        os.close(reading)
    try:
        return await process.wait()
    finally:
        await asyncio.shield(_end(process))
        os.close(writing)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask the worker to finish its task, then end whatever is left of its group: its beat is a process of its own."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), GRACE_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.returncode is None:
        await process.wait()
