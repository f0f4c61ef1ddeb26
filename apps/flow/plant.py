"""The plant file: loaded all or nothing, with everything that a changed policy restates; and written back."""

from collections.abc import Iterable
from dataclasses import asdict, astuple
from datetime import time
from decimal import Decimal
from typing import Any

import tomli_w
from django.db import transaction

from apps.flow import erp
from apps.flow.causes import Why, configuration
from apps.flow.plant_changes import Changes, changes_between
from apps.jobs.activities import keys_of_resources
from apps.jobs.queries import completed_on_lines
from apps.lines import plant_rows
from apps.lines.models import Company, Line, WorkCenterMap
from apps.lines.operations import lock, lock_companies
from apps.lines.plant_file import DAYS, parse
from apps.lines.plant_table import Source
from apps.lines.plant_types import EntryRefused, LineEntry, PlantEntry, PlantFile, PlantFileError, ReasonEntry
from apps.lines.queries import policies
from apps.oee import rollups
from apps.plc.plan import plan
from apps.plc.tables import read_table
from apps.plc.types import MapError
from apps.reasons.operations import configure
from apps.reasons.queries import configured
from apps.reasons.types import ReasonConfig


def load(text: str, *, name: str = "plant.toml", check: bool = False, now: int) -> list[str]:
    """Make the tables equal to the file; the differences, one line each. With `check` nothing is changed.

    Raises PlantFileError, and then nothing was changed either.
    """
    wanted, source = parse(text, name), Source(text, name)
    _check_maps(wanted, source)
    with transaction.atomic():
        lock_companies(Company.objects.values_list("code", flat=True))
        lock(Line.objects.values_list("pk", flat=True))
        before = dump_entries()
        policies_before, mapped_before = policies(), _mapped()
        codes_before = {(row.company, row.code): row.category for row in before.reasons}
        _write(wanted, source)
        after = dump_entries()
        found = differences(before, after)
        if check:
            transaction.set_rollback(True)
        elif found:
            codes_after = {(row.company, row.code): row.category for row in after.reasons}
            changes = changes_between(policies_before, policies(), codes_before, codes_after)
            _restate(changes, _remapped(mapped_before, _mapped()), why=configuration(found), now=now)
    return found


def _check_maps(wanted: PlantFile, source: Source) -> None:
    for i, plant in enumerate(wanted.plants):
        for j, line in enumerate(plant.lines):
            if line.plc is not None:
                try:
                    plan(read_table(line.plc))
                except MapError as wrong:
                    place = source.place(("plant", i, "line", j, "plc"))
                    raise PlantFileError(f"{place}: line {line.slug!r}: {wrong}") from None


def _write(wanted: PlantFile, source: Source) -> None:
    plant_rows.write_companies(wanted.companies)
    plant_rows.release_maps(wanted.plants)
    for index, plant in enumerate(wanted.plants):
        try:
            plant_rows.write_plant(plant)
        except EntryRefused as wrong:
            place = source.place(("plant", index, *wrong.path), wrong.key)
            raise PlantFileError(f"{place}: {wrong.reason}") from None
    configure(ReasonConfig(*astuple(row)) for row in wanted.reasons)


def _mapped() -> dict[tuple[str, str, str], int]:
    rows = WorkCenterMap.objects.values_list("company__code", "kind", "code", "line_id")
    return {(company, kind, code): line_id for company, kind, code, line_id in rows}


def _remapped(before: dict[tuple[str, str, str], int], after: dict[tuple[str, str, str], int]) -> dict[str, set[str]]:
    """Codes by company whose line is another one now."""
    found: dict[str, set[str]] = {}
    for company, kind, code in {*before, *after}:
        if before.get((company, kind, code)) != after.get((company, kind, code)):
            found.setdefault(company, set()).add(code)
    return found


