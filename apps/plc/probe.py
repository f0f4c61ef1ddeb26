"""Asking one machine once, for the person who commissions it: nothing is kept."""

import asyncio
from collections.abc import Iterable, Mapping
from time import monotonic
from typing import NamedTuple

from apps.plc import decode, plan
from apps.plc.link import Link, LinkError
from apps.plc.types import Device, EndpointKey, ReadPlan


class Probe(NamedTuple):
    """What one machine answered: its values by signal, or the problem. `took_ms` is all requests of one poll."""

    values: dict[str, int]
    problem: str
    took_ms: float


class Cost(NamedTuple):
    """What polling one connection takes: requests a second over all its devices."""

    endpoint: EndpointKey
    lines: tuple[str, ...]
    requests_per_s: float


async def probe(device: Device) -> Probe:
    """Connect, read every signal once, close."""
    link = Link(device.endpoint, connect_timeout_ms=device.connect_timeout_ms, timeout_ms=device.timeout_ms)
    try:
        await link.connect()
        started = monotonic()
        blocks = plan.plan(device).blocks
        replies = {block: await link.read(device.device_id, block) for block in blocks}
        return Probe(decode.values(device, replies), "", (monotonic() - started) * 1000)
    except LinkError as problem:
        return Probe({}, str(problem), 0.0)
    finally:
        link.close()


async def probe_all(devices: Mapping[str, Device]) -> dict[str, Probe]:
    """Ask many machines, by line: connections side by side, devices behind the same one after another."""
    groups: dict[EndpointKey, list[str]] = {}
    for slug, device in devices.items():
        groups.setdefault(device.endpoint, []).append(slug)

    async def ask(slugs: Iterable[str]) -> list[tuple[str, Probe]]:
        return [(slug, await probe(devices[slug])) for slug in slugs]

    found = await asyncio.gather(*(ask(slugs) for slugs in groups.values()))
    return dict(pair for group in found for pair in group)


def costs(devices: Mapping[str, Device]) -> list[Cost]:
    """What each connection has to carry, busiest first."""
    groups: dict[EndpointKey, list[str]] = {}
    for slug, device in devices.items():
        groups.setdefault(device.endpoint, []).append(slug)
    found = [
        Cost(key, tuple(slugs), sum(_rate(devices[slug], plan.plan(devices[slug])) for slug in slugs))
        for key, slugs in groups.items()
    ]
    return sorted(found, key=lambda one: (-one.requests_per_s, one.endpoint))


def _rate(device: Device, read: ReadPlan) -> float:
    return len(read.blocks) * 1000 / device.poll_ms
