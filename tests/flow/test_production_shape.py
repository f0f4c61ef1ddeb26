"""All processes of a site, started for real: what happens at a machine and in Epicor is on a socket a moment later."""

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Role, User
from apps.epicor.keys import issue
from apps.lines.models import Line
from apps.shared.clock import now_us
from apps.shared.instants import iso
from apps.simulators.plant.machine import MachineProfile
from tests.integration.plc.floor import Floor
from tests.make import boards as make
from tests.make.events import labor
from tests.make.processes import Site
from tests.make.sockets import Socket, open_socket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres, pytest.mark.redis, pytest.mark.slow]

# Fast enough that parts come during the test.
PROFILE = MachineProfile(cycle_s=0.5)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def _supervisor() -> str:
    user = User.objects.create(username="sup")
    Role.objects.create(user=user, company=make.COMPANY, plant=make.PLANT, name=Role.Name.SUPERVISOR)
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


def _post_start(site: Site, at: int) -> int:
    """Epicor says that somebody started the operation; the answer's status."""
    event = labor(at=at, JobNum="004512-1", ResourceID="MILL-1")
    request = urllib.request.Request(
        f"http://127.0.0.1:{site.port}/api/epicor/events/",
        json.dumps(event | {"time": iso(at)}).encode(),
        {"Content-Type": "application/cloudevents+json", "Authorization": f"Bearer {issue(make.COMPANY, 'test').key}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
        return int(answer.status)


async def _until(socket: Socket, wanted: dict[str, Any], within: float = 30) -> dict[str, Any]:
    """The first message in which all of this is so."""
    async with asyncio.timeout(within):
        while True:
            message = await socket.message(within)
            if all(message[key] == value for key, value in wanted.items()):
                return message


class TestProduction:
    def test_a_stop_is_on_the_socket_with_its_job(self, stack: ExitStack) -> None:
        floor = stack.enter_context(Floor())
        make.plant("mill-1", round_the_clock=True)
        make.tell([make.job()], now=now_us())
        table = floor.add("mill-1", PROFILE, held=False)
        Line.objects.update(plc=table)
        site = stack.enter_context(Site())
        site.as_deployed()
        site.ingester()
        cookie = _supervisor()

        async def watch() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], float]:
            async with open_socket(site.port, "/ws/board/mill-1/", cookie=cookie) as socket:
                await _until(socket, {"word": "running"})
                assert await asyncio.to_thread(_post_start, site, now_us()) == 202
                running = await _until(socket, {"word": "running", "unresolved": False, "fault": 0})
                while running["job"] is None:
                    running = await _until(socket, {"word": "running"})
                began = asyncio.get_running_loop().time()
                await asyncio.to_thread(floor.hold, "mill-1", 12)
                stopped = await _until(socket, {"word": "micro_stop"})
                took = asyncio.get_running_loop().time() - began
                settled = await _until(socket, {"word": "micro_stop", "provisional": False})
                return running, stopped, settled, took

        running, stopped, settled, took = asyncio.run(watch())

        assert (running["job"]["JobNum"], running["job"]["OprSeq"]) == ("004512-1", 20)
        assert stopped["job"] == running["job"]
        assert (stopped["fault"], settled["fault"]) == (12, 12)
        assert stopped["since"] == settled["since"]
        # The machine is polled every 50 ms; the rest is for a busy computer.
        assert took < 3
