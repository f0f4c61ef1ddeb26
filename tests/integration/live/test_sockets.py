"""The sockets of a real web process: who is let in, what they hear, and that what they say means nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TypeVar

import pytest
from django.test import Client

from apps.accounts.models import Device, Role, User
from apps.accounts.queries import token_hash
from apps.lines.models import Line
from apps.lines.operations import bump
from apps.shared import clock
from apps.shared.instants import MINUTE, from_us
from tests.make import boards as make
from tests.make.processes import Site
from tests.make.sockets import Socket, open_socket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]
Answer = TypeVar("Answer")


@pytest.fixture
def site() -> Iterator[Site]:
    """A plant with a line that runs, and a web process."""
    make.plant("mill-1", "mill-2", round_the_clock=True)
    start = clock.now_us() - 10 * MINUTE
    make.tell([make.job()], [make.sign_on("mill-1", "004512-1", start, seq=1)], now=start)
    make.run("mill-1", [(600, True, 0)], start=start)
    with Site() as started:
        started.web()
        yield started


def _session(plant: str = make.PLANT) -> str:
    user = User.objects.create(username="sup")
    Role.objects.create(user=user, company=make.COMPANY, plant=plant, name=Role.Name.SUPERVISOR)
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


def _run(job: Callable[[], Awaitable[Answer]]) -> Answer:
    async def bounded() -> Answer:
        async with asyncio.timeout(30):
            return await job()

    return asyncio.run(bounded())


def _code_of(site: Site, path: str, **how: str) -> int | None:
    async def job() -> int | None:
        async with open_socket(site.port, path, **how) as socket:
            while await socket.text() is not None:
                pass
            return socket.code

    return _run(job)


class TestDoor:
    def test_strangers_other_plants_foreign_pages_and_unknown_lines_are_turned_away(self, site: Site) -> None:
        board = "/ws/board/mill-1/"
        make.plant("far-1", code="Other")
        cookie = _session("Other")

        assert _code_of(site, board) == 4401
        assert _code_of(site, board, cookie="sessionid=made-up; jobline_device=made-up") == 4401
        assert _code_of(site, board, cookie=cookie) == 4403
        assert _code_of(site, f"/ws/plant/{make.COMPANY}/{make.PLANT}/", cookie=cookie) == 4403
        assert _code_of(site, "/ws/board/no-such/", cookie=cookie) == 4404

    def test_a_malformed_cookie_of_somebody_else_spoils_none_of_ours(self, site: Site) -> None:
        async def job(cookie: str) -> str:
            async with open_socket(site.port, "/ws/board/mill-1/", cookie=cookie) as socket:
                return str((await socket.message())["kind"])

        cookie = f'consent={{"level":["n"]}}; {_session()}; foo; a b=c'

        assert _run(lambda: job(cookie)) == "board"

    def test_pages_of_another_host_or_port_are_turned_away(self, site: Site) -> None:
        cookie = _session()
        foreign = ("http://evil.example", "http://127.0.0.1:1", "null", f"http://localhost:{site.port}")

        assert [_code_of(site, "/ws/board/mill-1/", cookie=cookie, origin=origin) for origin in foreign] == [4403] * 4

    def test_a_paired_screen_sees_its_plant_until_it_is_revoked(self, site: Site) -> None:
        now = from_us(clock.now_us())
        device = Device.objects.create(
            name="Hall 1",
            kind="kiosk",
            company=make.COMPANY,
            plant=make.PLANT,
            token_hash=token_hash("t"),
            paired_at=now,
        )
        how = {"cookie": "jobline_device=t"}

        async def job() -> str:
            async with open_socket(site.port, "/ws/board/mill-1/", **how) as socket:
                return str((await socket.message())["state"])

        assert _run(job) in {"run", "planned", "nosig", "slow"}
        Device.objects.filter(pk=device.pk).update(revoked_at=now)
        assert _code_of(site, "/ws/board/mill-1/", **how) == 4401


class TestBoard:
    def test_hears_the_picture_at_once_and_again_when_the_rev_rises(self, site: Site) -> None:
        cookie = _session()

        async def job() -> tuple[int, int]:
            async with open_socket(site.port, "/ws/board/mill-1/", cookie=cookie) as socket:
                first = await socket.message()
                # From this process, which the web process can only notice in the database (or through the layer).
                await asyncio.to_thread(_raise_rev)
                while (later := await socket.message())["rev"] == first["rev"]:
                    pass
                assert later["boot"] == first["boot"]
                return int(first["rev"]), int(later["rev"])

        first, later = _run(job)

        assert later == first + 1

    def test_a_plant_page_hears_its_head_and_every_line(self, site: Site) -> None:
        cookie = _session()

        async def job() -> list[dict[str, object]]:
            async with open_socket(site.port, f"/ws/plant/{make.COMPANY}/{make.PLANT}/", cookie=cookie) as socket:
                return [await socket.message() for _ in range(3)]

        heard = _run(job)

        assert sorted(str(message["kind"]) for message in heard) == ["plant", "tile", "tile"]
        assert all("hours" not in message for message in heard)

    def test_what_a_browser_says_is_ignored_and_a_flood_is_refused(self, site: Site) -> None:
        cookie = _session()

        async def job() -> tuple[str, int | None]:
            async with open_socket(site.port, "/ws/board/mill-1/", cookie=cookie) as socket:
                socket.say('{"state":"run"}')
                kind = str((await socket.message())["kind"])
                socket.say("x" * 70_000)
                while await socket.text() is not None:
                    pass
                return kind, socket.code

        # The server hangs up without a word.
        assert _run(job) == ("board", 1006)

    def test_heartbeats_come_when_nothing_happens(self, site: Site) -> None:
        cookie = _session()

        async def job() -> list[str]:
            async with open_socket(site.port, "/ws/board/mill-2/", cookie=cookie) as socket:
                return [kind async for kind in _kinds(socket, 7)]

        assert "beat" in _run(job)


def _raise_rev() -> None:
    bump([Line.objects.get(slug="mill-1").pk])


async def _kinds(socket: Socket, seconds: float) -> AsyncIterator[str]:
    until = asyncio.get_running_loop().time() + seconds
    while (left := until - asyncio.get_running_loop().time()) > 0:
        try:
            text = await socket.text(left)
        except TimeoutError:
            return
        yield "beat" if text and '"beat"' in text else "other"
