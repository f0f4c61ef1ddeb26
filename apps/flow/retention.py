"""Months made ahead, and months that are old enough dropped: what `RETAIN_…_MONTHS` says, and never what is still needed.

Whole partitions go on PostgreSQL, rows in bounded batches on SQLite. Hours, days and losses stay: they are what a
year's reports are made of, and small.
"""

from collections.abc import Iterator
from typing import NamedTuple

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Model

from apps.accounts import sayings
from apps.lines.models import Line
from apps.lines.operations import lock
from apps.oee import kept
from apps.oee.models import HourRollup, Restatement, Slice
from apps.shared import partitions
from apps.shared.instants import iso
from apps.shared.partitions import month_of
from apps.states.models import CountDelta, StateChange

_log = structlog.get_logger(__name__)
MONTHS_AHEAD = 3
BATCH = 5000
FACTS: tuple[type[Model], ...] = (StateChange, CountDelta)
BIG: tuple[type[Model], ...] = (*FACTS, Slice, HourRollup)


class Kind(NamedTuple):
    """One kind of rows that may be dropped: its setting's name, its table, the instant that decides."""

    name: str
    model: type[Model]
    column: str


KINDS = (
    Kind("slices", Slice, "start"),
    Kind("states", StateChange, "at"),
    Kind("counts", CountDelta, "end"),
    Kind("late", Restatement, "end"),
)


class Dropped(NamedTuple):
    """What a run dropped (or would drop) of one kind: all rows before `edge`. `is_short` where lines still need more."""

    name: str
    edge: int
    rows: int
    is_short: bool


def work(*, now: int) -> list[Dropped]:
    """What the clock asks for: the months ahead made, stray rows put into theirs, old ones dropped, old keys forgotten."""
    sayings.forget_old(now=now)
    for model in BIG:
        table = model._meta.db_table
        try:
            made = partitions.tidy(table, now, ahead=MONTHS_AHEAD)
        except DatabaseError as problem:
            # Somebody reads for long: tomorrow is soon enough, rows wait in the rest.
            _log.warning("partition.late", table=table, why=str(problem).partition("\n")[0])
        else:
            if made:
                partitions.analyze(table)
                _log.info("partition.made", table=table, months=[month.name(table) for month in made])
    return drop(now=now)


def drop(*, now: int, is_dry: bool = False) -> list[Dropped]:
    """Drop what is older than its setting allows; with `is_dry` only say what that is."""
    return [found for kind in KINDS for found in _drop(kind, now, is_dry=is_dry)]


def _drop(kind: Kind, now: int, *, is_dry: bool) -> Iterator[Dropped]:
    months = settings.RETAIN_MONTHS[kind.name]
    needed = kept.needed_from(facts=kind.model in FACTS)
    if months == 0 or needed is None:
        return
    wanted = month_of(now).plus(-months).start
    edge = min(wanted, month_of(needed).start)
    old = kind.model._default_manager.filter(**{f"{kind.column}__lt": edge})
    rows = old.count()
    if rows and not is_dry:
        _note(kind, edge)
        _drop_months(kind.model._meta.db_table, edge)
        while batch := list(old.values_list("pk", flat=True)[:BATCH]):
            kind.model._default_manager.filter(**{f"{kind.column}__lt": edge}, pk__in=batch).delete()
        _log.info("retention.dropped", kind=kind.name, before=iso(edge), rows=rows)
    yield Dropped(kind.name, edge, rows, is_short=edge < wanted)


def _note(kind: Kind, edge: int) -> None:
    """Say where what is kept begins, before anything goes: from then on nobody looks for the rest."""
    with transaction.atomic():
        ids = list(Line.objects.values_list("pk", flat=True))
        lock(ids)
        if kind.model is Slice:
            kept.note_slices_from(ids, edge)
        elif kind.model in FACTS:
            kept.note_facts_from(ids, edge)


def _drop_months(table: str, edge: int) -> None:
    for partition in partitions.of(table):
        if partition.month.end <= edge:
            partitions.drop(table, partition.month)


def strays() -> list[str]:
    """A sentence for each big table of which rows lie in no month: none where all is well."""
    found = [(model._meta.db_table, partitions.in_rest(model._meta.db_table)) for model in BIG]
    return [f"{rows} rows of {table} lie in no month; the task puts them there." for table, rows in found if rows]
