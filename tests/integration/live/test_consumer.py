"""A socket that can't be written to: its page has gone, or something broke."""

import asyncio
from typing import Any

import pytest
from autobahn.exception import Disconnected

from apps.live.consumers import AGAIN, LiveConsumer
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
