"""Asking the machines of a plant once: a connection test, their values, what polling them takes."""

import asyncio
from typing import NamedTuple

from apps.flow.ingest import load_lines
from apps.plc import plan, probe
from apps.plc.probe import Cost, Probe
from apps.plc.tables import pollable
from apps.plc.types import Device, MapError, ReadPlan


class Planned(NamedTuple):
    """How one line is read: its requests, or why its table can't be used."""

    line: str
    device: Device | None
    plan: ReadPlan | None
    problem: str


def plans(*, plant: str = "", line: str = "") -> list[Planned]:
    """The read plan of each line that has a `plc` table (of one line, with its slug)."""
    return [_planned(slug, config.table) for slug, config in load_lines(plant).items() if line in ("", slug)]


def ask(*, plant: str = "", line: str = "") -> dict[str, Probe]:
    """Each line's machine asked once; one with an unusable table answers with what is wrong with it."""
    rows = plans(plant=plant, line=line)
    found = asyncio.run(probe.probe_all({row.line: row.device for row in rows if row.device is not None}))
    return {row.line: found.get(row.line, Probe({}, row.problem, 0.0)) for row in rows}


def costs(rows: list[Planned]) -> list[Cost]:
    """Requests a second on each connection."""
    return probe.costs({row.line: row.device for row in rows if row.device is not None})


def _planned(slug: str, table: object) -> Planned:
    try:
        device = pollable(table)  # type: ignore[arg-type]
        return Planned(slug, device, plan.plan(device), "")
    except MapError as problem:
        return Planned(slug, None, None, str(problem))
