"""Keeping what the machines said: facts are appended, the snapshot goes along."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from apps.shared import partitions
from apps.shared.bulk import insert
from apps.shared.instants import SECOND
from apps.shared.storable import GREATEST
from apps.states.models import CountDelta, CounterAlert, LineSnapshot, ReplayClock, ScrapReport, StateChange
from apps.states.types import LineFacts, LineNow
from apps.states.wire import decode_now, encode_now


def record(line_id: int, facts: Iterable[LineFacts]) -> None:
    """Append the facts of one line, in the order of its samples; what is already there stays as it is."""
    batch = list(facts)
    partitions.ensure(StateChange._meta.db_table, (c.at for f in batch for c in f.changes))
    partitions.ensure(CountDelta._meta.db_table, (d.end for f in batch for d in f.deltas))
    changes = ((line_id, c.at, str(c.state), c.fault) for f in batch for c in f.changes)
    insert(StateChange, ("line", "at", "state", "fault"), changes, ignore=True)
    deltas = (
        (line_id, d.start, d.end, d.good, d.reject, d.end - d.start > 10 * SECOND) for f in batch for d in f.deltas
    )
    insert(CountDelta, ("line", "start", "end", "good", "reject", "is_gap"), deltas, ignore=True)
    alerts = [
        # A counter of 64 bits can jump further than a column reaches.
        CounterAlert(line_id=line_id, at=a.at, what=a.what, counter=a.counter, parts=min(a.parts, GREATEST))
        for f in batch
        for a in f.alerts
    ]
    if alerts:
        CounterAlert.objects.bulk_create(alerts, ignore_conflicts=True)
    _go_on(line_id, batch[-1].now)


def _go_on(line_id: int, now: LineNow) -> None:
    """Move the snapshot on, never back: a spool that was copied back, or was another's, tells again what is long past."""
    body = LineSnapshot.objects.filter(line_id=line_id).values_list("body", flat=True).first()
    if body is not None:
        now = _later(decode_now(body), now)
    row: dict[str, Any] = {"first_good_at": now.first_good_at, "last_good_at": now.last_good_at, "last_at": now.last_at}
    row |= {"body": encode_now(now)}
    if body is None:
        LineSnapshot.objects.create(line_id=line_id, **row)
    else:
        LineSnapshot.objects.filter(line_id=line_id).update(**row)


def _later(stored: LineNow, told: LineNow) -> LineNow:
    """The one that knows the line further, of a line that began with the first good sample of either and was asked last
    by either: who hears nothing of a machine knows less of it, however often it asked."""
    firsts = [now.first_good_at for now in (stored, told) if now.first_good_at is not None]
    lasts = [now.last_at for now in (stored, told) if now.last_at is not None]
    further = stored if _reach(stored) > _reach(told) else told
    return replace(further, first_good_at=min(firsts, default=None), last_at=max(lasts, default=None))


def _reach(now: LineNow) -> tuple[int, int]:
    return now.last_good_at or 0, now.last_at or 0


def report_scrap(*, line_id: int, at: int, qty: int, code: str, by: str) -> bool:
    """Keep a scrap report; False where the very same one is there already."""
    return insert(ScrapReport, ("line", "at", "qty", "code", "by"), [(line_id, at, qty, code, by)], ignore=True) > 0


def advance_replay_clock(at: int) -> int:
    """Move the replayed "now" forward to `at` (never back); the instant it stands at."""
    clock = ReplayClock.objects.order_by("-now_at").first()
    if clock is None:
        ReplayClock.objects.create(now_at=at)
        return at
    if at > clock.now_at:
        ReplayClock.objects.filter(pk=clock.pk).update(now_at=at)
    return max(at, clock.now_at)


def release_replay_clock() -> None:
    """Let the real clock rule again: a live ingester takes over from what was replayed."""
    ReplayClock.objects.all().delete()