def _restate(changes: Changes, remapped: dict[str, set[str]], *, why: Why, now: int) -> None:
    """Derive again what another policy, mapping or dictionary says otherwise; nothing else."""
    keys = {key for company, codes in remapped.items() for key in keys_of_resources(company, codes)}
    known = policies().values()
    rollups.forget_days(policy for policy in known if policy.line_id in changes.new_days)
    rollups.recycle(policy for policy in known if policy.line_id in changes.new_cycles)
    erp.rebind(
        keys,
        now=now,
        why=why,
        codes=changes.new_codes,
        oper_ids=completed_on_lines(changes.new_cycles),
        also=changes.dirty,
        rerun=changes.rerun,
        since=dict.fromkeys(changes.new_cycles, 0),
    )


def differences(before: PlantFile, after: PlantFile) -> list[str]:
    """What one set of entries says otherwise than another: "line mill-1: micro_stop_s 120 -> 90"."""
    old, new = _flat(before), _flat(after)
    found = [f"+ {name}" for name in new if name not in old]
    for name, entry in new.items():
        if name in old:
            found += [
                f"{name}: {key} {old[name].get(key)!s} -> {value!s}"
                for key, value in entry.items()
                if old[name].get(key) != value
            ]
    return found


def _flat(entries: PlantFile) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {f"company {code}": {"name": name} for code, name in entries.companies}
    for plant in entries.plants:
        row = asdict(plant)
        lines: Iterable[dict[str, Any]] = row.pop("lines")
        found[f"plant {plant.company}/{plant.code}"] = row
        found.update({f"line {line['slug']}": line for line in lines})
    found.update({f"reason {row.company}/{row.code}": asdict(row) for row in entries.reasons})
    return found


def dump_entries() -> PlantFile:
    """Everything that the tables hold, as entries."""
    companies, plants = plant_rows.entries()
    return PlantFile(companies, plants, tuple(ReasonEntry(*row) for row in configured()))


def dump() -> str:
    """The tables as a plant file."""
    entries = dump_entries()
    body: dict[str, Any] = {
        "company": [{"code": code, "name": name} for code, name in entries.companies],
        "plant": [_plant_table(plant) for plant in entries.plants],
        "reason": [_said(asdict(row), ReasonEntry("", "")) for row in entries.reasons],
    }
    return tomli_w.dumps({key: rows for key, rows in body.items() if rows})


def _plant_table(plant: PlantEntry) -> dict[str, Any]:
    return {
        "company": plant.company,
        "code": plant.code,
        "name": plant.name,
        "time_zone": plant.time_zone,
        "day_start": _clock(plant.day_start),
        **({"fault_reasons": plant.fault_reasons} if plant.fault_reasons else {}),
        "shift": [
            {
                "name": shift.name,
                "days": ",".join(DAYS[day] for day in shift.days),
                "start": _clock(shift.start),
                "end": _clock(shift.end),
                "breaks": [
                    {"name": pause.name, "start": _clock(pause.start), "end": _clock(pause.end)}
                    for pause in shift.breaks
                ],
            }
            for shift in plant.shifts
        ],
        "exception": [{"date": row.date, "shifts": list(row.shifts)} for row in plant.exceptions],
        "line": [_said(asdict(line), LineEntry("", "")) for line in plant.lines],
    }


def _said(row: dict[str, Any], default: LineEntry | ReasonEntry) -> dict[str, Any]:
    """A row without what is as it would be anyway."""
    usual = asdict(default)
    return {key: _plain(value) for key, value in row.items() if value != usual[key] and value is not None}


def _plain(value: Any) -> Any:
    """A value as TOML has it: a whole number of seconds without a point, a tuple as a list."""
    if isinstance(value, Decimal | float):
        return float(value) if value % 1 else int(value)
    return list(value) if isinstance(value, tuple) else value


def _clock(at: time) -> str:
    return at.isoformat("auto") if at.second or at.microsecond else at.strftime("%H:%M")
