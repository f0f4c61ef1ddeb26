"""A socket that can't be written to: its page has gone, or something broke."""

import asyncio
from typing import Any

import pytest
from autobahn.exception import Disconnected

from apps.live.consumers import AGAIN, LiveConsumer
from apps.live.doors import Answer
from apps.live.slots import Slot


def _written(problem: Exception, caplog: pytest.LogCaptureFixture) -> tuple[list[dict[str, Any]], list[str]]:
    """What a consumer sends that meets a problem at its first board, and what it logs."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if message["type"] == "websocket.send":
            raise problem

    async def run() -> None:
        consumer = LiveConsumer()
        consumer.base_send = send
        slot = Slot(frozenset({"mill-1"}))
        slot.put("mill-1", "{}")
        await asyncio.wait_for(consumer.write(slot), 5)

    asyncio.run(run())
    return sent[1:], [record.getMessage() for record in caplog.records]


def test_a_page_that_left_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    assert _written(Disconnected("Attempt to send on a closed protocol"), caplog) == ([], [])


def test_what_broke_is_said_and_the_page_connects_again(caplog: pytest.LogCaptureFixture) -> None:
    sent, said = _written(ValueError("too large"), caplog)

    assert [(message["type"], message["code"]) for message in sent] == [("websocket.close", AGAIN)]
    assert len(said) == 1
    assert "too large" in said[0]


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([RuntimeError("the database is away"), Answer(4401)], 4401),
        ([Answer(0, ("mill-1",)), Answer(0, ("mill-1", "mill-2"))], AGAIN),
    ],
)
def test_who_watches_is_checked_again_and_again(
    answers: list[Answer | Exception], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a database that was away too; and a plant with another line is another page."""
    closed: list[dict[str, Any]] = []
    left = iter(answers)

    async def ask() -> Answer:
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def send(message: dict[str, Any]) -> None:
        closed.append(message)

    async def run() -> None:
        consumer = LiveConsumer()
        consumer.base_send, consumer.slot = send, Slot(frozenset({"mill-1"}))
        monkeypatch.setattr(consumer, "ask", ask)
        await asyncio.wait_for(consumer.recheck(), 5)

    monkeypatch.setattr("apps.live.consumers.RECHECK_S", 0.01)
    asyncio.run(run())

    assert [message["code"] for message in closed] == [code]
