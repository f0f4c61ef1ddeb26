"""Reading and writing settled rows of one line's time: slices and stops. One range at a time, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from apps.downtime.models import Stop, StopPart
from apps.downtime.types import Part, PhysicalStop
from apps.oee.models import LineLedger, Slice
from apps.oee.types import SliceRow
from apps.shared import partitions, spans
from apps.shared.bulk import Row, difference, insert, remove, write
from apps.shared.instants import DAY
from apps.shared.spans import Span, starting

_COLUMNS = SliceRow._fields
_FIELDS = tuple("oper" if name == "oper_id" else name for name in _COLUMNS)
_STOP = ("line", "start", "end", "fault", "is_micro")
_PART = ("stop", *Part._fields)
_BATCH = 2000
# So far back a slice or stop that holds an instant is looked for first: it keeps the search out of a line's history.
_REACH = 2 * DAY


def ledgers(line_ids: Sequence[int]) -> dict[int, LineLedger]:
    """How far each line's derived rows reach; lines that were never derived are left out."""
    return {row.line_id: row for row in LineLedger.objects.filter(line_id__in=line_ids)}


def slices_between(line_id: int, start: int, end: int) -> list[SliceRow]:
    """The settled slices of a line that overlap [start, end), whole, in order."""
    return slices_of({line_id: end}, start, end)[line_id]


def slices_of(settled: Mapping[int, int], start: int, end: int) -> dict[int, list[SliceRow]]:
    """The same for many lines, by line id; `settled` says how far the slices of each may reach."""
    found: dict[int, list[SliceRow]] = {line_id: [] for line_id in settled}
    ids = [line_id for line_id, until in settled.items() if until > start]
    near = Slice.objects.filter(line_id__in=ids, start__gte=start - _REACH, start__lt=end, end__gt=start)
    for line_id, *row in near.order_by("line_id", "start").values_list("line_id", *_COLUMNS):
        found[line_id].append(SliceRow(*row))
    for line_id in ids:
        if not found[line_id] or found[line_id][0].start > start:
            found[line_id][:0] = _long_slice(line_id, start)
    return found


def _long_slice(line_id: int, at: int) -> list[SliceRow]:
    """The slice that holds an instant and began long before it."""
    rows = Slice.objects.filter(line_id=line_id, start__lt=at - _REACH).order_by("-start")
    return [row for row in (SliceRow(*row) for row in rows.values_list(*_COLUMNS)[:1]) if row.end > at]


def slices_starting(line_id: int, start: int, end: int) -> list[tuple[int, SliceRow]]:
    """(id, slice) of the settled slices of a line that start in [start, end), in order."""
    found = spans.rows(Slice, ("start", "id", *_COLUMNS), [Span(line_id, start, end)], starting("start"))[0]
    return [(row[1], SliceRow(*row[2:])) for row in sorted(found, key=itemgetter(0))]


def slice_around(line_id: int, at: int) -> tuple[int, int]:
    """(start of the settled slice that ends at or holds the instant before `at`, end of the one that holds `at`);

    `at` itself where there is none.
    """
    return hull_at(at, _last_two(Slice, line_id, at))


