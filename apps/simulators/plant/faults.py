"""How real devices and gateways misbehave, as switches of a simulated one: each turns a proper reply into a bad one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from struct import pack

_EXCEPTION = 0x80


@dataclass(frozen=True, slots=True)
class Fault:
    """A way to misbehave: `kind`, a number where it needs one (seconds, exception code), and for how many replies."""

    kind: str
    number: float = 0
    # How many replies it spoils; None is all until it is taken away.
    times: int | None = None


class Hangup(Exception):
    """The device ends the connection here; `abort` sends a reset instead of a close."""

    def __init__(self, *, abort: bool) -> None:
        super().__init__()
        self.abort = abort


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with its proper reply, and how to send bytes."""

    request: bytes
    reply: bytes
    send: Callable[[bytes], Awaitable[None]]

    @property
    def function(self) -> int:
        """The function code that was asked."""
        return self.request[7]


def frame(like: bytes, pdu: bytes, *, transaction: int | None = None, unit: int | None = None) -> bytes:
    """A reply to a request: its header with another body, and where asked another transaction or unit."""
    tid = int.from_bytes(like[:2], "big") if transaction is None else transaction
    return pack(">HHHB", tid, 0, len(pdu) + 1, like[6] if unit is None else unit) + pdu


async def silent(exchange: Exchange, fault: Fault) -> None:
    """No answer, the connection stays."""


async def delay(exchange: Exchange, fault: Fault) -> None:
    """The right answer, `number` seconds late."""
    await asyncio.sleep(fault.number)
    await exchange.send(exchange.reply)


async def hang_up(exchange: Exchange, fault: Fault, *, abort: bool) -> None:
    """The connection ends while the request waits."""
    raise Hangup(abort=abort)


async def truncated(exchange: Exchange, fault: Fault) -> None:
    """Half of the answer, then nothing."""
    await exchange.send(exchange.reply[: len(exchange.reply) // 2 + 2])


async def trickle(exchange: Exchange, fault: Fault) -> None:
    """The right answer byte by byte."""
    for byte in exchange.reply:
        await exchange.send(bytes([byte]))
        await asyncio.sleep(fault.number or 0.001)


async def wrong_function(exchange: Exchange, fault: Fault) -> None:
    """The answer to another function: 4 for 3 and 3 for everything else."""
    other = 4 if exchange.function == 3 else 3
    await exchange.send(frame(exchange.request, bytes([other]) + exchange.reply[8:]))


async def wrong_unit(exchange: Exchange, fault: Fault) -> None:
    """The answer of a neighbour."""
    await exchange.send(frame(exchange.request, exchange.reply[7:], unit=(exchange.request[6] + 1) % 256))


async def resized(exchange: Exchange, fault: Fault, *, by: int) -> None:
    """An answer with more or fewer bytes than were asked, consistent in itself."""
    body = exchange.reply[9:]
    body = body[:by] if by < 0 else body + bytes(by)
    await exchange.send(frame(exchange.request, bytes([exchange.function, len(body)]) + body))


async def empty(exchange: Exchange, fault: Fault) -> None:
    """An answer without a single value (jsmodbus does this out of range)."""
    await exchange.send(frame(exchange.request, bytes([exchange.function, 0])))


async def bad_count(exchange: Exchange, fault: Fault) -> None:
    """A byte count that does not fit the frame."""
    await exchange.send(frame(exchange.request, bytes([exchange.function, 200]) + exchange.reply[9:]))


async def exception(exchange: Exchange, fault: Fault) -> None:
    """A Modbus exception with code `number`."""
    await exchange.send(frame(exchange.request, bytes([exchange.function | _EXCEPTION, int(fault.number)])))


async def late_zero(exchange: Exchange, fault: Fault) -> None:
    """The right answer with transaction id 0, `number` seconds late."""
    await asyncio.sleep(fault.number)
    await exchange.send(frame(exchange.request, exchange.reply[7:], transaction=0))


async def zero(exchange: Exchange, fault: Fault) -> None:
    """The right answer with transaction id 0, in time: some devices always do this."""
    await exchange.send(frame(exchange.request, exchange.reply[7:], transaction=0))


async def wrong_transaction(exchange: Exchange, fault: Fault) -> None:
    """The answer to a request that was never made."""
    tid = (int.from_bytes(exchange.request[:2], "big") + 7) % 65_536
    await exchange.send(frame(exchange.request, exchange.reply[7:], transaction=tid))


async def bad_protocol(exchange: Exchange, fault: Fault) -> None:
    """A protocol id that is not Modbus."""
    await exchange.send(exchange.reply[:2] + b"\x12\x34" + exchange.reply[4:])


async def garbage(exchange: Exchange, fault: Fault) -> None:
    """Text of another protocol."""
    await exchange.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")


async def torn(exchange: Exchange, fault: Fault) -> None:
    """The first register from before a carry: a 32-bit value that was read in two halves."""
    first = (int.from_bytes(exchange.reply[9:11], "big") + 1) % 65_536
    await exchange.send(exchange.reply[:9] + pack(">H", first) + exchange.reply[11:])


KINDS: dict[str, Callable[[Exchange, Fault], Awaitable[None]]] = {
    "silent": silent,
    "delay": delay,
    "close": partial(hang_up, abort=False),
    "reset": partial(hang_up, abort=True),
    "truncated": truncated,
    "trickle": trickle,
    "wrong_function": wrong_function,
    "wrong_unit": wrong_unit,
    "short": partial(resized, by=-2),
    "long": partial(resized, by=2),
    "odd": partial(resized, by=1),
    "empty": empty,
    "bad_count": bad_count,
    "exception": exception,
    "late_zero": late_zero,
    "zero": zero,
    "wrong_transaction": wrong_transaction,
    "bad_protocol": bad_protocol,
    "garbage": garbage,
    "torn": torn,
}
