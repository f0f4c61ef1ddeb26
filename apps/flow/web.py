"""Daphne inside this process: the site's ASGI application on a port, and one coroutine of ours beside it.

`daphne.server` must be imported before anything of Twisted: it installs the reactor that runs on asyncio.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from daphne.server import Server, twisted_loop  # isort: skip
from channels.routing import get_default_application
from twisted.internet import defer
from twisted.internet import reactor as _reactor

# Twisted's stub of the module is its interface, not what is installed in its place.
reactor: Any = _reactor

# Boards stay open for weeks; a peer that answers no ping for so long is gone.
PING_S, PING_PATIENCE_S = 15, 20
# What browsers send means nothing, so it may be short; but the limit holds for what is sent to them as well, and a board
# with hundreds of stops has 30 kB.
LONGEST_MESSAGE = 65_536


def serve(host: str, port: int, beside: Callable[[], Awaitable[None]]) -> None:
    """Serve until SIGINT or SIGTERM. `beside` runs on the same loop, is cancelled at the end and waited for.

    Where `beside` fails, everything ends and its error is raised here.
    """
    failed: list[BaseException] = []
    server = Server(
        get_default_application(),
        endpoints=[f"tcp:port={port}:interface={host}"],
        websocket_timeout=-1,
        ping_interval=PING_S,
        ping_timeout=PING_PATIENCE_S,
        websocket_max_message_size=LONGEST_MESSAGE,
        websocket_max_frame_size=LONGEST_MESSAGE,
        application_close_timeout=1,
        server_name="jobline",
        verbosity=0,
    )

    def begin() -> None:
        task = twisted_loop.create_task(_guarded(beside, failed))
        reactor.addSystemEventTrigger("before", "shutdown", lambda: defer.Deferred.fromFuture(_end(task)))

    reactor.callWhenRunning(begin)
    server.run()
    if failed:
        raise failed[0]


async def _guarded(beside: Callable[[], Awaitable[None]], failed: list[BaseException]) -> None:
    try:
        await beside()
    except asyncio.CancelledError:
        raise
    except BaseException as problem:  # noqa: BLE001 - handed to the caller of `serve`
        failed.append(problem)
    reactor.stop()


def _end(task: asyncio.Task[None]) -> asyncio.Future[None]:
    async def ended() -> None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    return asyncio.ensure_future(ended(), loop=twisted_loop)
