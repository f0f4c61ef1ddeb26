"""Figures of cells, told apart by line, operation and shift; and the ideal cycle that weighs their parts."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from apps.jobs.queries import opers
from apps.jobs.types import OperView
from apps.lines.types import LinePolicy
from apps.oee.cells import cells_of
from apps.oee.rules import Weighed, add, exact, figures, standard_cycle_s
from apps.oee.tails import tails
from apps.oee.types import Binding, CellKey, Cells, Figures, Sums


class Window(NamedTuple):
    """What a report is made of: lines, their cells, and the operations in them."""

    policies: Mapping[int, LinePolicy]
    cells: Cells
    opers: Mapping[int, OperView]


def window(policies: Sequence[LinePolicy], start: int, end: int, now: int, *, with_shift: bool = False) -> Window:
    """The cells of [start, end), cut to now."""
    end = min(end, now)
    cells = cells_of(policies, tails(policies, now, until=end), start, end, with_shift=with_shift)
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


def figures_of(made: Window, cells: Iterable[tuple[CellKey, Sums]]) -> Figures:
    """The figures of some cells together. What has no operation counts as one more, with the line's default cycle."""
    merged: dict[tuple[int, int | None], Sums] = {}
    unresolved = unbound = 0
    for key, sums in cells:
        if key.binding == Binding.UNRESOLVED:
            unresolved += time_of(sums)
        elif key.binding == Binding.NONE:
            unbound += time_of(sums)
        group = merged.setdefault((key.line_id, key.oper_id), Sums())
        add(group, sums)
    weighed = [Weighed(sums, _cycle(made, line_id, oper_id)) for (line_id, oper_id), sums in merged.items()]
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
