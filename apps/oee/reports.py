"""OEE by line, operation, job, part, shift or plant over a window: exact figures under the keys of FORMATS.md §4."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from apps.jobs.queries import opers
from apps.jobs.types import OperView
from apps.lines.types import LinePolicy
from apps.oee.cells import cells_of
from apps.oee.rules import Weighed, add, exact, figures, standard_cycle_s
from apps.oee.tails import tails
from apps.oee.types import Binding, CellKey, Cells, Figures, Sums

BY = ("line", "operation", "job", "part", "shift", "plant")
OF_JOBS = ("operation", "job", "part")


class ReportRow(NamedTuple):
    """The key of a row, under the names that FORMATS.md gives, and its figures."""

    key: dict[str, Any]
    figures: Figures


class Window(NamedTuple):
    """What a report is made of: lines, their cells, and the operations in them."""

    policies: Mapping[int, LinePolicy]
    cells: Cells
    opers: Mapping[int, OperView]


def window(
    policies: Sequence[LinePolicy], start: int, end: int, now: int, *, with_shift: bool = False, with_oper: bool = True
) -> Window:
    """The cells of [start, end), cut to now, told apart by no more than the report asks for."""
    cells = cells_of(policies, tails(policies, now), start, min(end, now), with_shift=with_shift, with_oper=with_oper)
    found = opers(key.oper_id for key in cells if key.oper_id is not None)
    return Window({policy.line_id: policy for policy in policies}, cells, found)


def cycle_s(policy: LinePolicy, oper: OperView | None) -> Fraction | None:
    """Ideal seconds a part: the line's override for the part, the standard, the line's default; None: unknown."""
    default = None if policy.ideal_cycle_s is None else exact(policy.ideal_cycle_s)
    if oper is None:
        return default
    if oper.part_num in policy.part_cycles:
        return exact(policy.part_cycles[oper.part_num])
    standard = standard_cycle_s(
        oper.prod_standard, oper.std_format, basis=oper.std_basis, ops_per_part=oper.ops_per_part,
        qty_per_cycle=oper.qty_per_cycle, run_qty=oper.run_qty,
    )  # fmt: skip
    return default if standard is None else standard


def report(made: Window, by: str) -> list[ReportRow]:
    """One row for each key that has any time or parts, sorted by key (None first)."""
    groups: dict[tuple[Any, ...], list[tuple[CellKey, Sums]]] = {}
    names: tuple[str, ...] = _NAMES[by]
    for key, sums in made.cells.items():
        values = _key(made, by, key)
        if values is not None:
            groups.setdefault(values, []).append((key, sums))
    ordered = sorted(groups, key=lambda values: [(value is not None, value) for value in values])
    return [ReportRow(dict(zip(names, values, strict=True)), figures_of(made, groups[values])) for values in ordered]


_NAMES = {
    "line": ("company", "plant", "line"),
    "operation": ("company", "plant", "JobNum", "AssemblySeq", "OprSeq"),
    "job": ("company", "plant", "JobNum"),
    "part": ("company", "plant", "PartNum"),
    "shift": ("company", "plant", "date", "shift"),
    "plant": ("company", "plant"),
}


def _key(made: Window, by: str, key: CellKey) -> tuple[Any, ...] | None:
    policy = made.policies[key.line_id]
    here = (policy.company, policy.plant)
    if by == "line":
        return (*here, policy.slug)
    if by == "plant":
        return here
    if by == "shift":
        return (*here, key.shift_date.isoformat() if key.shift_date else None, key.shift if key.shift_date else None)
    oper = made.opers.get(key.oper_id) if key.oper_id is not None else None
    if oper is None:
        # Unresolved and unbound time belong to the line only.
        return None
    there = (oper.company, oper.plant)
    if by == "operation":
        return (*there, oper.job_num, oper.assembly_seq, oper.opr_seq)
    return (*there, oper.job_num) if by == "job" else (*there, oper.part_num)


def figures_of(made: Window, cells: Iterable[tuple[CellKey, Sums]]) -> Figures:
    """The figures of some cells together. What has no operation counts as one more, with the line's default cycle."""
    merged: dict[tuple[int, int | None, str | None], Sums] = {}
    unresolved = unbound = 0
    for key, sums in cells:
        if key.binding == Binding.UNRESOLVED:
            unresolved += time_of(sums)
        elif key.binding == Binding.NONE:
            unbound += time_of(sums)
        group = merged.setdefault((key.line_id, key.oper_id, key.cycle), Sums())
        add(group, sums)
    weighed = [
        Weighed(sums, _cycle(made, line_id, oper_id) if cycle is None else cycle_of(cycle))
        for (line_id, oper_id, cycle), sums in merged.items()
    ]
    return figures(weighed, unresolved=unresolved, unbound=unbound)


def _cycle(made: Window, line_id: int, oper_id: int | None) -> Fraction | None:
    return cycle_s(made.policies[line_id], made.opers.get(oper_id) if oper_id is not None else None)


def cycle_of(text: str) -> Fraction | None:
    """An ideal cycle from its text in DayRollup."""
    return Fraction(text) if text else None


def cycle_text(cycle: Fraction | None) -> str:
    """An ideal cycle as DayRollup keeps it."""
    return "" if cycle is None else str(cycle)


def time_of(sums: Sums) -> int:
    """Microseconds in all buckets."""
    return (
        sums.running + sums.unscheduled + sums.no_signal + sums.planned + sums.micro_stop + sums.setup + sums.downtime
    )
