"""Keeping what the machines said: facts are appended, the snapshot goes along."""

from collections.abc import Iterable

from apps.shared import partitions
from apps.shared.bulk import insert
from apps.shared.instants import SECOND
from apps.states.models import CountDelta, CounterAlert, LineSnapshot, ReplayClock, ScrapReport, StateChange
from apps.states.types import LineFacts
from apps.states.wire import encode_now


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
        CounterAlert(line_id=line_id, at=a.at, what=a.what, counter=a.counter, parts=a.parts)
        for f in batch
        for a in f.alerts
    ]
    if alerts:
        CounterAlert.objects.bulk_create(alerts, ignore_conflicts=True)
    now = batch[-1].now
    LineSnapshot.objects.update_or_create(
        line_id=line_id,
        defaults={
            "first_good_at": now.first_good_at,
            "last_good_at": now.last_good_at,
            "last_at": now.last_at,
            "body": encode_now(now),
        },
    )


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
