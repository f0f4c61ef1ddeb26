"""Reading lines and their policy."""

from collections.abc import Collection, Iterable
from datetime import time
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q

from apps.lines.models import Line, Plant
from apps.lines.types import BreakTime, Calendar, LinePolicy, ShiftPattern
from apps.shared.instants import SECOND

_WIDTHS = {"uint16": 16, "int16": 16, "uint32": 32, "int32": 32, "uint64": 64, "int64": 64}


def calendar_of(plant: Plant) -> Calendar:
    """The plant's shifts and exceptions as a value; equal calendars are equal values (and so cached)."""
    return Calendar(
        time_zone=plant.time_zone,
        day_start=plant.day_start,
        shifts=tuple(
            ShiftPattern(
                name=shift.name,
                days=frozenset(shift.days),
                start=shift.start,
                end=shift.end,
                breaks=tuple(
                    BreakTime(row["name"], time.fromisoformat(row["start"]), time.fromisoformat(row["end"]))
                    for row in shift.breaks
                ),
            )
            for shift in plant.shifts.order_by("name")
        ),
        exceptions=tuple((row.date, frozenset(row.shifts)) for row in plant.exceptions.order_by("date")),
    )


def policies(slugs: Iterable[str] | None = None, *, ids: Iterable[int] = ()) -> dict[str, LinePolicy]:
    """The policy of each named line (of all, without names) and of those with these ids, by slug.

    Unknown names are left out.
    """
    lines = Line.objects.order_by("slug")
    if slugs is not None:
        lines = lines.filter(Q(slug__in=list(slugs)) | Q(pk__in=list(ids)))
    return policies_of(list(lines))


def policies_of(lines: Collection[Line]) -> dict[str, LinePolicy]:
    """The policy of each of these lines as they were read, by slug."""
    # A few plants with a hundred lines: each is read once.
    plants = Plant.objects.select_related("company").in_bulk({line.plant_id for line in lines})
    calendars: dict[int, Calendar] = {}
    found = {}
    for line in lines:
        line.plant = plants[line.plant_id]
        if line.plant_id not in calendars:
            calendars[line.plant_id] = calendar_of(line.plant)
        found[line.slug] = policy_of(line, calendars[line.plant_id])
    return found


def policy_of(line: Line, calendar: Calendar) -> LinePolicy:
    """One line's policy; the line's fault reasons win over the plant's."""
    return LinePolicy(
        line_id=line.pk,
        slug=line.slug,
        name=line.name,
        company=line.plant.company.code,
        plant=line.plant.code,
        calendar=calendar,
        micro_stop_us=_us(line.micro_stop_s),
        debounce_us=_us(line.debounce_s),
        stale_after_us=_us(line.stale_after_s),
        max_rate_per_s=Fraction(line.max_rate_per_s),
        bits=counter_bits(line.plc),
        is_newest=line.concurrent_jobs == Line.Concurrent.NEWEST,
        no_job_reason=line.no_job_reason,
        fault_reasons={
            int(code): reason for code, reason in {**line.plant.fault_reasons, **line.fault_reasons}.items()
        },
        ideal_cycle_s=line.ideal_cycle_s,
        part_cycles=dict(line.part_cycles),
    )


def counter_bits(plc: dict[str, Any] | None) -> dict[str, int]:
    """Width in bits of each counter by its signal's type; a signal without a type is 32 bits wide."""
    signals = (plc or {}).get("signals", {})
    names = {"total": "total", "good": "good", "good_count": "good", "reject": "reject"}
    return {names[name]: _WIDTHS.get(signal.get("type", ""), 32) for name, signal in signals.items() if name in names}


def _us(seconds: Decimal) -> int:
    return int(seconds * SECOND)
