"""Reading and writing settled rows of one line's time: slices and stops. One range at a time, in one transaction."""

from collections.abc import Iterable, Sequence

from apps.downtime.models import Stop, StopPart
from apps.downtime.types import Part, PhysicalStop
from apps.oee.models import DayRollup, LineLedger, Slice
from apps.oee.types import SliceRow

_COLUMNS = SliceRow._fields
_BATCH = 2000


def ledgers(line_ids: Sequence[int]) -> dict[int, LineLedger]:
    """How far each line's derived rows reach; lines that were never derived are left out."""
    return {row.line_id: row for row in LineLedger.objects.filter(line_id__in=line_ids)}


def slices_between(line_id: int, start: int, end: int) -> list[SliceRow]:
    """The settled slices of a line that overlap [start, end), whole, in order."""
    rows = Slice.objects.filter(line_id=line_id, start__lt=end, end__gt=start).order_by("start")
    return [SliceRow(*row) for row in rows.values_list(*_COLUMNS)]


def slices_starting(line_id: int, start: int, end: int) -> list[SliceRow]:
    """The settled slices of a line that start in [start, end), in order."""
    rows = Slice.objects.filter(line_id=line_id, start__gte=start, start__lt=end).order_by("start")
    return [SliceRow(*row) for row in rows.values_list(*_COLUMNS)]


def slice_around(line_id: int, at: int) -> tuple[int, int]:
    """(start of the settled slice that ends at or holds the instant before `at`, end of the one that holds `at`);

    `at` itself where there is none.
    """
    slices = Slice.objects.filter(line_id=line_id)
    before = slices.filter(start__lt=at).order_by("-start").values_list("start", "end").first()
    holding = slices.filter(start__lte=at).order_by("-start").values_list("start", "end").first()
    first = before[0] if before and before[1] >= at else at
    last = holding[1] if holding and holding[1] > at else at
    return first, last


def stops_touching(line_id: int, start: int, end: int) -> list[tuple[int, int]]:
    """(start, end) of the settled stops that overlap or touch [start, end]."""
    return list(Stop.objects.filter(line_id=line_id, start__lte=end, end__gte=start).values_list("start", "end"))


def replace_slices(line_id: int, start: int, end: int, made: Sequence[SliceRow]) -> list[SliceRow]:
    """Make the slices that start in [start, end) equal to `made`; the old ones, where anything differed."""
    old = slices_starting(line_id, start, end)
    if old == list(made):
        return []
    if old:
        Slice.objects.filter(line_id=line_id, start__gte=start, start__lt=end).delete()
    Slice.objects.bulk_create([Slice(line_id=line_id, **row._asdict()) for row in made], batch_size=_BATCH)
    return old


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
    """Drop the production days of lines whose days begin at other instants now; they are made again."""
    ids = list(line_ids)
    DayRollup.objects.filter(line_id__in=ids).delete()
    LineLedger.objects.filter(line_id__in=ids).update(days_until=None)
