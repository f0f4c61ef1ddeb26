"""The ingester put together: polls into feeds, feeds into the spool every 100 ms, the spool to the server."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from time import monotonic
from typing import Any

import structlog

from apps.plc.feed import LineFeed, LiveNow
from apps.plc.forwarder import CursorOf, Deliver, Forwarder
from apps.plc.poller import Clock, Polled, Poller
from apps.plc.spool import Spool
from apps.plc.tables import pollable
from apps.plc.types import Device, MapError
from apps.states.types import Limits, LineNow

log = structlog.get_logger(__name__)

COMMIT_S = 0.1
# A step of the wall clock that is said aloud.
_CLOCK_STEP_US = 200_000

OnLive = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class LineConfig:
    """What the ingester must know of a line: its `plc` table as it stands, and how its samples are to be read."""

    slug: str
    table: Mapping[str, Any]
    limits: Limits
    # What the server knows of the line, when that was read; counts go on from it where the spool knows less.
    known: LineNow | None = field(default=None, compare=False)

    def to_json(self) -> dict[str, Any]:
        """For the spool, so that the next start needs no database."""
        limits = self.limits
        return {
            "table": dict(self.table),
            "debounce_us": limits.debounce_us,
            "stale_after_us": limits.stale_after_us,
            "max_rate_per_s": [limits.max_rate_per_s.numerator, limits.max_rate_per_s.denominator],
            "bits": dict(limits.bits),
        }

    @classmethod
    def from_json(cls, slug: str, body: Mapping[str, Any]) -> "LineConfig":
        """The same line again."""
        limits = Limits(
            debounce_us=body["debounce_us"],
            stale_after_us=body["stale_after_us"],
            max_rate_per_s=Fraction(*body["max_rate_per_s"]),
            bits=dict(body["bits"]),
        )
        return cls(slug, body["table"], limits)


class Edge:
    """Everything between the machines and the server. Built in a running loop; `follow` says which lines."""

    def __init__(
        self,
        spool: Spool,
        *,
        clock: Clock,
        deliver: Deliver,
        cursor_of: CursorOf,
        on_live: OnLive | None = None,
    ) -> None:
        self.spool, self._clock, self._on_live = spool, clock, on_live
        self.feeds: dict[str, LineFeed] = {}
        self.poller = Poller(clock=clock, sink=self._take)
        self.forwarder = Forwarder(spool, deliver=deliver, cursor_of=cursor_of)
        self._lines: dict[str, LineConfig] = {}
        self._refused: dict[str, str] = {}
        self._offset: int | None = None

    def follow(self, lines: Mapping[str, LineConfig]) -> None:
        """Poll exactly these lines from now on; a table that can't be used leaves its line out, and is logged once."""
        if lines == self._lines:
            return
        devices = self._devices(lines)
        for slug, device in devices.items():
            self._feed(lines[slug], device)
        for slug in self.feeds.keys() - devices.keys():
            entry = self.feeds.pop(slug).collect(monotonic(), all_of_it=True)
            self.spool.put([entry] if entry else [])
        self.poller.follow(devices)
        self._lines = dict(lines)
        self.spool.remember({slug: line.to_json() for slug, line in lines.items()})
        log.info("following", lines=len(devices), connections=len(self.poller.endpoints))

    async def run(self, stop: asyncio.Event) -> None:
        """Spool and deliver until `stop`; what was polled by then is durable when it ends, also by being cancelled."""
        self.forwarder.start()
        try:
            while not stop.is_set():
                self.flush()
                with suppress(TimeoutError):
                    async with asyncio.timeout(COMMIT_S):
                        await stop.wait()
        finally:
            # None of this waits for a network: polls are cut off, and what is not delivered stays in the spool.
            self.forwarder.stop(0)
            await self.poller.stop()
            self.flush(all_of_it=True)
            self.forwarder.stop(0.3)
            self.spool.close()
            log.info("ended", to_send=self.forwarder.backlog)

    def flush(self, *, all_of_it: bool = False) -> None:
        """Hand over to the spool what is due."""
        self._watch_clock()
        if self.spool.resume():
            log.warning("spool has room again: counting goes on from what is durable")
            for slug, feed in self.feeds.items():
                feed.restore(self.spool.snapshot(slug))
        mono_s = monotonic()
        entries = (feed.collect(mono_s, all_of_it=all_of_it) for feed in self.feeds.values())
        self.spool.put([entry for entry in entries if entry is not None])

    def _take(self, slug: str, polled: Polled) -> None:
        feed = self.feeds.get(slug)
        if feed is None or self.spool.lost:
            return
        news = feed.take(polled.at, polled.reading, monotonic())
        if news is not None and self._on_live is not None:
            self._show(slug, news, self._on_live)

    def _show(self, slug: str, news: LiveNow, on_live: OnLive) -> None:
        try:
            on_live(slug, news._asdict())
        except Exception:
            # The wall is best effort; counting is not.
            log.debug("live value not shown", line=slug, exc_info=True)

    def _devices(self, lines: Mapping[str, LineConfig]) -> dict[str, Device]:
        found: dict[str, Device] = {}
        refused: dict[str, str] = {}
        for slug, line in lines.items():
            try:
                found[slug] = pollable(line.table)
            except MapError as problem:
                refused[slug] = str(problem)
                if self._refused.get(slug) != str(problem):
                    log.warning("line is not polled", line=slug, problem=str(problem))
        self._refused = refused
        return found

    def _feed(self, line: LineConfig, device: Device) -> None:
        limits = replace(line.limits, bits=device.bits)
        feed = self.feeds.get(line.slug)
        if feed is None:
            feed = self.feeds[line.slug] = LineFeed(line.slug, device, limits)
            feed.restore(self.spool.snapshot(line.slug), line.known)
        elif (feed.device, feed.limits) != (device, limits):
            feed.follow(device, limits)

    def _watch_clock(self) -> None:
        offset = self._clock() - int(monotonic() * 1_000_000)
        if self._offset is not None and abs(offset - self._offset) > _CLOCK_STEP_US:
            log.warning("the wall clock stepped", by_ms=(offset - self._offset) // 1000)
        self._offset = offset
