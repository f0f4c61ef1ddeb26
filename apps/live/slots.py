"""What waits to be sent to one socket: per topic only the newest, so a slow screen costs one picture and no more."""

import asyncio


class Slot:
    """One socket's waiting texts. Topics are slugs of lines, `plant` and `beat`."""

    __slots__ = ("_pending", "_ready", "topics")

    def __init__(self, topics: frozenset[str]) -> None:
        self.topics = topics
        self._pending: dict[str, str] = {}
        self._ready = asyncio.Event()

    def put(self, topic: str, text: str) -> None:
        """Replace what waits under this topic."""
        self._pending[topic] = text
        self._ready.set()

    async def take(self) -> list[str]:
        """Wait for anything, and take all of it."""
        await self._ready.wait()
        self._ready.clear()
        texts, self._pending = list(self._pending.values()), {}
        return texts
