"""Reading the plant file (FORMATS.md §1): everything that a plant configures, checked before anything changes. Pure."""

import tomllib
from collections.abc import Iterable
from datetime import time
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apps.lines.plant_table import Source, Table
from apps.lines.plant_types import (
    BreakEntry,
    ExceptionEntry,
    LineEntry,
    PlantEntry,
    PlantFile,
    PlantFileError,
    ReasonEntry,
    ShiftEntry,
)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CATEGORIES = (
    "equipment_failure", "setup_adjustment", "minor_stop", "planned", "process_defect", "startup_reject", "other",
)  # fmt: skip


def parse(text: str, name: str = "plant.toml") -> PlantFile:
    """The whole file. Raises PlantFileError that names the line and the reason."""
    source = Source(text, name)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise PlantFileError(f"{name}: not TOML: {wrong}.") from None
    top = Table(source, (), raw)
    found = PlantFile(
        companies=top.tables("company", lambda row: (row.text("code", limit=8), row.text("name", ""))),
        plants=top.tables("plant", _plant),
        reasons=top.tables("reason", _reason),
    )
    top.done()
    _check_twice(source, found)
    return found


def _plant(row: Table) -> PlantEntry:
    plant = PlantEntry(
        company=row.text("company", limit=8),
        code=row.text("code", limit=8),
        name=row.text("name", ""),
        time_zone=row.text("time_zone", limit=64),
        day_start=row.clock("day_start", time(0)),
        shifts=row.tables("shift", _shift),
        exceptions=row.tables("exception", lambda table: ExceptionEntry(table.day("date"), table.texts("shifts"))),
        lines=row.tables("line", _line),
        fault_reasons=row.codes("fault_reasons"),
    )
    try:
        ZoneInfo(plant.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise row.refuse(
            "time_zone", f"time_zone {plant.time_zone!r} is not known; use an IANA name like America/Chicago."
        ) from None
    names = {shift.name for shift in plant.shifts}
    for index, entry in enumerate(plant.exceptions):
        strange = sorted(set(entry.shifts) - names)
        if strange:
            place = row.source.place((*row.path, "exception", index), "shifts")
            raise PlantFileError(f"{place}: shifts names a shift {strange[0]!r} that is not there.")
    return plant


def _shift(row: Table) -> ShiftEntry:
    return ShiftEntry(
        name=row.text("name", limit=40),
        days=_days(row),
        start=row.clock("start"),
        end=row.clock("end"),
        breaks=row.tables(
            "breaks", lambda table: BreakEntry(table.text("name", ""), table.clock("start"), table.clock("end"))
        ),
    )


def _days(row: Table) -> tuple[int, ...]:
    found: set[int] = set()
    for part in row.text("days").lower().replace(" ", "").split(","):
        first, _dash, last = part.partition("-")
        if first not in DAYS or (last and last not in DAYS):
            raise row.refuse("days", f'days is {row.raw["days"]!r}; write like "mon-fri" or "mon,wed,sat".')
        at, end = DAYS.index(first), DAYS.index(last or first)
        found.add(at)
        while at != end:
            at = (at + 1) % 7
            found.add(at)
    return tuple(sorted(found))


def _line(row: Table) -> LineEntry:
    plc = row.take("plc")
    if plc is not None and not isinstance(plc, dict):
        raise row.refuse("plc", "plc must be a table with host and signals.")
    return LineEntry(
        slug=_slug(row),
        name=row.text("name", "", limit=60) or row.raw["slug"],
        area=row.text("area", "", limit=60),
        resources=row.texts("resources"),
        resource_groups=row.texts("resource_groups"),
        micro_stop_s=row.seconds("micro_stop_s", Decimal(120)),
        debounce_s=row.seconds("debounce_s", Decimal(0)),
        stale_after_s=row.seconds("stale_after_s", Decimal(10), is_positive=True),
        max_rate_per_s=row.seconds("max_rate_per_s", Decimal(10), is_positive=True),
        ideal_cycle_s=row.cycle("ideal_cycle_s"),
        part_cycles=row.cycles("part_cycles"),
        concurrent_jobs=row.one_of("concurrent_jobs", ("flag", "newest"), "flag"),
        no_job_reason=row.text("no_job_reason", "", limit=12),
        fault_reasons=row.codes("fault_reasons"),
        plc=plc,
    )


def _slug(row: Table) -> str:
    slug = row.text("slug", limit=40)
    if not slug.replace("-", "").replace("_", "").isalnum():
        raise row.refuse("slug", f"slug {slug!r} may hold letters, digits, - and _.")
    return slug


def _reason(row: Table) -> ReasonEntry:
    return ReasonEntry(
        company=row.text("company", limit=8),
        code=row.text("code", limit=12),
        description=row.text("description", "", limit=120),
        category=row.one_of("category", CATEGORIES, "other"),
        group=row.text("group", "", limit=40),
        kind=row.one_of("kind", ("downtime", "scrap", "any"), "any"),
        icon=row.text("icon", "", limit=20),
        order=row.whole("order", 0),
        lines=row.texts("lines"),
    )


def _check_twice(source: Source, found: PlantFile) -> None:
    """Refuse what stands twice: a line, a resource or a group of a company, a plant, its shifts and dates, a reason."""
    _unique(source, [(("company", i), "code", code) for i, (code, _name) in enumerate(found.companies)])
    _unique(source, [(("plant", i), "code", (p.company, p.code)) for i, p in enumerate(found.plants)])
    for i, plant in enumerate(found.plants):
        _unique(source, [(("plant", i, "shift", j), "name", shift.name) for j, shift in enumerate(plant.shifts)])
        _unique(source, [(("plant", i, "exception", j), "date", str(e.date)) for j, e in enumerate(plant.exceptions)])
    _unique(source, [(("reason", i), "code", (r.company, r.code)) for i, r in enumerate(found.reasons)])
    lines = [
        (("plant", i, "line", j), plant, line)
        for i, plant in enumerate(found.plants)
        for j, line in enumerate(plant.lines)
    ]
    _unique(source, [(path, "slug", line.slug) for path, _plant, line in lines])
    _unique(source, [(path, "resources", (p.company, code)) for path, p, line in lines for code in line.resources])
    _unique(
        source,
        [(path, "resource_groups", (p.company, code)) for path, p, line in lines for code in line.resource_groups],
    )


def _unique(source: Source, rows: Iterable[tuple[tuple[str | int, ...], str, object]]) -> None:
    seen: set[object] = set()
    for path, key, value in rows:
        if value in seen:
            shown = " ".join(value) if isinstance(value, tuple) else value
            raise PlantFileError(f"{source.place(path, key)}: {key} {shown!r} stands twice; one row each is allowed.")
        seen.add(value)
