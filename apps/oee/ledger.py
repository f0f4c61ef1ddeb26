"""Reading and writing settled rows of one line's time: slices and stops. One range at a time, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence

from apps.downtime.models import Stop, StopPart
from apps.downtime.types import Part, PhysicalStop
from apps.oee.models import DayRollup, LineLedger, LossMonth, LossRollup, MonthRollup, Slice
from apps.oee.types import SliceRow
from apps.shared import partitions
from apps.shared.bulk import insert
from apps.shared.instants import DAY

_COLUMNS = SliceRow._fields
_FIELDS = tuple("oper" if name == "oper_id" else name for name in _COLUMNS)
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


def slices_starting(line_id: int, start: int, end: int) -> list[SliceRow]:
    """The settled slices of a line that start in [start, end), in order."""
    rows = Slice.objects.filter(line_id=line_id, start__gte=start, start__lt=end).order_by("start")
    return [SliceRow(*row) for row in rows.values_list(*_COLUMNS)]


def slice_around(line_id: int, at: int) -> tuple[int, int]:
    """(start of the settled slice that ends at or holds the instant before `at`, end of the one that holds `at`);

    `at` itself where there is none.
    """
    last_two = _last_two(Slice, line_id, at)
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


def replace_slices(line_id: int, start: int, end: int, made: Sequence[SliceRow]) -> list[SliceRow]:
    """Make the slices that start in [start, end) equal to `made`; the old ones, where anything differed."""
    old = slices_starting(line_id, start, end)
    if old == list(made):
        return []
    if old:
        Slice.objects.filter(line_id=line_id, start__gte=start, start__lt=end).delete()
    partitions.ensure(Slice._meta.db_table, (row.start for row in made))
    insert(Slice, ("line", *_FIELDS), ((line_id, *_plain(row)) for row in made), ignore=False)
    return old


def _plain(row: SliceRow) -> tuple[object, ...]:
    """A slice as a driver takes it: texts instead of enumerations, an ISO date."""
    day = row.shift_date.isoformat() if row.shift_date else None
    return (*row._replace(bucket=str(row.bucket), binding=str(row.binding))[:9], day, row.shift)


def settled_stops(line_id: int, start: int, end: int) -> list[tuple[PhysicalStop, bool]]:
    """The settled stops that start in [start, end) with their parts, and whether each is a micro-stop."""
    parts: dict[int, list[Part]] = {}
    rows = StopPart.objects.filter(stop__line_id=line_id, stop__start__gte=start, stop__start__lt=end)
    for stop_id, first, last, reason, by, comment in rows.order_by("start").values_list(
        "stop_id", "start", "end", "reason", "by", "comment"
    ):
        parts.setdefault(stop_id, []).append(Part(first, last, reason, by, comment))
    stops = Stop.objects.filter(line_id=line_id, start__gte=start, start__lt=end).order_by("start")
    return [
        (PhysicalStop(first, last, fault, tuple(parts.get(pk, ()))), is_micro)
        for pk, first, last, fault, is_micro in stops.values_list("pk", "start", "end", "fault", "is_micro")
    ]


def replace_stops(line_id: int, start: int, end: int, made: Sequence[PhysicalStop], micro_stop_us: int) -> None:
    """Make the stops that start in [start, end) equal to `made`."""
    wanted = [(stop, stop.end - stop.start < micro_stop_us) for stop in made]
    if settled_stops(line_id, start, end) == wanted:
        return
    Stop.objects.filter(line_id=line_id, start__gte=start, start__lt=end).delete()
    rows = Stop.objects.bulk_create(
        [
            Stop(line_id=line_id, start=stop.start, end=stop.end, fault=stop.fault, is_micro=is_micro)
            for stop, is_micro in wanted
        ],
        batch_size=_BATCH,
    )
    StopPart.objects.bulk_create(
        [
            StopPart(stop=row, start=p.start, end=p.end, reason=p.reason, by=p.by, comment=p.comment)
            for row, (stop, _is_micro) in zip(rows, wanted, strict=True)
            for p in stop.parts
        ],
        batch_size=_BATCH,
    )


def forget_days(line_ids: Iterable[int]) -> None:
    """Drop the production days and months of lines whose days begin at other instants now; they are made again.

    Days before the kept facts begin can't be, and stay as they were. Months are made of whatever days there are.
    """
    ids = list(line_ids)
    for model in (MonthRollup, LossMonth):
        model._default_manager.filter(line_id__in=ids).delete()
    for row in LineLedger.objects.filter(line_id__in=ids):
        DayRollup.objects.filter(line_id=row.line_id, start__gte=row.facts_from or 0).delete()
        LossRollup.objects.filter(line_id=row.line_id, start__gte=row.facts_from or 0).delete()
    LineLedger.objects.filter(line_id__in=ids).update(days_until=None, months_until=None)
