"""The plant file and the tables behind it: rows to entries, entries to rows."""

from collections.abc import Iterable
from datetime import time
from typing import Any

from apps.lines.models import Area, Company, Line, Plant, Shift, ShiftException, WorkCenterMap
from apps.lines.plant_types import BreakEntry, EntryRefused, ExceptionEntry, LineEntry, PlantEntry, ShiftEntry


def entries() -> tuple[tuple[tuple[str, str], ...], tuple[PlantEntry, ...]]:
    """(companies, plants) as the tables hold them."""
    companies = tuple(Company.objects.order_by("code").values_list("code", "name"))
    plants = Plant.objects.select_related("company").order_by("company__code", "code")
    return companies, tuple(_plant(plant) for plant in plants)


def _plant(plant: Plant) -> PlantEntry:
    return PlantEntry(
        company=plant.company.code,
        code=plant.code,
        name=plant.name,
        time_zone=plant.time_zone,
        day_start=plant.day_start,
        shifts=tuple(_shift(shift) for shift in plant.shifts.order_by("name")),
        exceptions=tuple(ExceptionEntry(row.date, tuple(row.shifts)) for row in plant.exceptions.order_by("date")),
        lines=tuple(_line(line) for line in plant.lines.select_related("area").order_by("slug")),
        fault_reasons=dict(plant.fault_reasons),
    )


def _shift(shift: Shift) -> ShiftEntry:
    breaks = tuple(
        BreakEntry(row["name"], time.fromisoformat(row["start"]), time.fromisoformat(row["end"]))
        for row in shift.breaks
    )
    return ShiftEntry(shift.name, tuple(shift.days), shift.start, shift.end, breaks)


def _line(line: Line) -> LineEntry:
    maps = list(line.work_centers.order_by("code").values_list("kind", "code"))
    return LineEntry(
        slug=line.slug,
        name=line.name,
        area=line.area.name if line.area else "",
        resources=tuple(code for kind, code in maps if kind == WorkCenterMap.Kind.RESOURCE),
        resource_groups=tuple(code for kind, code in maps if kind == WorkCenterMap.Kind.GROUP),
        micro_stop_s=line.micro_stop_s,
        debounce_s=line.debounce_s,
        stale_after_s=line.stale_after_s,
        max_rate_per_s=line.max_rate_per_s,
        ideal_cycle_s=line.ideal_cycle_s,
        part_cycles=dict(line.part_cycles),
        concurrent_jobs=line.concurrent_jobs,
        no_job_reason=line.no_job_reason,
        fault_reasons=dict(line.fault_reasons),
        plc=line.plc,
    )


def write_companies(companies: tuple[tuple[str, str], ...]) -> None:
    """Create companies, or rename them."""
    for code, name in companies:
        Company.objects.update_or_create(code=code, defaults={"name": name})


def release_maps(entries: Iterable[PlantEntry]) -> None:
    """Take from every named line what it maps no longer, so that another one may have it."""
    for plant in entries:
        for entry in plant.lines:
            wanted = _maps(entry)
            for row in WorkCenterMap.objects.filter(line__slug=entry.slug):
                if (row.kind, row.code) not in wanted:
                    row.delete()


def _maps(entry: LineEntry) -> list[tuple[str, str]]:
    resources = [(WorkCenterMap.Kind.RESOURCE.value, code) for code in entry.resources]
    return resources + [(WorkCenterMap.Kind.GROUP.value, code) for code in entry.resource_groups]


def write_plant(entry: PlantEntry) -> None:
    """Create a plant with its calendar and lines, or make it equal to the entry; lines not named stay as they are.

    Raises EntryRefused. The lines' maps were released before.
    """
    company = Company.objects.filter(code=entry.company).first()
    if company is None:
        raise EntryRefused((), "company", f"no company is called {entry.company!r}; add [[company]] for it.")
    plant, _is_new = Plant.objects.update_or_create(
        company=company,
        code=entry.code,
        defaults={
            "name": entry.name or entry.code, "time_zone": entry.time_zone, "day_start": entry.day_start,
            "fault_reasons": entry.fault_reasons,
        },
    )  # fmt: skip
    _write_calendar(plant, entry)
    for index, line in enumerate(entry.lines):
        _write_line(plant, line, ("line", index))


def _write_calendar(plant: Plant, entry: PlantEntry) -> None:
    plant.shifts.exclude(name__in=[shift.name for shift in entry.shifts]).delete()
    for shift in entry.shifts:
        breaks = [
            {"name": pause.name, "start": pause.start.isoformat(), "end": pause.end.isoformat()}
            for pause in shift.breaks
        ]
        Shift.objects.update_or_create(
            plant=plant, name=shift.name,
            defaults={"days": list(shift.days), "start": shift.start, "end": shift.end, "breaks": breaks},
        )  # fmt: skip
    plant.exceptions.exclude(date__in=[row.date for row in entry.exceptions]).delete()
    for row in entry.exceptions:
        ShiftException.objects.update_or_create(plant=plant, date=row.date, defaults={"shifts": list(row.shifts)})


_POLICY = (
    "name", "micro_stop_s", "debounce_s", "stale_after_s", "max_rate_per_s", "ideal_cycle_s", "part_cycles",
    "concurrent_jobs", "no_job_reason", "fault_reasons", "plc",
)  # fmt: skip


def _write_line(plant: Plant, entry: LineEntry, path: tuple[str | int, ...]) -> None:
    area = Area.objects.get_or_create(plant=plant, name=entry.area)[0] if entry.area else None
    defaults: dict[str, Any] = {name: getattr(entry, name) for name in _POLICY}
    line = Line.objects.filter(slug=entry.slug).select_related("plant").first()
    if line is not None and line.plant_id != plant.pk:
        reason = f"line {entry.slug!r} is in plant {line.plant.code} already; slugs are unique over all plants."
        raise EntryRefused(path, "slug", reason)
    line, _is_new = Line.objects.update_or_create(slug=entry.slug, defaults={"plant": plant, "area": area, **defaults})
    for kind, code in _maps(entry):
        row, _made = WorkCenterMap.objects.get_or_create(
            company=plant.company, kind=kind, code=code, defaults={"line": line}
        )
        if row.line_id != line.pk:
            other = Line.objects.values_list("slug", flat=True).get(pk=row.line_id)
            key = "resources" if kind == WorkCenterMap.Kind.RESOURCE else "resource_groups"
            raise EntryRefused(path, key, f"line {entry.slug!r}: {kind} {code!r} is mapped to line {other!r} already.")
