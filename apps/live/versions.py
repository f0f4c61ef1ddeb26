"""Noticing that another process raised a line's rev, without any layer between: the database says so itself.

On PostgreSQL a trigger notifies (apps/live/migrations), on SQLite `PRAGMA data_version` changes when another
connection wrote. Either way what comes out is {slug: rev}; a hub takes no notice of revs that it knows.
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import Executor
from contextlib import aclosing, closing
from typing import Any

import psycopg
from django.db import close_old_connections, connection

from apps.lines.models import Line

CHANNEL = "jobline_rev"
POLL_S = 0.5
_OF_DJANGO = {"context", "cursor_factory", "prepare_threshold"}
_WAKE_S = 30.0  # LISTEN: at the latest now the connection is tried and everything is read again


def revs() -> dict[str, int]:
    """Every line's rev."""
    close_old_connections()
    try:
        return dict(Line.objects.values_list("slug", "rev"))
    finally:
        close_old_connections()


async def changes(threads: Executor) -> AsyncGenerator[dict[str, int]]:
    """The revs of all lines first, and from then on those that changed (or all of them) whenever some did."""
    source = _listened(threads) if connection.vendor == "postgresql" else _polled(threads)
    async with aclosing(source):
        async for found in source:
            yield found


async def _listened(threads: Executor) -> AsyncGenerator[dict[str, int]]:
    loop = asyncio.get_running_loop()
    options = options_of(connection.get_connection_params())
    async with await psycopg.AsyncConnection.connect(**options, autocommit=True) as link:
        await link.execute(f"LISTEN {CHANNEL}")
        while True:
            # After LISTEN, so that nothing between the two is missed.
            yield await loop.run_in_executor(threads, revs)
            async for notice in link.notifies(timeout=_WAKE_S):
                slug, _space, rev = notice.payload.rpartition(" ")
                yield {slug: int(rev)}


def options_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """What libpq is told of the database, its encryption too: everything but what is Django's own."""
    return {key: value for key, value in params.items() if key not in _OF_DJANGO}


async def _polled(threads: Executor) -> AsyncGenerator[dict[str, int]]:
    loop = asyncio.get_running_loop()
    name = str(connection.settings_dict["NAME"])
    with closing(sqlite3.connect(name, check_same_thread=False, timeout=1)) as link:
        read: Callable[[], int] = lambda: link.execute("PRAGMA data_version").fetchone()[0]  # noqa: E731
        seen = -1
        while True:
            # Reads a few bytes of shared memory: microseconds, so no thread.
            version = read()
            if version != seen:
                seen = version
                yield await loop.run_in_executor(threads, revs)
            await asyncio.sleep(POLL_S)
