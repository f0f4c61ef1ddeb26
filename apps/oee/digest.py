"""Everything derived of a line as plain rows, to compare one derivation with another; and dropping it."""

from typing import Any

from django.db.models import Model

from apps.downtime.models import Stop, StopPart
from apps.jobs.models import Run
from apps.oee import kept
from apps.oee.models import (
    DayRollup,
    HourRollup,
    LineLedger,
    LossMonth,
    LossRollup,
    MonthRollup,
    ScrapMove,
    Slice,
)

_LEFT_OUT = {"id", "line", "stop"}
_MONTHS: tuple[type[Model], ...] = (MonthRollup, LossMonth)
_TABLES: tuple[type[Model], ...] = (Run, Stop, Slice, ScrapMove, HourRollup, DayRollup, LossRollup, *_MONTHS)
_REACH = ("settled_until", "anchor", "rolled_until", "days_until", "months_until")
Rows = dict[str, list[tuple[Any, ...]]]


def derived_rows(line_id: int) -> Rows:
    """The rows of every derived table of a line, without their ids, in an order of their own."""
    found = {}
    for table in _TABLES:
        names = [field.attname for field in table._meta.concrete_fields if field.name not in _LEFT_OUT]
        rows = table._default_manager.filter(line_id=line_id).values_list(*names)
        found[table.__name__] = sorted(rows, key=repr)
    parts = StopPart.objects.filter(stop__line_id=line_id)
    found["StopPart"] = sorted(parts.values_list("start", "end", "reason", "by", "comment"))
    found["LineLedger"] = list(LineLedger.objects.filter(line_id=line_id).values_list(*_REACH))
    return found


def forget(line_id: int, *, keep_runs: bool = False) -> None:
    """Drop everything derived of a line; with `keep_runs` all but its Runs.

    What can't be derived again because the facts before were dropped stays.
    """
    known = kept.of_line(line_id)
    if known != (None, None):
        _forget_since(line_id, known.facts_from or 0, keep_runs=keep_runs)
        return
    tables: tuple[type[Model], ...] = (*reversed(_TABLES), LineLedger)
    for table in tables:
        if keep_runs and table is Run:
            continue
        table._default_manager.filter(line_id=line_id).delete()


def _forget_since(line_id: int, since: int, *, keep_runs: bool) -> None:
    """The same from an instant on. What scrap took is compared when it is allotted again."""
    for table in reversed(_TABLES):
        if table is Run and not keep_runs:
            Run.objects.filter(line_id=line_id).delete()
        elif table not in {Run, ScrapMove}:
            table._default_manager.filter(line_id=line_id, start__gte=since).delete()
    LineLedger.objects.filter(line_id=line_id).update(**dict.fromkeys(_REACH))


def differing(before: Rows, after: Rows) -> list[str]:
    """The rows that stand on one side only, named for a person."""
    found = []
    for name, rows in before.items():
        old, new = set(rows), set(after[name])
        found += [f"{name}: stored {row}, derived otherwise" for row in sorted(old - new, key=repr)]
        found += [f"{name}: derived {row}, not stored" for row in sorted(new - old, key=repr)]
    return found
