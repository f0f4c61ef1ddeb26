"""A Modbus TCP server: several units on one port, each a Bank, each with a way to misbehave."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from struct import pack, unpack

from apps.simulators.plant.bank import Bank
from apps.simulators.plant.faults import KINDS, Exchange, Fault, Hangup, frame

_EXCEPTION = 0x80
_READS, _BITS = frozenset({1, 2, 3, 4}), frozenset({1, 2})
_LIMIT = {1: 2000, 2: 2000, 3: 125, 4: 125}


class ModbusServer:
    """Serves banks by unit id on a loopback port; port 0 asks the operating system for a free one.

    A request for a unit that is not there is not answered, as behind a gateway.
    """

    def __init__(self, banks: dict[int, Bank], *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.banks = banks
        self.faults: dict[int, Fault] = {}
        self.host, self.port = host, port
        # Requests seen so far, and connections ever accepted: what a test asks about a client's manners.
        self.requests = 0
        self.accepted = 0
        self.functions: set[int] = set()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> int:
        """Connections that are open now."""
        return len(self._open)

    async def start(self) -> None:
        """Listen; afterwards `port` is the real one, and stays it over stop and start."""
        self._server = await asyncio.start_server(self._accept, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        self.drop()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._server = None

    def drop(self) -> None:
        """Reset every open connection."""
        for writer in tuple(self._open):
            writer.transport.abort()

    def spoil(self, kind: str, *, unit: int = 1, number: float = 0, times: int | None = None) -> None:
        """Misbehave from the next reply of a unit on (faults.KINDS), for so many replies."""
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is no fault: {', '.join(sorted(KINDS))}.")
        self.faults[unit] = Fault(kind, number, times)

    def heal(self, units: Iterable[int] | None = None) -> None:
        """Behave again."""
        for unit in tuple(self.faults) if units is None else units:
            self.faults.pop(unit, None)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self._open.add(writer)
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            while True:
                await self._serve(await _request(reader), writer)
        except Hangup as end:
            if end.abort:
                writer.transport.abort()
        except (asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _serve(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        self.requests += 1
        self.functions.add(request[7])
        unit = request[6]
        bank = self.banks.get(unit)
        if bank is None or not bank.refresh():
            return

        async def send(data: bytes) -> None:
            writer.write(data)
            await writer.drain()

        exchange = Exchange(request, frame(request, answer(bank, request[7:])), send)
        fault = self._due(unit)
        if fault is None:
            await send(exchange.reply)
        else:
            await KINDS[fault.kind](exchange, fault)

    def _due(self, unit: int) -> Fault | None:
        fault = self.faults.get(unit)
        if fault is None or fault.times is None:
            return fault
        if fault.times <= 1:
            del self.faults[unit]
        else:
            self.faults[unit] = Fault(fault.kind, fault.number, fault.times - 1)
        return fault


async def _request(reader: asyncio.StreamReader) -> bytes:
    header = await reader.readexactly(6)
    return header + await reader.readexactly(int.from_bytes(header[4:6], "big"))


def answer(bank: Bank, pdu: bytes) -> bytes:
    """The reply to one request body: values, an echo of what was written, or an exception (1 function, 2 address,
    3 count)."""
    function = pdu[0]
    area = bank.area(function)
    if area is None or len(pdu) < 5:
        return bytes([function | _EXCEPTION, 1])
    start, count = unpack(">HH", pdu[1:5])
    if function in _READS:
        return _read(bank, area, function, start, count)
    if function in (15, 16):
        _write_many(area, function, start, count, pdu[6:])
    else:
        area[start] = int(count == 0xFF00) if function == 5 else count
    return pdu[:5]


def _read(bank: Bank, area: dict[int, int], function: int, start: int, count: int) -> bytes:
    if not 1 <= count <= _LIMIT[function]:
        return bytes([function | _EXCEPTION, 3])
    if bank.refuses(start, count):
        return bytes([function | _EXCEPTION, 2])
    found = [area.get(address, 0) for address in range(start, start + count)]
    if function in _BITS:
        packed = sum(bool(bit) << place for place, bit in enumerate(found))
        body = packed.to_bytes((count + 7) // 8, "little")
    else:
        body = pack(f">{count}H", *found)
    return bytes([function, len(body)]) + body


def _write_many(area: dict[int, int], function: int, start: int, count: int, body: bytes) -> None:
    for offset in range(count):
        if function == 15:
            area[start + offset] = body[offset // 8] >> offset % 8 & 1
        else:
            area[start + offset] = int.from_bytes(body[2 * offset : 2 * offset + 2], "big")
