"""Our link and our simulated machines against somebody else's Modbus: pymodbus's own server and client."""

import asyncio

import pytest
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from apps.plc.link import DeviceException, Link
from apps.plc.types import Block, EndpointKey
from apps.simulators.plant.bank import Bank
from apps.simulators.plant.server import ModbusServer

pytestmark = pytest.mark.asyncio


class TestLink:
    async def test_reads_another_server(self) -> None:
        device = SimDevice(1, simdata=[SimData(0, values=list(range(200)), datatype=DataType.REGISTERS)])
        server = ModbusTcpServer(device, address=("127.0.0.1", 0))
        await server.serve_forever(background=True)
        port = server.transport.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        link = Link(EndpointKey("127.0.0.1", port))
        await link.connect()

        assert list(await link.read(1, Block("holding", 10, 4))) == [10, 11, 12, 13]
        with pytest.raises(DeviceException):
            await link.read(1, Block("holding", 1000, 4))
        assert list(await link.read(1, Block("holding", 75, 125)))[-1] == 199

        link.close()
        await server.shutdown()


class TestSimulator:
    async def test_another_client_reads_and_writes_it(self) -> None:
        bank = Bank(refused=((500, 510),))
        server = ModbusServer({1: bank, 7: Bank(holding={0: 77})})
        await server.start()
        client = AsyncModbusTcpClient("127.0.0.1", port=server.port, timeout=1, retries=0, reconnect_delay=0)
        await client.connect()

        await client.write_coil(3, value=True, device_id=1)
        await client.write_coils(8, [True, False, True], device_id=1)
        await client.write_register(20, 4711, device_id=1)
        await client.write_registers(30, [1, 2, 65_535], device_id=1)
        bits = await client.read_coils(3, count=8, device_id=1)
        words = await client.read_holding_registers(20, count=13, device_id=1)
        other = await client.read_holding_registers(0, count=1, device_id=7)
        refused = await client.read_holding_registers(495, count=10, device_id=1)
        unknown = await client.read_exception_status(device_id=1)

        assert bits.bits[:8] == [True, False, False, False, False, True, False, True]
        assert words.registers == [4711, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 65_535]
        assert other.registers == [77]
        assert (refused.exception_code, unknown.exception_code) == (2, 1)
        client.close()
        await server.stop()

    async def test_requests_sent_in_one_go_are_all_answered_in_order(self) -> None:
        server = ModbusServer({1: Bank(holding={0: 5, 1: 6})})
        await server.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)

        writer.write(b"".join(bytes([0, n, 0, 0, 0, 6, 1, 3, 0, n - 1, 0, 1]) for n in (1, 2)))
        found = await reader.readexactly(22)

        assert found == bytes([0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 5, 0, 2, 0, 0, 0, 5, 1, 3, 2, 0, 6])
        writer.close()
        await writer.wait_closed()
        await server.stop()
