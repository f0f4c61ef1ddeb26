"""The two ways in which a hub hears of changes: the channel layer, and the database itself."""

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextlib import aclosing
from typing import Any

from channels.layers import get_channel_layer

from apps.live import versions
from apps.shared import announce

_RENEW_S = 1800.0  # layers drop a membership after a day: renewed long before


class Ears:
    """Hears nudges and revs for one hub; both are jobs for a supervisor."""

    def __init__(
        self,
        threads: Executor,
        *,
        on_rev: Callable[[Mapping[str, int]], None],
        on_ahead: Callable[[str, Mapping[str, Any]], None],
    ) -> None:
        self.heard_at = time.monotonic()
        self._threads = threads
        self._on_rev = on_rev
        self._on_ahead = on_ahead

    async def layer(self) -> None:
        """Be the process's one channel in the group, for ever."""
        layer = get_channel_layer()
        if layer is None:
            raise LookupError("no channel layer is configured")
        announce.attach(asyncio.get_running_loop())
        me = await layer.new_channel()
        await layer.group_add(announce.GROUP, me)
        keeper = asyncio.create_task(self._keep(layer, me))
        try:
            while True:
                # Never cancelled to time out: the layer would take that for leaving.
                self._hear(await layer.receive(me))
        finally:
            keeper.cancel()

    async def database(self) -> None:
        """Hear revs that other processes wrote, layer or not."""
        async with aclosing(versions.changes(self._threads)) as found:
            async for revs in found:
                self._on_rev(revs)

    async def echo(self) -> None:
        """Send a word to ourselves through the layer: hearing it says that the layer and the pump live."""
        await announce.echo()

    def _hear(self, message: Mapping[str, Any]) -> None:
        self.heard_at = time.monotonic()
        if "ahead" in message:
            self._on_ahead(message["line"], message["ahead"])
        elif message["line"]:
            self._on_rev({message["line"]: message["rev"]})

    async def _keep(self, layer: Any, me: str) -> None:
        while True:
            await asyncio.sleep(_RENEW_S)
            await layer.group_add(announce.GROUP, me)
