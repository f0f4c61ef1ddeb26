"""Which good parts scrap reports took (SEMANTICS.md §7): reports in order of time, each the latest good parts before it."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence

from django.db.models import Sum

from apps.jobs.queries import runs_between
from apps.oee.attribution import GAP_US, Ground, Move, attribute, take
from apps.oee.models import ScrapMove
from apps.oee.types import PartsRow
from apps.shared.instants import DAY, HOUR
from apps.states.models import CounterAlert
from apps.states.queries import deltas_between, scrap_since
from apps.states.types import Delta

NOT_FOUND = "scrap_not_found"


class Taken:
    """Parts already taken by (start, end): by the reports worked off here, and by earlier ones, read as needed."""

    def __init__(self, line_id: int, since: int) -> None:
        self.parts: dict[tuple[int, int], int] = {}
        self._earlier = ScrapMove.objects.filter(line_id=line_id, report_at__lt=since)
        self._read: set[tuple[int, int]] = set()

    def know(self, start: int, end: int) -> None:
        """Read what earlier reports took in rows that ended in (start, end], once for each row."""
        rows = self._earlier.filter(end__gt=start, end__lte=end).values_list("start", "end")
        for first, last, qty in rows.annotate(all=Sum("qty")).order_by("start", "end"):
            if (first, last) not in self._read:
                self._read.add((first, last))
                self.parts[first, last] = self.parts.get((first, last), 0) + qty


class Counted:
    """The parts counted before reports. Reports near each other are read for once: a late one has many after it."""

    def __init__(self, line_id: int, taken: Taken, reported: Sequence[int]) -> None:
        self._line_id, self._taken, self._reported = line_id, taken, reported
        self._start = self._end = -1
        self._rows: list[PartsRow] = []
        self._ends: list[int] = []

    def between(self, start: int, end: int) -> list[PartsRow]:
        """The rows that ended in (start, end], by their end; what earlier reports took of them is known then."""
        if end > self._end:
            self._start, self._end = start, self._last_near(end)
            self._rows = self._read(start, self._end)
            self._ends = [row.end for row in self._rows]
        if start < self._start:
            # A look further back than the first.
            return self._read(start, end)
        return self._rows[bisect_right(self._ends, start) : bisect_right(self._ends, end)]

    def _last_near(self, at: int) -> int:
        """The last of the reports that follow one another within the hour, for a day at most."""
        last = at
        for later in self._reported[bisect_right(self._reported, at) :]:
            if later - last > HOUR or later - at > DAY:
                break
            last = later
        return last

    def _read(self, start: int, end: int) -> list[PartsRow]:
        deltas = deltas_between(self._line_id, start, end)
        if not deltas:
            return []
        self._taken.know(start, end)
        found = [row for row in attribute(deltas, self._ground(deltas)) if start < row.end <= end]
        return sorted(found, key=lambda row: row.end)

    def _ground(self, deltas: Sequence[Delta]) -> Ground:
        """Runs, where a gap is shared among them: whose the parts are and in which shift is of no matter here."""
        gaps = [delta for delta in deltas if delta.end - delta.start > GAP_US]
        if not gaps:
            return Ground((), (), ())
        first, last = min(gap.start for gap in gaps), max(gap.end for gap in gaps)
        return Ground(runs_between(self._line_id, first, last), (), ())


def reallocate(line_id: int, since: int, commissioned: int) -> list[tuple[int, int]]:
    """Work off again the reports at or after `since`, because parts before them may have changed.

    Returns the stretches in which moved parts differ from before. Reports earlier than `since` keep theirs: they
    come first, and what changed had not ended by then.
    """
    reports = scrap_since(line_id, since)
    rows = ScrapMove.objects.filter(line_id=line_id, report_at__gte=since)
    old = [Move(*row) for row in rows.values_list("report_at", "code", "start", "end", "qty")]
    if not reports and not old:
        return []
    taken = Taken(line_id, since)
    counted = Counted(line_id, taken, [at for at, _qty, _code in reports])
    found: list[Move] = []
    lost_at: dict[int, int] = {}
    for at, qty, code in reports:
        moves, lost = _work_off((at, qty, code), counted, taken, commissioned)
        found.extend(moves)
        lost_at[at] = lost_at.get(at, 0) + lost
    _alert(line_id, since, {at: lost for at, lost in lost_at.items() if lost})
    if sorted(old) == sorted(found):
        return []
    rows.delete()
    ScrapMove.objects.bulk_create([ScrapMove(line_id=line_id, **move._asdict()) for move in found])
    before, after = Counter(old), Counter(found)
    return [(move.start, move.end) for move in (before - after) + (after - before)]


def _work_off(
    report: tuple[int, int, str], counted: Counted, taken: Taken, commissioned: int
) -> tuple[list[Move], int]:
    """Look back from the report in ever longer stretches until enough good parts are found; (moves, not found)."""
    at, wanted, code = report
    found: list[Move] = []
    end, reach = at, HOUR
    while wanted > 0 and end > commissioned:
        start = max(end - reach, commissioned)
        moves, wanted = take(at, wanted, code, counted.between(start, end), taken.parts)
        found.extend(moves)
        end, reach = start, reach * 2
    return found, wanted


def _alert(line_id: int, since: int, lost_at: Mapping[int, int]) -> None:
    """Say of the reports since then how many parts were not found, where any were not."""
    alerts = CounterAlert.objects.filter(line_id=line_id, at__gte=since, what=NOT_FOUND)
    said = dict(alerts.values_list("at", "parts"))
    if said == lost_at:
        return
    alerts.filter(at__in=said.keys() - lost_at.keys()).delete()
    for at, lost in lost_at.items():
        if at not in said:
            CounterAlert.objects.create(line_id=line_id, at=at, what=NOT_FOUND, counter="scrap", parts=lost)
        elif said[at] != lost:
            alerts.filter(at=at).update(parts=lost)
