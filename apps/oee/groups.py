"""OEE over a window by line, operation, job, part, shift or plant, added up by the database as far as time is rolled up.

A year of a hundred lines is thousands of jobs: their sums come by name and ideal cycle, one row each.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from apps.jobs.models import Job, JobOper
from apps.jobs.queries import opers
from apps.jobs.types import OperView
from apps.lines.models import Company, Line, Plant
from apps.lines.types import LinePolicy
from apps.oee.cells import SUMMED, Reading, add_rolled, cells_of_rows, reading_of
from apps.oee.models import Added, HourRollup
from apps.oee.reports import cycle_of, cycle_s, cycle_text, time_of
from apps.oee.rules import Weighed, Worked, add, figures_from, worked
from apps.oee.tails import Tail, tails
from apps.oee.types import Binding, CellKey, Cells, Figures, Sums
from apps.shared import spans

Key = tuple[Any, ...]
NAMES: Mapping[str, tuple[str, ...]] = {
    "line": ("company", "plant", "line"),
    "operation": ("company", "plant", "JobNum", "AssemblySeq", "OprSeq"),
    "job": ("company", "plant", "JobNum"),
    "part": ("company", "plant", "PartNum"),
    "shift": ("company", "plant", "date", "shift"),
    "plant": ("company", "plant"),
}
BY = tuple(NAMES)
OF_JOBS = ("operation", "job", "part")


class Row(NamedTuple):
    """The key of a row, under the names that FORMATS.md gives, its figures, and time in no or no certain operation (µs)."""

    key: dict[str, Any]
    worked: Worked
    unresolved: int
    unbound: int

    @property
    def figures(self) -> Figures:
        """The figures with exact ratios."""
        return figures_from(self.worked, unresolved=self.unresolved, unbound=self.unbound)


class _Sums(NamedTuple):
    """What one statement or cell adds to a row: the binding, the ideal cycle as text, and the sums in their order."""

    binding: str
    cycle: str
    sums: tuple[int, ...]


_Groups = dict[Key, list[_Sums]]
# As plain texts: an enumeration compares ten times slower.
_UNRESOLVED, _NONE = Binding.UNRESOLVED.value, Binding.NONE.value


def report(policies: Sequence[LinePolicy], start: int, end: int, now: int, by: str) -> Iterator[Row]:
    """One row for each key that has any time or parts in [start, end), sorted by key (None first).

    One after the other: of thousands only that which the caller keeps stays.
    """
    end = min(end, now)
    known = tails(policies, now, until=end)
    reading = reading_of(policies, known, start, end, with_shift=by == "shift")
    groups: _Groups = {}
    by_id = {policy.line_id: policy for policy in policies}
    for model, asked in reading.rolled.items():
        if model is not HourRollup:
            _take_rolled(groups, by, model, asked, by_id)
    _take_cells(groups, by, _fresh(policies, known, reading, by), by_id)
    for key in sorted(groups, key=_none_first) if by == "shift" else sorted(groups):
        yield _row(by, key, groups[key])


def _none_first(key: Key) -> list[tuple[bool, Any]]:
    return [(value is not None, value) for value in key]


def _row(by: str, key: Key, group: list[_Sums]) -> Row:
    unresolved = unbound = 0
    by_cycle: dict[str, Sums] = {}
    for binding, cycle, numbers in group:
        sums = Sums(*numbers)
        if binding == _UNRESOLVED:
            unresolved += time_of(sums)
        elif binding == _NONE:
            unbound += time_of(sums)
        if cycle in by_cycle:
            add(by_cycle[cycle], sums)
        else:
            by_cycle[cycle] = sums
    made = worked([Weighed(sums, _cycle(cycle)) for cycle, sums in by_cycle.items()])
    return Row(dict(zip(NAMES[by], key, strict=True)), made, unresolved, unbound)


@lru_cache(maxsize=4096)
def _cycle(text: str) -> Fraction | None:
    return cycle_of(text)


def _take_rolled(
    groups: _Groups,
    by: str,
    model: type[Added],
    asked: Sequence[spans.Span],
    policies: Mapping[int, LinePolicy],
) -> None:
    """Days and months carry their cycle."""
    columns, joins = _SOURCES[by]
    where = "t.oper_id IS NOT NULL" if by in OF_JOBS else ""
    keys = ["t.binding", "t.cycle", *columns]
    for row in spans.sums(model, keys, SUMMED, asked, joins=joins, where=where):
        key = row[2 : len(keys)]
        if by in {"line", "plant"}:
            policy = policies[key[0]]
            key = (policy.company, policy.plant, policy.slug)[: len(NAMES[by])]
        elif by == "shift":
            key = (*key[:2], *_shift(key[2], key[3]))
        groups.setdefault(key, []).append(_Sums(row[0], row[1], row[len(keys) :]))


def _sources() -> dict[str, tuple[tuple[str, ...], str]]:
    """By what the database groups, and what it joins for that."""
    table = {model: f'"{model._meta.db_table}"' for model in (Job, JobOper, Company, Line, Plant)}
    of_line = (
        f"JOIN {table[Line]} n ON n.id = t.line_id JOIN {table[Plant]} p ON p.id = n.plant_id"
        f" JOIN {table[Company]} c ON c.id = p.company_id"
    )
    of_oper = (
        f"JOIN {table[JobOper]} o ON o.id = t.oper_id JOIN {table[Job]} j ON j.id = o.job_id"
        f" JOIN {table[Company]} c ON c.id = j.company_id"
    )
    return {
        "line": (("t.line_id",), ""),
        "plant": (("t.line_id",), ""),
        "shift": (("c.code", "p.code", "t.shift_date", "t.shift"), of_line),
        "operation": (("c.code", "j.plant", "j.job_num", "o.assembly_seq", "o.opr_seq"), of_oper),
        "job": (("c.code", "j.plant", "j.job_num"), of_oper),
        "part": (("c.code", "j.plant", "j.part_num"), of_oper),
    }


_SOURCES = _sources()


def _fresh(policies: Sequence[LinePolicy], known: Mapping[int, Tail], reading: Reading, by: str) -> Cells:
    """The sums of rows and of hours, whose cycle is not kept with them."""
    with_shift = by == "shift"
    cells = cells_of_rows(policies, known, reading.rows, with_shift=with_shift)
    add_rolled(cells, HourRollup, reading.rolled[HourRollup], with_shift=with_shift)
    return cells


def _take_cells(groups: _Groups, by: str, cells: Cells, policies: Mapping[int, LinePolicy]) -> None:
    views = opers(key.oper_id for key in cells if key.oper_id is not None)
    cycles: dict[tuple[int, int | None], str] = {}
    for key, sums in cells.items():
        policy, oper = policies[key.line_id], views.get(key.oper_id) if key.oper_id is not None else None
        values = _key(by, key, policy, oper)
        if values is None:
            continue
        of = (key.line_id, key.oper_id)
        if of not in cycles:
            cycles[of] = cycle_text(cycle_s(policy, oper))
        numbers = tuple(getattr(sums, name) for name in SUMMED)
        groups.setdefault(values, []).append(_Sums(key.binding, cycles[of], numbers))


def _key(by: str, key: CellKey, policy: LinePolicy, oper: OperView | None) -> Key | None:
    here = (policy.company, policy.plant)
    if by == "line":
        return (*here, policy.slug)
    if by == "plant":
        return here
    if by == "shift":
        return (*here, *_shift(key.shift_date, key.shift))
    if oper is None:
        # Unresolved and unbound time belong to the line only.
        return None
    there = (oper.company, oper.plant)
    if by == "operation":
        return (*there, oper.job_num, oper.assembly_seq, oper.opr_seq)
    return (*there, oper.job_num) if by == "job" else (*there, oper.part_num)


def _shift(day: date | None, name: str) -> tuple[str | None, str | None]:
    """A production day and its shift as a report names them; None outside shifts."""
    return (day.isoformat(), name) if day else (None, None)
