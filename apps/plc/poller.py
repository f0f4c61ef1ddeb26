"""Polls machines: one task and one connection an endpoint, its devices in turn, each on a schedule of its own."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random, uniform
from time import monotonic
from typing import NamedTuple

import structlog

from apps.plc import decode, plan
from apps.plc.link import DeviceException, Link, LinkClosed, LinkError
from apps.plc.types import Block, Device, EndpointKey, ReadPlan

log = structlog.get_logger(__name__)

Clock = Callable[[], int]
# Illegal function, address, value: the map is wrong, asking often will not help.
_MAP_ERRORS = frozenset({1, 2, 3})
_MAP_ERROR_CAP_MS = 60_000
_CLOSED_CAP_MS = 10_000
# New and changed devices are seen at the latest after this.
_NAP_S = 0.5


class Polled(NamedTuple):
    """The outcome of one poll: `at` is the middle between request and reply (µs UTC); None is one that failed."""

    at: int
    reading: decode.Reading | None
    problem: str = ""


Sink = Callable[[str, Polled], None]


@dataclass(slots=True)
class Station:
    """One device under poll: when it is due, and how it has been doing."""

    slug: str
    device: Device
    plan: ReadPlan
    due: float
    failures: int = 0
    # A probe only, until then nothing is asked.
    quiet_until: float = 0.0
    is_out: bool = False
    out_since: float = 0.0
    seen: bool = False
    polls: int = 0
    skipped: int = 0

    def settle(self, now_s: float) -> None:
        """Move on to the next time of the schedule that is not yet over: a late poll skips, it never queues."""
        period = self.device.poll_ms / 1000
        self.due += period
        if self.due <= now_s:
            missed = int((now_s - self.due) / period) + 1
            self.skipped += missed
            self.due += missed * period


@dataclass(slots=True)
class Endpoint:
    """One host and port: its connection and its stations."""

    key: EndpointKey
    clock: Clock
    sink: Sink
    stations: dict[str, Station] = field(default_factory=dict)
    # Beside the cancelling: `asyncio.wait_for` of Python 3.11, in the library, swallows one that comes with a reply.
    is_over: bool = False
    _link: Link | None = None
    _refusals: int = 0
    _retry_at: float = 0.0

    async def run(self) -> None:
        """Poll until cancelled or `is_over`, and close the connection then."""
        try:
            while not self.is_over:
                try:
                    await self._turn()
                except Exception:
                    # A poller that dies of a surprise never comes back: say it, and go on.
                    log.exception("poller stumbled", endpoint=f"{self.key.host}:{self.key.port}")
                    await asyncio.sleep(1)
        finally:
            if self._link is not None:
                self._link.close()

    async def _turn(self) -> None:
        station = min(self.stations.values(), key=lambda one: one.due, default=None)
        wait = _NAP_S if station is None else min(_NAP_S, station.due - monotonic())
        if wait > 0:
            await asyncio.sleep(wait)
        if station is None or station.due > monotonic():
            return
        polled = await self._poll(station)
        station.polls += 1
        station.settle(monotonic())
        if self.stations.get(station.slug) is station:
            self.sink(station.slug, polled)

    async def _poll(self, station: Station) -> Polled:
        """One poll: what came, or why nothing did."""
        started, at = monotonic(), self.clock()
        if started < station.quiet_until:
            return Polled(at, None, "quiet")
        try:
            link = await self._connected(station.device)
            replies = await self._read(link, station)
        except LinkError as problem:
            self._failed(station, problem)
            return Polled(at, None, str(problem))
        middle = at + int((monotonic() - started) * 500_000)
        self._refusals = 0
        _recovered(station)
        return Polled(middle, decode.reading(station.device, replies))

    async def _connected(self, device: Device) -> Link:
        """The open connection, made where there is none and the time for a try has come."""
        if self._link is not None and self._link.connected:
            return self._link
        if monotonic() < self._retry_at:
            raise LinkClosed("no connection")
        link = Link(self.key, connect_timeout_ms=device.connect_timeout_ms)
        if self._link is not None:
            self._link.close()
        self._link = link
        await link.connect()
        if device.pause_after_connect_ms:
            await asyncio.sleep(device.pause_after_connect_ms / 1000)
        return link

    async def _read(self, link: Link, station: Station) -> Mapping[Block, Sequence[int]]:
        device = station.device
        found: dict[Block, Sequence[int]] = {}
        for block in station.plan.blocks:
            if device.pause_ms:
                await asyncio.sleep(device.pause_ms / 1000)
            found[block] = await link.read(device.device_id, block, timeout_ms=device.timeout_ms)
        return found

    def _failed(self, station: Station, problem: LinkError) -> None:
        """What a failure costs: the endpoint where the connection is gone, this unit alone otherwise."""
        station.failures += 1
        now_s = monotonic()
        cap = station.device.backoff_ms[1]
        if isinstance(problem, LinkClosed):
            if now_s >= self._retry_at:
                self._refusals += 1
                self._retry_at = now_s + _backoff_s(station.device, self._refusals, _CLOSED_CAP_MS)
        elif isinstance(problem, DeviceException) and problem.code in _MAP_ERRORS:
            cap = max(cap, _MAP_ERROR_CAP_MS)
            self._degrade(station, problem.code)
        beyond = station.failures - station.device.demote_after
        if beyond >= 0 and not isinstance(problem, LinkClosed):
            station.quiet_until = now_s + _backoff_s(station.device, beyond + 1, cap)
        if beyond >= 0 and not station.is_out:
            station.is_out, station.out_since = True, now_s
            where = f"{self.key.host}:{self.key.port}"
            log.warning("machine does not answer", line=station.slug, problem=str(problem), endpoint=where)

    def _degrade(self, station: Station, code: int) -> None:
        """A device may refuse a block for the gap in it: read only what is wanted, and say so once."""
        if code == 2 and station.plan.wasted:
            station.plan = plan.without_gaps(station.device)
            station.failures = 0
            log.warning("machine refuses a gap between registers: set max_gap or holes", line=station.slug)


def _recovered(station: Station) -> None:
    if station.is_out:
        lasted = round(monotonic() - station.out_since, 1)
        log.info("machine answers again", line=station.slug, after_s=lasted)
    elif not station.seen:
        log.info("machine answers", line=station.slug, requests=len(station.plan.blocks))
    station.seen, station.is_out, station.failures, station.quiet_until = True, False, 0, 0.0


def _backoff_s(device: Device, tries: int, cap_ms: int) -> float:
    low, high = device.backoff_ms[0], min(cap_ms, device.backoff_ms[0] * 2 ** min(tries, 16))
    return uniform(low, max(low, high)) / 1000  # noqa: S311 - jitter


class Poller:
    """All endpoints of an ingester. `follow` may be called at any time: what did not change is not disturbed."""

    def __init__(self, *, clock: Clock, sink: Sink) -> None:
        self._clock, self._sink = clock, sink
        self.endpoints: dict[EndpointKey, Endpoint] = {}
        self._tasks: dict[EndpointKey, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def stations(self) -> dict[str, Station]:
        """Every station by line."""
        return {slug: station for one in self.endpoints.values() for slug, station in one.stations.items()}

    def follow(self, devices: Mapping[str, Device]) -> None:
        """Poll exactly these devices, by line, from now on."""
        wanted: dict[EndpointKey, dict[str, Device]] = {}
        for slug, device in devices.items():
            wanted.setdefault(device.endpoint, {})[slug] = device
        for key in self.endpoints.keys() - wanted.keys():
            self.endpoints.pop(key).is_over = True
            self._ending.add(self._tasks.pop(key))
        self._ending = {task for task in self._ending if not task.done()}
        for task in self._ending:
            task.cancel()
        for key, group in wanted.items():
            endpoint = self.endpoints.get(key) or Endpoint(key, self._clock, self._sink)
            _settle_stations(endpoint, group)
            if key not in self.endpoints:
                self.endpoints[key] = endpoint
                self._tasks[key] = asyncio.create_task(endpoint.run(), name=f"poll {key.host}:{key.port}")

    async def stop(self) -> None:
        """End every task and close every connection."""
        self.follow({})
        while self._ending:
            await asyncio.wait(self._ending, timeout=0.1)
            self.follow({})


def _settle_stations(endpoint: Endpoint, group: Mapping[str, Device]) -> None:
    for slug in endpoint.stations.keys() - group.keys():
        del endpoint.stations[slug]
    for slug, device in group.items():
        known = endpoint.stations.get(slug)
        if known is None or known.device != device:
            # Phases are spread so that a plant's polls do not come in one burst, and stay the same over restarts.
            phase = Random(slug).random() * device.poll_ms / 1000  # noqa: S311 - spreading
            endpoint.stations[slug] = Station(slug, device, plan.plan(device), monotonic() + phase)
