"""Slices and attributed parts of many lines up to one instant, in six queries. The rules are those of apps/oee.

Parts of hours that are rolled up come as the rollup has them, one row an hour, binding and shift: a shift's thousands of
counts are attributed once, not each time that somebody looks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.lines.types import LinePolicy
from apps.oee import stretches
from apps.oee.models import HourRollup
from apps.oee.tails import Tail
from apps.oee.types import PartsRow, SliceRow
from apps.shared.instants import HOUR
from apps.shared.spans import Span

_ROLLED = (
    "line_id", "start", "binding", "oper_id", "shift_date", "shift", "good", "reject", "ideal_good", "ideal_total",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stretch:
    """Slices (cut to the stretch, in order) and parts (that ended in it) of each line, by line id."""

    slices: dict[int, list[SliceRow]]
    parts: dict[int, list[PartsRow]]


def read(policies: Sequence[LinePolicy], tails: Mapping[int, Tail], since: Mapping[int, int], end: int) -> Stretch:
    """What each commissioned line holds from its own instant on, up to `end`."""
    by_id = {policy.line_id: policy for policy in policies if policy.line_id in tails}
    since = {line_id: since[line_id] for line_id in by_id}
    # From where on parts are attributed here; before it the rollups have them. They are of use from a full hour on.
    fresh = {
        line_id: max(start, tails[line_id].rolled_until) if start % HOUR == 0 else start
        for line_id, start in since.items()
    }
    parts = _rolled(since, fresh)
    asked = [Span(line_id, start, max(start, end)) for line_id, start in fresh.items()]
    for line_id, rows in zip(fresh, stretches.parts_of(by_id, asked), strict=True):
        parts[line_id] += rows
    whole = [Span(line_id, start, max(start, end)) for line_id, start in since.items()]
    slices = dict(zip(since, stretches.slices_of(by_id, tails, whole), strict=True))
    return Stretch(slices, parts)


def _rolled(since: Mapping[int, int], until: Mapping[int, int]) -> dict[int, list[PartsRow]]:
    """Each line's parts of the full hours between its two instants, those over no_signal apart."""
    found: dict[int, list[PartsRow]] = {line_id: [] for line_id in until}
    first, last = min(since.values(), default=0), max(until.values(), default=0)
    rows = HourRollup.objects.filter(line_id__in=until, start__gte=first, start__lt=last)
    for line_id, hour, binding, oper_id, day, shift, good, reject, ideal_good, ideal_total in rows.order_by(
        "start", "id"
    ).values_list(*_ROLLED):
        if not since[line_id] <= hour < until[line_id]:
            continue
        about = (hour, hour + HOUR, binding, oper_id, day, shift)
        seen = ideal_good, ideal_total - ideal_good
        for is_blind, (more_good, more_reject) in ((False, seen), (True, (good - seen[0], reject - seen[1]))):
            if more_good or more_reject:
                row = PartsRow(*about, more_good, more_reject, is_blind=is_blind, is_estimated=False)
                found[line_id].append(row)
    return found
