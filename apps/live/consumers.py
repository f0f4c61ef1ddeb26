"""The sockets of boards and plant pages: let in, hand on, look again every minute. What a browser sends is ignored."""

import asyncio
import contextlib
from typing import Any

import structlog
from asgiref.sync import sync_to_async
from autobahn.exception import Disconnected
from channels.generic.websocket import AsyncWebsocketConsumer

from apps.live import doors, hub
from apps.live.slots import Slot
from apps.shared.clock import now_us

RECHECK_S = 60.0
# Ours, as 1011 may only be said by the server itself: something broke, connect again.
AGAIN = 4500
_log = structlog.get_logger(__name__)


class LiveConsumer(AsyncWebsocketConsumer):
    """One socket with one slot of the hub."""

    # An alias that is not configured: Channels makes no channel for the socket, the hub has the process's only one.
    channel_layer_alias = "none"
    slot: Slot | None = None
    tasks: tuple[asyncio.Task[None], ...] = ()

    def watched(self) -> doors.Watched:
        """What the address asks for."""
        named = self.scope["url_route"]["kwargs"]
        return doors.Watched(named.get("company", ""), named.get("plant", ""), named.get("slug", ""))

    async def connect(self) -> None:
        """Accept first, so that a refusal has a code that the page can read."""
        await self.accept()
        answer = await self.ask()
        if answer.code:
            await self.close(answer.code)
            return
        watched = self.watched()
        self.slot = hub.current().join(answer.lines, "" if watched.slug else f"{watched.company}/{watched.plant}")
        self.tasks = (asyncio.create_task(self.write(self.slot)), asyncio.create_task(self.recheck()))

    async def ask(self) -> doors.Answer:
        """The door's answer for this handshake as things are now."""
        headers = dict(self.scope["headers"])
        if not doors.is_own_origin(headers):
            return doors.Answer(doors.ELSEWHERE)
        # A thread of its own: the one that Channels shares would make every socket wait for one slow read.
        return await sync_to_async(doors.admit, thread_sensitive=False)(headers, self.watched(), now_us())

    async def write(self, slot: Slot) -> None:
        """Send what the hub hands over, newest only."""
        try:
            while True:
                for text in await slot.take():
                    await self.base_send({"type": "websocket.send", "text": text})
        except Disconnected:
            # The page has gone; `disconnect` follows.
            return
        except Exception as problem:  # noqa: BLE001 - an open socket that says nothing would be a frozen board
            _log.warning("a board can't be written to: it has to connect again", problem=repr(problem))
            with contextlib.suppress(Disconnected):
                await self.close(AGAIN)

    async def recheck(self) -> None:
        """Close once the principal is gone, signed out, revoked or moved to another plant, or the plant has other lines."""
        while True:
            await asyncio.sleep(RECHECK_S)
            try:
                answer = await self.ask()
            except Exception as problem:  # noqa: BLE001 - whatever the database's client raises, we ask again
                _log.warning("who watches a board could not be checked: asked again", problem=repr(problem))
                continue
            code = answer.code or (AGAIN if self.slot and frozenset(answer.lines) != self.slot.topics else 0)
            if code:
                await self.close(code)
                return

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_more: Any) -> None:
        """People act over HTTP: nothing that comes in over a socket means anything."""

    async def disconnect(self, code: int) -> None:
        """Leave the hub."""
        for task in self.tasks:
            task.cancel()
        if self.slot is not None:
            hub.current().leave(self.slot)
        for task in self.tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
