"""The demo's plant file: TOML text, with each line's controller where the machines will listen."""

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Any, NamedTuple

from apps.shared.instants import SECOND
from apps.simulators.demo.dictionary import PLANT_FAULT_REASONS, reasons
from apps.simulators.demo.floor import MAX_RATE_PER_S, POLL, STALE_AFTER, DemoLine, DemoPlant, DemoShift
from apps.simulators.demo.plan import DemoPlan

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Endpoint(NamedTuple):
    """Where a line's controller answers Modbus."""

    host: str
    port: int
    device_id: int = 1


def plant_toml(plan: DemoPlan, endpoints: Mapping[str, Endpoint]) -> str:
    """The plant file of a plan (FORMATS.md §1). `endpoints` names each line's controller by slug."""
    blocks = [_table("[[company]]", {"code": one.company, "name": one.company_name}) for one in plan.plants]
    for plant in plan.plants:
        blocks.extend(_plant(plan, plant, endpoints))
    for plant in plan.plants:
        blocks.extend(_reasons(plan, plant))
    return "\n".join(blocks)


def signals(line: DemoLine) -> dict[str, dict[str, Any]]:
    """The line's `plc.signals`: a running bit, two counters, a fault register, and a restart bit where it reboots."""
    width = f"uint{line.counter_bits}"
    wide = {"type": width} if line.counter_bits == 16 else {"type": width, "word_order": "big"}
    found: dict[str, dict[str, Any]] = {"running": {"coil": 0}}
    if line.traits.reboots_per_day:
        found["restarted"] = {"coil": 1}
    found["good" if line.good_counter else "total"] = {"holding": 100, **wide}
    found["reject"] = {"holding": 102, **wide}
    found["fault"] = {"holding": 110, "type": "uint16"}
    return found


def _plant(plan: DemoPlan, plant: DemoPlant, endpoints: Mapping[str, Endpoint]) -> Iterator[str]:
    yield _table("[[plant]]", {
        "company": plant.company, "code": plant.code, "name": plant.name, "time_zone": plant.time_zone,
        "day_start": f"{plant.day_start:%H:%M}", "fault_reasons": PLANT_FAULT_REASONS,
    })  # fmt: skip
    for shift in plant.shifts:
        yield _table("  [[plant.shift]]", _shift(shift))
    for day in sorted(plan.closed[plant.code]):
        yield f"  [[plant.exception]]\n  date = {day.isoformat()}\n  shifts = []\n"
    for line in plan.lines:
        if line.plant == plant:
            yield _table("  [[plant.line]]", _line(line))
            yield _controller(line, endpoints[line.slug])


def _shift(shift: DemoShift) -> dict[str, Any]:
    return {
        "name": shift.name,
        "days": ",".join(_WEEKDAYS[day] for day in shift.days),
        "start": f"{shift.start:%H:%M}",
        "end": f"{shift.end:%H:%M}",
        "breaks": [{"name": name, "start": _clock(start), "end": _clock(end)} for name, start, end in shift.breaks],
    }


def _line(line: DemoLine) -> dict[str, Any]:
    row: dict[str, Any] = {
        "slug": line.slug, "name": line.name, "area": line.area,
        "resources": [] if line.maps_group else [line.resource],
        "resource_groups": [line.resource_group] if line.maps_group else [],
        "micro_stop_s": line.micro_stop_s, "debounce_s": line.debounce_s,
        "stale_after_s": STALE_AFTER // SECOND, "max_rate_per_s": MAX_RATE_PER_S,
    }  # fmt: skip
    optional = {
        "ideal_cycle_s": line.ideal_cycle_s,
        "part_cycles": line.part_cycles,
        "concurrent_jobs": line.concurrent_jobs,
        "no_job_reason": line.no_job_reason,
        "fault_reasons": line.fault_reasons,
    }
    return row | {key: value for key, value in optional.items() if value}


def _controller(line: DemoLine, endpoint: Endpoint) -> str:
    head = {"host": endpoint.host, "port": endpoint.port, "device_id": endpoint.device_id, "poll_ms": POLL // 1000}
    return _table("    [plant.line.plc]", head) + "\n" + _table("    [plant.line.plc.signals]", signals(line))


def _reasons(plan: DemoPlan, plant: DemoPlant) -> Iterator[str]:
    slugs = {line.slug: line.template for line in plan.lines if line.plant == plant}
    for reason in reasons():
        here = [slug for slug, template in slugs.items() if template in reason.lines]
        if reason.lines and not here:
            # It is for machines that this company does not have.
            continue
        yield _table("[[reason]]", {
            "company": plant.company, "code": reason.code, "description": reason.description,
            "category": reason.category, "group": reason.group, "lines": here,
        })  # fmt: skip


def _clock(at: time) -> str:
    return f"{at:%H:%M}"


def _table(head: str, row: Mapping[str, Any]) -> str:
    indent = head[: len(head) - len(head.lstrip())]
    return "\n".join([head, *(f"{indent}{key} = {_value(value)}" for key, value in row.items()), ""])


def _value(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items()) + " }"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _key(key: str) -> str:
    return key if key.replace("_", "").isalpha() else f'"{key}"'
