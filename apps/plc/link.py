"""One Modbus TCP connection that reads and can do nothing else; pymodbus, with what it lets pass refused.

pymodbus 3.16 accepts a reply of another function, with another number of registers, or with transaction id 0,
and does not notice that the peer has gone while a request waits. Each of these ends as a wrong number or a long
silence. So every reply is looked at before pymodbus sees it, and after anything doubtful the connection is closed.
"""

import asyncio
import logging
from collections.abc import Sequence
from time import monotonic

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from apps.plc.types import BIT_AREAS, FUNCTIONS, Block, EndpointKey

# It logs every packet of every failure with a traceback; we log once for each change of condition.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)

_HEADER = 8
_EXCEPTION = 0x80


class LinkError(Exception):
    """A read that brought nothing. Each kind says what to do next."""


class LinkTimeout(LinkError):
    """No answer in time: the connection is closed, because a late answer would be taken for the next one's."""


class LinkClosed(LinkError):
    """The other side refused, closed or reset the connection, or is not there."""


class LinkSurprise(LinkError):
    """An answer to something that was not asked: wrong function, unit or length. The connection is closed."""


class DeviceException(LinkError):
    """The device answered with a Modbus exception; the connection is fine."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code}")
        self.code = code


class Link:
    """A connection to one endpoint: at most one request is under way. Times are in milliseconds."""

    def __init__(self, key: EndpointKey, *, connect_timeout_ms: int = 2000, timeout_ms: int = 500) -> None:
        self.key = key
        self.connect_timeout_ms = connect_timeout_ms
        self.timeout_ms = timeout_ms
        self._client: AsyncModbusTcpClient | None = None
        self._asked: tuple[int, Block] | None = None

    @property
    def connected(self) -> bool:
        """Whether a request can be sent now."""
        return self._client is not None and self._client.connected

    async def connect(self) -> None:
        """Open a new connection, closing the one before. Raises LinkClosed."""
        self.close()
        client = AsyncModbusTcpClient(
            self.key.host,
            port=self.key.port,
            timeout=self.connect_timeout_ms / 1000,
            retries=0,
            reconnect_delay=0,
            trace_connect=self._on_connection,
            trace_packet=self._on_packet,
        )
        self._client = client
        try:
            is_open = await client.connect()
        except UnicodeError:
            is_open = False
        except BaseException:
            self.close()
            raise
        if not is_open:
            self.close()
            raise LinkClosed("no connection")
        # From here on the one timeout that pymodbus has is that of a request.
        client.ctx.comm_params.timeout_connect = self.timeout_ms / 1000

    def close(self) -> None:
        """Close the connection; a request that waits ends with LinkClosed."""
        client, self._client = self._client, None
        if client is not None:
            self._fail(client, LinkClosed("closed"))
            client.close()

    async def read(self, device_id: int, block: Block, *, timeout_ms: int | None = None) -> Sequence[int]:
        """The registers or bits of a block. Raises a LinkError; after all but a DeviceException the link is closed."""
        client = self._client
        if client is None or not client.connected:
            self.close()
            raise LinkClosed("not connected")
        client.ctx.comm_params.timeout_connect = (timeout_ms or self.timeout_ms) / 1000
        started = monotonic()
        self._asked = (device_id, block)
        try:
            reply = await self._request(client, device_id, block)
            return _content(reply, device_id, block)
        except DeviceException:
            raise
        except LinkError:
            self.close()
            raise
        except ModbusException as problem:
            self.close()
            raise LinkTimeout(f"no answer within {round((monotonic() - started) * 1000)} ms") from problem
        except BaseException:
            # Cancelled too: pymodbus does not promise that the next read gets its own answer.
            self.close()
            raise
        finally:
            self._asked = None

    async def _request(self, client: AsyncModbusTcpClient, device_id: int, block: Block) -> ModbusPDU:
        reads = {
            "coil": client.read_coils,
            "discrete": client.read_discrete_inputs,
            "holding": client.read_holding_registers,
            "input": client.read_input_registers,
        }
        return await reads[block.area](block.start, count=block.count, device_id=device_id)

    def _on_connection(self, up: bool) -> None:  # noqa: FBT001 - the library calls it
        if not up and self._client is not None:
            self._fail(self._client, LinkClosed("closed by the machine"))

    def _on_packet(self, sending: bool, data: bytes) -> bytes:  # noqa: FBT001 - the library calls it
        """Let a packet through, or fail the request that waits for it."""
        if sending or self._asked is None or self._client is None:
            return data
        problem = surprise(data, *self._asked, transaction=self._client.ctx.request_transaction_id)
        if problem is None:
            return data
        self._fail(self._client, LinkSurprise(problem))
        return b""

    @staticmethod
    def _fail(client: AsyncModbusTcpClient, problem: LinkError) -> None:
        waiting: asyncio.Future[ModbusPDU] = client.ctx.response_future
        if not waiting.done():
            waiting.set_exception(problem)
            # Nobody waits for it between two requests: then it is no news.
            waiting.exception()


def surprise(data: bytes, device_id: int, block: Block, *, transaction: int) -> str | None:
    """What is wrong with the bytes received so far as an answer to this request; None where they may become one.

    Some devices answer every request with transaction 0: harmless, as nothing late can arrive on a link that is
    closed after every timeout.
    """
    if len(data) <= _HEADER:
        return None
    if data[2:4] != b"\0\0":
        return "not Modbus"
    if int.from_bytes(data[:2], "big") not in (0, transaction):
        return "answer to another request"
    return _misfit(data, device_id, block)


def _misfit(data: bytes, device_id: int, block: Block) -> str | None:
    function = FUNCTIONS[block.area]
    length = int.from_bytes(data[4:6], "big")
    if device_id and data[6] != device_id:
        return f"answer of unit {data[6]}"
    if data[7] == function | _EXCEPTION:
        return None if length == 3 else f"exception of {length} bytes"
    if data[7] != function:
        return f"answer to function {data[7]}"
    size = (block.count + 7) // 8 if block.area in BIT_AREAS else block.count * 2
    if length != size + 3 or data[8] != size:
        return f"answer of {data[8]} bytes where {size} were asked"
    return None


def _content(reply: ModbusPDU, device_id: int, block: Block) -> Sequence[int]:
    """What a reply holds, checked once more as decoded."""
    if reply.isError():
        raise DeviceException(reply.exception_code)
    if reply.function_code != FUNCTIONS[block.area] or (device_id and reply.dev_id != device_id):
        raise LinkSurprise("answer to another request")
    if block.area in BIT_AREAS:
        found: Sequence[int] = [int(bit) for bit in reply.bits[: block.count]]
    else:
        found = reply.registers
    if len(found) != block.count:
        raise LinkSurprise(f"{len(found)} values where {block.count} were asked")
    return found
