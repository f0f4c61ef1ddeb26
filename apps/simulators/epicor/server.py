"""The simulated Epicor on a port: HTTP/1.1 over asyncio, in whatever loop it is started in."""

import asyncio
import logging
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import h11

from apps.simulators.epicor import answers, control, routes
from apps.simulators.epicor.answers import Answer, Request
from apps.simulators.epicor.epicor import Epicor

log = logging.getLogger(__name__)
_MAX_BODY = 1024 * 1024
_READ = 65536


@dataclass(slots=True)
class Handle:
    """A running server: where it listens, and how it is stopped."""

    base_url: str
    control_url: str
    port: int
    _server: asyncio.Server
    _callers: set[asyncio.Task[None]]

    async def close(self) -> None:
        """Stop listening and drop the connections that are open."""
        self._server.close()
        callers = list(self._callers)
        for caller in callers:
            caller.cancel()
        await asyncio.gather(*callers, return_exceptions=True)
        await self._server.wait_closed()


async def serve(epicor: Epicor, host: str = "127.0.0.1", port: int = 0) -> Handle:
    """Serve the model until the handle is closed; port 0 takes a free one. Raises OSError when the port is taken."""
    callers: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        caller = asyncio.create_task(_caller(epicor, reader, writer))
        callers.add(caller)
        caller.add_done_callback(callers.discard)

    server = await asyncio.start_server(connected, host, port)
    taken = int(server.sockets[0].getsockname()[1])
    root = f"http://{host}:{taken}"
    return Handle(f"{root}/{epicor.instance}", f"{root}{control.PREFIX}", taken, server, callers)


async def _caller(epicor: Epicor, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await _connection(epicor, reader, writer)
    except (ConnectionError, h11.RemoteProtocolError):
        log.debug("a caller went away")
    finally:
        writer.transport.abort()


async def _connection(epicor: Epicor, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    connection = h11.Connection(h11.SERVER)
    while True:
        request = await _request(connection, reader)
        if request is None:
            return
        reply = await _reply(epicor, request)
        head = [
            ("Content-Type", reply.content_type), ("Content-Length", str(len(reply.body))),
            ("Server", "Microsoft-IIS/10.0"), *reply.headers.items(),
        ]  # fmt: skip
        response = h11.Response(status_code=reply.status, headers=head)
        for event in (response, h11.Data(data=reply.body), h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        await writer.drain()
        if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
            return
        connection.start_next_cycle()


async def _request(connection: h11.Connection, reader: asyncio.StreamReader) -> Request | None:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_READ))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > _MAX_BODY:
                return None
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return _shaped(head, bytes(body))
        else:
            return None


def _shaped(head: h11.Request, body: bytes) -> Request:
    target = urlsplit(head.target.decode("ascii", "replace"))
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in head.headers}
    query = dict(parse_qsl(target.query, keep_blank_values=True))
    return Request(head.method.decode(), target.path, query, headers, body)


async def _reply(epicor: Epicor, request: Request) -> Answer:
    if request.path.startswith(control.PREFIX):
        return control.answer(epicor, request)
    delay = epicor.behaviour.delay_s + epicor.behaviour.service_delay_s.get(routes.service_of(request), 0.0)
    if delay:
        await asyncio.sleep(delay)
    try:
        return routes.answer(epicor, request)
    except Exception:
        log.exception("the simulated Epicor failed on %s", request.path)
        return answers.error(500, "An error occurred on the server. See the server log.", "System.Exception")
