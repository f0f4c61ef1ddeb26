"""A browser's side of a websocket: handshake, text frames, closing code. Over a real connection, nothing more."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


@dataclass(slots=True)
class Socket:
    """An open websocket. `code` is the closing code once it closed."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    status: int
    code: int | None = None

    async def text(self, within: float = 10) -> str | None:
        """The next text; None once the other side closed."""
        async with asyncio.timeout(within):
            while self.code is None:
                kind, body = await self._frame()
                if kind == _TEXT:
                    return body.decode()
                if kind == _PING:
                    self._send(_PONG, body)
                if kind == _CLOSE:
                    self.code = int.from_bytes(body[:2], "big") if body else 1005
                    self._send(_CLOSE, body[:2])
        return None

    async def message(self, within: float = 10) -> dict[str, Any]:
        """The next message that is not a heartbeat. Raises ConnectionError where the socket closes instead."""
        async with asyncio.timeout(within):
            while True:
                text = await self.text(within)
                if text is None:
                    raise ConnectionError(f"closed with {self.code}")
                found: dict[str, Any] = json.loads(text)
                if found["kind"] != "beat":
                    return found

    def say(self, text: str) -> None:
        """Send a text, as a page never does."""
        self._send(_TEXT, text.encode())

    async def _frame(self) -> tuple[int, bytes]:
        try:
            first, second = await self.reader.readexactly(2)
            length = second & 127
            if length == 126:
                length = int.from_bytes(await self.reader.readexactly(2), "big")
            elif length == 127:
                length = int.from_bytes(await self.reader.readexactly(8), "big")
            return first & 15, await self.reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            return _CLOSE, (1006).to_bytes(2, "big")

    def _send(self, kind: int, body: bytes) -> None:
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(body))
        length = bytes([128 | len(body)]) if len(body) < 126 else bytes([128 | 127]) + len(body).to_bytes(8, "big")
        self.writer.write(bytes([128 | kind]) + length + mask + masked)


@asynccontextmanager
async def open_socket(
    port: int, path: str, *, cookie: str = "", origin: str | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Socket]:
    """Shake hands, and go away at the end; without `origin` it is the server's own."""
    reader, writer = await asyncio.open_connection(host, port)
    own = f"http://{host}:{port}"
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        f"Origin: {own if origin is None else origin}",
        *([f"Cookie: {cookie}"] if cookie else []),
    ]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    head = await reader.readuntil(b"\r\n\r\n")
    try:
        yield Socket(reader, writer, int(head.split()[1]))
    finally:
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()
