"""Which good parts scrap reports took (SEMANTICS.md §7): reports in order of time, each the latest good parts before it."""

from collections import Counter

from django.db.models import Sum

from apps.lines.types import LinePolicy
from apps.oee.attribution import Move, attribute, take
from apps.oee.models import ScrapMove
from apps.oee.timeline import ground_for
from apps.oee.types import PartsRow
from apps.shared.instants import HOUR
from apps.states.models import CounterAlert
from apps.states.queries import scrap_since

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


def reallocate(policy: LinePolicy, since: int, commissioned: int) -> list[tuple[int, int]]:
    """Work off again the reports at or after `since`, because parts before them may have changed.

    Returns the stretches in which moved parts differ from before. Reports earlier than `since` keep theirs: they
    come first, and what changed had not ended by then.
    """
    reports = scrap_since(policy.line_id, since)
    rows = ScrapMove.objects.filter(line_id=policy.line_id, report_at__gte=since)
    old = [Move(*row) for row in rows.values_list("report_at", "code", "start", "end", "qty")]
    if not reports and not old:
        return []
    taken = Taken(policy.line_id, since)
    found: list[Move] = []
    lost_at: dict[int, int] = {}
    for at, qty, code in reports:
        moves, lost = _work_off(policy, (at, qty, code), taken, commissioned)
        found.extend(moves)
        lost_at[at] = lost_at.get(at, 0) + lost
    for at, lost in lost_at.items():
        _alert(policy.line_id, at, lost)
    if sorted(old) == sorted(found):
        return []
    rows.delete()
    ScrapMove.objects.bulk_create([ScrapMove(line_id=policy.line_id, **move._asdict()) for move in found])
    before, after = Counter(old), Counter(found)
    return [(move.start, move.end) for move in (before - after) + (after - before)]


def _work_off(
    policy: LinePolicy, report: tuple[int, int, str], taken: Taken, commissioned: int
) -> tuple[list[Move], int]:
    """Look back from the report in ever longer stretches until enough good parts are found; (moves, not found)."""
    at, wanted, code = report
    found: list[Move] = []
    end, reach = at, HOUR
    while wanted > 0 and end > commissioned:
        start = max(end - reach, commissioned)
        taken.know(start, end)
        moves, wanted = take(at, wanted, code, _counted(policy, start, end), taken.parts)
        found.extend(moves)
        end, reach = start, reach * 2
    return found, wanted


def _counted(policy: LinePolicy, start: int, end: int) -> list[PartsRow]:
    ground, deltas = ground_for(policy, start, end)
    return [row for row in attribute(deltas, ground) if start < row.end <= end]


def _alert(line_id: int, at: int, lost: int) -> None:
    alerts = CounterAlert.objects.filter(line_id=line_id, at=at, what=NOT_FOUND)
    if lost == 0:
        alerts.delete()
    elif not alerts.update(parts=lost):
        CounterAlert.objects.create(line_id=line_id, at=at, what=NOT_FOUND, counter="scrap", parts=lost)