def hull_at(at: int, last_two: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The same, from (start, end) of the last two slices that start at or before `at`, the last one first."""
    before = next((row for row in last_two if row[0] < at), (at, at))
    holding = last_two[0] if last_two else (at, at)
    return (before[0] if before[1] >= at else at), max(holding[1], at)


def _last_two(model: type[Slice] | type[Stop], line_id: int, at: int) -> list[tuple[int, int]]:
    """(start, end) of the last two rows that start at or before an instant, the last one first."""
    rows = model._default_manager.filter(line_id=line_id, start__lte=at).order_by("-start").values_list("start", "end")
    near = list(rows.filter(start__gt=at - _REACH)[:2])
    return near if len(near) == 2 else list(rows[:2])


def stops_touching(line_id: int, start: int, end: int) -> list[tuple[int, int]]:
    """(start, end) of the settled stops that overlap or touch [start, end]."""
    inside = Stop.objects.filter(line_id=line_id, start__gt=start, start__lte=end).values_list("start", "end")
    return [row for row in _last_two(Stop, line_id, start) if row[1] >= start] + list(inside)


def replace_slices(
    line_id: int, there: Iterable[tuple[int, SliceRow]], made: Iterable[SliceRow]
) -> tuple[list[SliceRow], list[SliceRow]]:
    """Make the slices that stand there, with their ids, equal to `made`; those that differ, as they were and as they are."""
    found = difference(((pk, (line_id, *row)) for pk, row in there), ((line_id, *row) for row in made), keys=3)
    partitions.ensure(Slice._meta.db_table, (row[1] for row in found.fresh))
    write(Slice, ("line", *_FIELDS), 3, found)
    return [SliceRow(*row[1:]) for row in found.before], [SliceRow(*row[1:]) for row in found.after]


class StoredStop(NamedTuple):
    """A settled stop with its parts, and the ids under which they stand."""

    pk: int
    start: int
    end: int
    fault: int
    is_micro: bool
    parts: list[tuple[int, Part]]


def stored_stops(line_id: int, start: int, end: int) -> list[StoredStop]:
    """The settled stops that start in [start, end), in order; every stop has a part."""
    rows = StopPart.objects.filter(stop__line_id=line_id, stop__start__gte=start, stop__start__lt=end)
    found: dict[int, StoredStop] = {}
    for row in rows.order_by("stop__start", "start").values_list(
        "stop_id", "stop__start", "stop__end", "stop__fault", "stop__is_micro", "pk", *Part._fields
    ):
        stop = found.setdefault(row[0], StoredStop(row[0], row[1], row[2], row[3], row[4], []))
        stop.parts.append((row[5], Part(*row[6:])))
    return list(found.values())


def settled_stops(line_id: int, start: int, end: int) -> list[tuple[PhysicalStop, bool]]:
    """The settled stops that start in [start, end) with their parts, and whether each is a micro-stop."""
    return [
        (PhysicalStop(stop.start, stop.end, stop.fault, tuple(part for _pk, part in stop.parts)), stop.is_micro)
        for stop in stored_stops(line_id, start, end)
    ]


def replace_stops(line_id: int, there: Sequence[StoredStop], made: Sequence[PhysicalStop], micro_stop_us: int) -> bool:
    """Make the stops that stand there equal to `made`; whether anything had to be written."""
    wanted = {(stop.start, stop.end): stop for stop in made}
    whole = difference(
        ((stop.pk, (line_id, *stop[1:5])) for stop in there),
        ((line_id, stop.start, stop.end, stop.fault, stop.end - stop.start < micro_stop_us) for stop in made),
        keys=3,
    )
    gone = {pk for pk, _row in whole.gone}
    kept = {stop.pk: wanted[stop.start, stop.end].parts for stop in there if stop.pk not in gone}
    parts = difference(
        ((pk, (stop.pk, *part)) for stop in there for pk, part in stop.parts),
        ((pk, *part) for pk, wanted_parts in kept.items() for part in wanted_parts),
        keys=3,
    )
    if not whole and not parts:
        return False
    remove(StopPart, _PART, parts.gone)
    write(Stop, _STOP, 3, whole._replace(fresh=[]))
    write(StopPart, _PART, 3, parts._replace(gone=[]))
    _add_stops([(row, wanted[row[1], row[2]].parts) for row in whole.fresh])
    return True


def _add_stops(fresh: Sequence[tuple[Row, Sequence[Part]]]) -> None:
    rows = Stop.objects.bulk_create(
        [
            Stop(line_id=line_id, start=start, end=end, fault=fault, is_micro=is_micro)
            for (line_id, start, end, fault, is_micro), _parts in fresh
        ],
        batch_size=_BATCH,
    )
    parts = [(row.pk, *part) for row, (_stop, parts) in zip(rows, fresh, strict=True) for part in parts]
    insert(StopPart, _PART, parts, ignore=False)
