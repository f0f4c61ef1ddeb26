"""The only door to the channel layer: nudges that a line changed. Losing every one of them is only slower.

What was committed raises `Line.rev`; a hub that hears no nudge notices that by itself (apps/live/versions.py). So a
layer that is down costs a log line and a moment, never a fact.
"""

import asyncio
from functools import partial
from typing import Any, NotRequired, TypedDict

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

GROUP = "live"
_PATIENCE_S = 2.0
_log = structlog.get_logger(__name__)


class Nudge(TypedDict):
    """What goes through the layer: a line and its new rev, or what the ingester saw ahead of the figures."""

    type: str
    line: str
    rev: int
    ahead: NotRequired[dict[str, Any]]


class _Home:
    """The long-lived loop of this process, if it has one, and whether the layer answered last time."""

    loop: asyncio.AbstractEventLoop | None = None
    is_down = False


def attach(loop: asyncio.AbstractEventLoop) -> None:
    """Send from this loop from now on, whatever thread announces: a layer's queues belong to one loop."""
    _Home.loop = loop


def line_changed(line_id: int, slug: str, rev: int) -> None:
    """Tell every hub, once the open transaction has committed, that this line's figures are at `rev`."""
    nudge: Nudge = {"type": "line.changed", "line": slug, "rev": rev}
    transaction.on_commit(partial(_post, nudge), robust=True)


def provisional(slug: str, payload: dict[str, Any]) -> None:
    """Tell every hub what a sample showed, ahead of the figures (docs/reference/live-message.md). Best effort."""
    _post({"type": "line.changed", "line": slug, "rev": 0, "ahead": payload})


async def echo() -> None:
    """Say a word to every hub, this process's own included: hearing it shows that the layer lives."""
    await _send({"type": "line.changed", "line": "", "rev": 0})


def _post(nudge: Nudge) -> None:
    loop = _loop()
    if loop is not None:
        asyncio.run_coroutine_threadsafe(_send(nudge), loop)
    else:
        async_to_sync(_send)(nudge)


def _loop() -> asyncio.AbstractEventLoop | None:
    """The attached loop while it runs; else the one that runs in this thread, which then is home."""
    if _Home.loop is not None and _Home.loop.is_running():
        return _Home.loop
    try:
        _Home.loop = asyncio.get_running_loop()
    except RuntimeError:
        _Home.loop = None
    return _Home.loop


async def _send(nudge: Nudge) -> None:
    """Never raises: the commit that caused this has happened, and the rev says so."""
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        await asyncio.wait_for(layer.group_send(GROUP, nudge), _PATIENCE_S)
    except Exception as problem:  # noqa: BLE001 - any trouble of the layer's client is the same to us
        if not _Home.is_down:
            _log.warning("the channel layer is down: boards follow by their rev", problem=repr(problem))
        _Home.is_down = True
        return
    if _Home.is_down:
        _log.info("the channel layer is back")
    _Home.is_down = False
