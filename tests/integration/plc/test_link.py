"""The link against every way in which devices and gateways are known to misbehave, over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import pytest
import pytest_asyncio

from apps.plc.link import DeviceException, Link, LinkClosed, LinkError, LinkSurprise, LinkTimeout
from apps.plc.types import Block, EndpointKey
from apps.simulators.plant.bank import Bank
from apps.simulators.plant.server import ModbusServer

BLOCK = Block("holding", 100, 4)
VALUES = [11, 22, 33, 44]
OTHER = Block("holding", 0, 4)
TIMEOUT_MS = 150

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def server() -> AsyncIterator[ModbusServer]:
    bank = Bank()
    bank.put("holding", 100, VALUES)
    bank.put("holding", 0, [1, 2, 3, 4])
    bank.put("input", 100, [5, 6])
    bank.put("coil", 3, [1, 0, 1, 1, 0, 0, 0, 0, 1])
    bank.put("discrete", 8, [1])
    server = ModbusServer({1: bank})
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture
async def link(server: ModbusServer) -> AsyncIterator[Link]:
    link = Link(EndpointKey("127.0.0.1", server.port), connect_timeout_ms=500, timeout_ms=TIMEOUT_MS)
    await link.connect()
    yield link
    link.close()


class TestGoodAnswers:
    async def test_every_area_is_read(self, link: Link) -> None:
        assert list(await link.read(1, BLOCK)) == VALUES
        assert list(await link.read(1, Block("input", 100, 2))) == [5, 6]
        assert list(await link.read(1, Block("coil", 3, 9))) == [1, 0, 1, 1, 0, 0, 0, 0, 1]
        assert list(await link.read(1, Block("discrete", 8, 1))) == [1]

    @pytest.mark.parametrize("kind", ["trickle", "zero"])
    async def test_slow_bytes_and_a_transaction_of_zero_are_still_right(
        self, server: ModbusServer, link: Link, kind: str
    ) -> None:
        server.spoil(kind)

        assert list(await link.read(1, BLOCK, timeout_ms=1000)) == VALUES

    async def test_largest_blocks_fit(self, link: Link) -> None:
        assert len(await link.read(1, Block("holding", 0, 125))) == 125
        assert len(await link.read(1, Block("coil", 0, 2000))) == 2000

    async def test_only_reading_functions_ever_reach_the_machine(self, server: ModbusServer, link: Link) -> None:
        for area in ("coil", "discrete", "holding", "input"):
            await link.read(1, Block(area, 0, 1))  # type: ignore[arg-type]

        assert server.functions == {1, 2, 3, 4}
        assert not [name for name in dir(link) if "write" in name]


SURPRISES = [
    "wrong_function", "wrong_unit", "wrong_transaction", "short", "long", "odd", "empty", "bad_count", "bad_protocol", "garbage",
]  # fmt: skip


class TestBadAnswers:
    @pytest.mark.parametrize("kind", SURPRISES)
    async def test_an_answer_to_something_else_is_refused_at_once(
        self, server: ModbusServer, link: Link, kind: str
    ) -> None:
        server.spoil(kind, times=1)
        started = monotonic()

        with pytest.raises(LinkSurprise):
            await link.read(1, BLOCK)

        assert monotonic() - started < TIMEOUT_MS / 1000
        assert not link.connected

    @pytest.mark.parametrize("kind", ["silent", "truncated"])
    async def test_no_whole_answer_in_time_closes_the_connection(
        self, server: ModbusServer, link: Link, kind: str
    ) -> None:
        server.spoil(kind, times=1)

        with pytest.raises(LinkTimeout):
            await link.read(1, BLOCK)

        assert not link.connected

    @pytest.mark.parametrize("kind", ["close", "reset"])
    async def test_a_peer_that_goes_is_noticed_long_before_the_timeout(
        self, server: ModbusServer, link: Link, kind: str
    ) -> None:
        server.spoil(kind, times=1)
        started = monotonic()

        with pytest.raises(LinkClosed):
            await link.read(1, BLOCK, timeout_ms=5000)

        assert monotonic() - started < 0.5

    async def test_an_exception_keeps_the_connection(self, server: ModbusServer, link: Link) -> None:
        server.spoil("exception", number=6, times=1)

        with pytest.raises(DeviceException) as caught:
            await link.read(1, BLOCK)

        assert caught.value.code == 6
        assert list(await link.read(1, BLOCK)) == VALUES
        assert server.accepted == 1

    @pytest.mark.parametrize("kind", ["late_zero", "delay"])
    async def test_a_late_answer_is_never_taken_for_the_next_one(
        self, server: ModbusServer, link: Link, kind: str
    ) -> None:
        server.spoil(kind, number=TIMEOUT_MS / 1000 + 0.03, times=1)
        with pytest.raises(LinkTimeout):
            await link.read(1, OTHER)

        await link.connect()
        first = list(await link.read(1, BLOCK))
        await asyncio.sleep(0.1)
        second = list(await link.read(1, BLOCK))

        assert (first, second) == (VALUES, VALUES)

    async def test_a_late_answer_beside_a_large_one_is_no_trouble(self, server: ModbusServer, link: Link) -> None:
        big = Block("holding", 0, 125)
        server.spoil("delay", number=TIMEOUT_MS / 1000 + 0.03, times=1)
        with pytest.raises(LinkTimeout):
            await link.read(1, big)

        await link.connect()
        for _ in range(20):
            assert list(await link.read(1, big))[:4] == [1, 2, 3, 4]
            await asyncio.sleep(0.005)

    @pytest.mark.parametrize("kind", [*SURPRISES, "silent", "truncated", "close", "reset", "exception"])
    async def test_a_wrong_value_never_comes_out_and_the_next_read_is_right(
        self, server: ModbusServer, link: Link, kind: str
    ) -> None:
        server.spoil(kind, number=4, times=2)
        found = []
        for _ in range(4):
            try:
                if not link.connected:
                    await link.connect()
                found.append(list(await link.read(1, BLOCK)))
            except LinkError:
                continue

        assert found == [VALUES, VALUES]
        assert server.connections <= 2


class TestConnections:
    async def test_a_cancelled_read_spoils_the_connection(self, server: ModbusServer, link: Link) -> None:
        server.spoil("delay", number=0.05, times=1)
        task = asyncio.create_task(link.read(1, OTHER))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert not link.connected
        await link.connect()
        assert list(await link.read(1, BLOCK)) == VALUES

    async def test_connecting_again_leaves_no_socket_behind(self, server: ModbusServer, link: Link) -> None:
        for _ in range(5):
            await link.connect()
        await link.read(1, BLOCK)
        link.close()
        await asyncio.sleep(0.05)

        assert server.accepted == 6
        assert server.connections == 0

    async def test_nobody_there_is_said_at_once(self, server: ModbusServer) -> None:
        await server.stop()
        link = Link(EndpointKey("127.0.0.1", server.port))

        with pytest.raises(LinkClosed):
            await link.connect()
        with pytest.raises(LinkClosed):
            await link.read(1, BLOCK)

    @pytest.mark.parametrize("host", ["", "a..b", "\N{BLACK HEART SUIT}" * 80])
    async def test_a_name_that_is_none_is_a_closed_link(self, host: str) -> None:
        link = Link(EndpointKey(host or "256.256.256.256", 502), connect_timeout_ms=300)

        with pytest.raises(LinkClosed):
            await link.connect()

    async def test_a_peer_that_goes_between_two_reads_is_seen(self, server: ModbusServer, link: Link) -> None:
        await link.read(1, BLOCK)
        server.drop()
        await asyncio.sleep(0.02)

        assert not link.connected
        with pytest.raises(LinkClosed):
            await link.read(1, BLOCK)
        assert server.accepted == 1
