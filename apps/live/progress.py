"""How far operations are, on whatever lines they ran: rollups of the full hours, and what came after them."""

from collections.abc import Iterable, Mapping

from django.db.models import Q, Sum

from apps.jobs.models import Run
from apps.lines.models import Line
from apps.live.stretch import Stretch
from apps.live.types import Progress
from apps.oee.models import HourRollup
from apps.oee.tails import Tail
from apps.oee.types import Bucket
from apps.shared.instants import DAY

PLANNED = (Bucket.RUNNING, Bucket.MICRO_STOP, Bucket.DOWNTIME)
_SUMS = tuple(Sum(name) for name in ("good", "reject", "running", "micro_stop", "downtime"))
_NAMES = ("reject__sum", "running__sum", "micro_stop__sum", "downtime__sum")


def elsewhere(slugs: Iterable[str], now: int) -> list[str]:
    """Other lines on which an operation that is open on these ran within a day: their last hours count too."""
    here = list(slugs)
    open_here = Run.objects.filter(line__slug__in=here, end=None, oper__isnull=False)
    runs = Run.objects.filter(Q(end=None) | Q(end__gt=now - DAY), oper_id__in=open_here.values("oper_id"))
    found = Line.objects.filter(pk__in=runs.values("line_id")).exclude(slug__in=here)
    return list(found.order_by("slug").values_list("slug", flat=True))


def totals(oper_ids: Iterable[int], made: Stretch, tails: Mapping[int, Tail]) -> dict[int, Progress]:
    """Each operation so far. Rollups hold a line's time up to its `rolled_until`; `made` holds at least the rest."""
    ids = set(oper_ids)
    found = {oper_id: [0, 0, 0] for oper_id in ids}
    rows = HourRollup.objects.filter(oper_id__in=ids).values("oper_id")
    for oper_id, good, reject, *planned in rows.annotate(*_SUMS).values_list("oper_id", "good__sum", *_NAMES):
        found[oper_id] = [good, reject, sum(planned)]
    for line_id, tail in tails.items():
        for part in made.parts.get(line_id, ()):
            if part.oper_id in ids and part.end > tail.rolled_until:
                found[part.oper_id][0] += part.good
                found[part.oper_id][1] += part.reject
        for row in made.slices.get(line_id, ()):
            if row.oper_id in ids and row.bucket in PLANNED:
                found[row.oper_id][2] += max(0, row.end - max(row.start, tail.rolled_until))
    return {oper_id: Progress(*sums) for oper_id, sums in found.items()}
