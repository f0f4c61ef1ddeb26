"""The way to a database, which a test can cut and mend."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from tests.integration.plc.floor import Floor


class Cable(Protocol):
    """What a process needs to get there (`port` "" is the usual one), and the two things that happen to it."""

    name: str
    port: str

    def cut(self) -> None:
        """The database is away."""

    def mend(self) -> None:
        """It is back."""


class FileCable:
    """SQLite: the process knows the file by a link."""

    def __init__(self, link: Path, target: Path) -> None:
        self._link, self._target = link, target
        self.name, self.port = str(link), ""
        link.symlink_to(target)

    def cut(self) -> None:
        """Let the link point to nowhere."""
        self._link.unlink()
        self._link.symlink_to(self._link.parent / "nowhere" / "gone.sqlite3")

    def mend(self) -> None:
        """Let it point to the database again."""
        self._link.unlink()
        self._link.symlink_to(self._target)


class Proxy:
    """A port that leads to another one while it is mended."""

    def __init__(self, host: str, port: int, name: str) -> None:
        self._target, self.name = (host, port), name
        self.port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def mend(self) -> None:
        """Listen; the port stays the same."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Listen no more, and end what is open as a broken cable does."""
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._open):
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._target)
        self._open |= {writer, back}
        await asyncio.gather(_pump(reader, back), _pump(there, writer))
        self._open -= {writer, back}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


class ProxyCable:
    """PostgreSQL: the process knows the server by the proxy's port."""

    def __init__(self, proxy: Proxy, floor: Floor) -> None:
        self._proxy, self._floor = proxy, floor
        self.name, self.port = proxy.name, str(proxy.port)

    def cut(self) -> None:
        """Cut the proxy, in the loop where it lives."""
        self._floor.do(self._proxy.cut)

    def mend(self) -> None:
        """Mend it."""
        self._floor.do(self._proxy.mend)
