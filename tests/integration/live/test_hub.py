"""The hub: one read for all who watch, the newest picture for each, news ahead of the figures, revs from elsewhere."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from django.db import OperationalError, connections
from structlog.testing import capture_logs

from apps.lines.models import Line
from apps.lines.operations import bump
from apps.live import hub as hubs
from apps.live import pictures
from apps.live.hub import Hub
from apps.live.slots import Slot
from apps.shared import announce, clock
from apps.shared.instants import MINUTE, SECOND
from tests.make import boards as make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]
Answer = TypeVar("Answer")


@pytest.fixture
def now() -> int:
    """The end of ten minutes in which mill-1 ran."""
    make.plant("mill-1", "mill-2", round_the_clock=True)
    start = clock.now_us() - 10 * MINUTE
    make.tell([make.job()], [make.sign_on("mill-1", "004512-1", start, seq=1)], now=start)
    make.run("mill-1", [(600, True, 0)], start=start)
    return start + 10 * MINUTE - 5 * SECOND


@contextmanager
def _counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """The lines of each read, in order."""
    reads: list[list[str]] = []
    original = pictures.board_facts

    def counting(slugs: list[str], at: int) -> Any:
        reads.append(list(slugs))
        return original(slugs, at)

    monkeypatch.setattr(pictures, "board_facts", counting)
    yield reads


def _with_hub(job: Callable[[Hub], Awaitable[Answer]]) -> Answer:
    async def bounded() -> Answer:
        try:
            async with asyncio.timeout(20):
                return await job(hubs.current())
        finally:
            await hubs.stop()

    try:
        return asyncio.run(bounded())
    finally:
        connections.close_all()


async def _next(slot: Slot, kind: str = "board") -> dict[str, Any]:
    while True:
        for text in await slot.take():
            found: dict[str, Any] = json.loads(text)
            if found["kind"] == kind:
                return found


class TestReading:
    def test_a_hundred_sockets_cost_one_read_and_share_one_text(
        self, now: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def job(hub: Hub) -> set[str]:
            slots = [hub.join(["mill-1"]) for _ in range(100)]
            return {text for slot in slots for text in await slot.take()}

        with _counted(monkeypatch) as reads:
            texts = _with_hub(job)

        assert len(texts) == 1
        assert reads == [["mill-1"]]

    def test_a_slow_socket_finds_only_the_newest(self, now: int) -> None:
        async def job(hub: Hub) -> list[str]:
            slow, quick = hub.join(["mill-1"]), hub.join(["mill-1"])
            first = await _next(quick)
            await asyncio.to_thread(_raise_rev)
            while (await _next(quick))["rev"] == first["rev"]:
                pass
            return [json.loads(text)["rev"] for text in await slow.take() if '"board"' in text]

        revs = _with_hub(job)

        assert revs == [Line.objects.get(slug="mill-1").rev]

    def test_lines_that_nobody_watches_are_not_read(self, now: int, monkeypatch: pytest.MonkeyPatch) -> None:
        async def job(hub: Hub) -> None:
            slot = hub.join(["mill-2"])
            await _next(slot)
            await asyncio.to_thread(_raise_rev)
            await asyncio.sleep(1.5)
            hub.leave(slot)

        with _counted(monkeypatch) as reads:
            _with_hub(job)

        assert reads == [["mill-2"]]

    def test_a_line_that_cannot_be_composed_leaves_the_others_alone(
        self, now: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original = pictures.compose

        def breaking(facts: Any, **how: Any) -> Any:
            if facts.policy.slug == "mill-1":
                raise ZeroDivisionError
            return original(facts, **how)

        async def job(hub: Hub) -> str:
            return str((await _next(hub.join(["mill-1", "mill-2"])))["line"])

        monkeypatch.setattr(pictures, "compose", breaking)

        assert _with_hub(job) == "mill-2"


class TestHearing:
    def test_a_rev_that_another_connection_wrote_is_noticed_without_any_nudge(self, now: int) -> None:
        async def job(hub: Hub) -> float:
            slot = hub.join(["mill-1"])
            first = await _next(slot)
            began = asyncio.get_running_loop().time()
            await asyncio.to_thread(_raise_rev)
            while (await _next(slot))["rev"] == first["rev"]:
                pass
            return asyncio.get_running_loop().time() - began

        # Poll 0.5 s, and a line is read once a second at most.
        assert _with_hub(job) < 3

    def test_a_nudge_through_the_layer_is_heard_and_the_silence_is_short(self, now: int) -> None:
        async def job(hub: Hub) -> tuple[bool, float]:
            slot = hub.join(["mill-1"])
            first = await _next(slot)
            await asyncio.to_thread(announce.line_changed, 1, "mill-1", first["rev"] + 1)
            await asyncio.sleep(0.2)
            return hub._revs["mill-1"] == first["rev"] + 1, hub.silent_s

        heard, silence = _with_hub(job)

        assert heard
        assert silence < 1


class TestAhead:
    def test_a_stop_is_on_the_wall_at_once_and_marked(self, now: int) -> None:
        at = now + SECOND

        async def job(hub: Hub) -> tuple[dict[str, Any], float]:
            slot = hub.join(["mill-1"])
            await _next(slot)
            began = asyncio.get_running_loop().time()
            announce.provisional(
                "mill-1", {"at": at, "state": "stopped", "since": at, "fault": 12, "good": 0, "reject": 0}
            )
            return await _next(slot), asyncio.get_running_loop().time() - began

        board, took = _with_hub(job)

        assert board["provisional"]
        assert (board["word"], board["fault"], board["since"]) in {
            ("micro_stop", 12, at // 1000),
            ("stopped", 12, at // 1000),
        }
        assert board["job"]["JobNum"] == "004512-1"
        assert took < 0.25

    def test_parts_ahead_are_added_until_the_figures_know_them(self, now: int) -> None:
        async def job(hub: Hub) -> tuple[int, int, bool]:
            slot = hub.join(["mill-1"])
            first = await _next(slot)
            for step in (1, 2):
                at = now + step * SECOND
                announce.provisional(
                    "mill-1", {"at": at, "state": "running", "since": 0, "fault": 0, "good": 3, "reject": 0}
                )
            ahead = await _next(slot)
            while ahead["good"] < first["good"] + 6:
                ahead = await _next(slot)
            old = {"at": now - MINUTE, "state": "stopped", "since": now - MINUTE, "fault": 0, "good": 9, "reject": 0}
            announce.provisional("mill-1", old)
            await asyncio.sleep(0.7)
            return first["good"], ahead["good"], any('"stopped"' in text for text in await _waiting(slot))

        before, after, is_old_shown = _with_hub(job)

        assert after == before + 6
        assert not is_old_shown

    def test_a_machine_that_nobody_watches_costs_nothing(self, now: int) -> None:
        async def job(hub: Hub) -> bool:
            slot = hub.join(["mill-2"])
            await _next(slot)
            announce.provisional("mill-1", {"at": now, "state": "stopped", "since": now, "fault": 0})
            await asyncio.sleep(0.7)
            return any("mill-1" in text for text in await _waiting(slot))

        assert not _with_hub(job)


async def _waiting(slot: Slot, seconds: float = 0.05) -> list[str]:
    try:
        async with asyncio.timeout(seconds):
            return await slot.take()
    except TimeoutError:
        return []


def _raise_rev() -> None:
    try:
        bump([Line.objects.get(slug="mill-1").pk])
    finally:
        connections.close_all()


class TestBlind:
    def test_without_a_database_no_beat_says_that_all_is_well(self, now: int, monkeypatch: pytest.MonkeyPatch) -> None:
        original, is_away = pictures.board_facts, [False]

        def read(slugs: list[str], at: int) -> Any:
            if is_away[0]:
                raise OperationalError("the server closed the connection")
            return original(slugs, at)

        async def job(hub: Hub) -> tuple[list[str], list[str]]:
            slot = hub.join(["mill-1"])
            await _next(slot, "beat")
            is_away[0] = True
            await asyncio.sleep(0.8)
            await _waiting(slot)
            silent = await _waiting(slot, 0.4)
            is_away[0] = False
            return silent, [str((await _next(slot, "beat"))["kind"])]

        for name, seconds in (("BEAT_S", 0.05), ("REFRESH_S", 0.1), ("BLIND_S", 0.3), ("GAP_S", 0.05)):
            monkeypatch.setattr(hubs, name, seconds)
        monkeypatch.setattr(pictures, "board_facts", read)
        silent, after = _with_hub(job)

        assert silent == []
        assert after == ["beat"]

    def test_a_plant_that_has_no_lines_yet_is_no_blindness(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def job(hub: Hub) -> tuple[list[str], str]:
            slot = hub.join([], "EPIC06/NEW")
            await asyncio.sleep(0.8)
            await _waiting(slot)
            return await _waiting(slot, 0.4), str((await _next(slot, "beat"))["kind"])

        for name, seconds in (("BEAT_S", 0.05), ("REFRESH_S", 0.1), ("BLIND_S", 0.3)):
            monkeypatch.setattr(hubs, name, seconds)
        with capture_logs() as logs:
            beats, last = _with_hub(job)

        assert {json.loads(text)["kind"] for text in beats} == {"beat"}
        assert last == "beat"
        assert [entry for entry in logs if "no board could be read" in entry["event"]] == []
