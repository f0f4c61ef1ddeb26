"""Folding samples into facts (SEMANTICS.md §3, §7). Pure: no clock, no database."""

from typing import NamedTuple

from apps.states import counters
from apps.states.types import Alert, Change, CounterNow, Delta, Limits, LineNow, Pending, Sample, State, Stepped


def step(now: LineNow, sample: Sample, limits: Limits) -> Stepped:
    """Fold one sample into what is known of its line: the facts that became certain, and the new snapshot."""
    if now.last_at is not None and sample.at <= now.last_at:
        return Stepped(now, dropped=True)
    if not sample.good:
        return Stepped(_seen(now, sample.at))
    state, fault, pending, changes = _follow(now, sample, limits)
    known, deltas, alerts = _count(now, sample, limits)
    after = LineNow(
        first_good_at=sample.at if now.first_good_at is None else now.first_good_at,
        last_at=sample.at,
        last_good_at=sample.at,
        state=state,
        fault=fault,
        pending=pending,
        counters=known,
    )
    return Stepped(after, tuple(changes), tuple(deltas), tuple(alerts))


def tail(now: LineNow, until: int, limits: Limits) -> tuple[Change, ...]:
    """What the snapshot says beyond its emitted changes if nothing more comes before `until`.

    Silence longer than `stale_after` is no_signal from the last good sample; a pending change counts once it
    has held; what it showed before that belongs to the state as it was.
    """
    if now.last_good_at is None:
        return ()
    silent = until - now.last_good_at > limits.stale_after_us
    pending = now.pending
    found: list[Change] = []
    if pending is not None and not silent and until - pending.at >= limits.debounce_us:
        found.extend(_confirmed(pending))
    elif pending is not None:
        found.extend(_withdrawn(pending, now.state, now.fault))
    if silent:
        found.append(Change(now.last_good_at, State.NO_SIGNAL, 0))
    return tuple(found)


class Known(NamedTuple):
    """The state as emitted so far while one sample is worked in."""

    state: str
    fault: int
    pending: Pending | None
    changes: list[Change]


def _seen(now: LineNow, at: int) -> LineNow:
    return LineNow(now.first_good_at, at, now.last_good_at, now.state, now.fault, now.pending, now.counters)


def _follow(now: LineNow, sample: Sample, limits: Limits) -> Known:
    """The state step: what the line is in after this sample, and the changes that it made certain."""
    raw = State.RUNNING if sample.running else State.STOPPED
    at = sample.at
    if now.last_good_at is None:
        return _enter(at, raw, sample.fault, [])
    if at - now.last_good_at > limits.stale_after_us:
        found = list(_withdrawn(now.pending, now.state, now.fault)) if now.pending else []
        found.append(Change(now.last_good_at, State.NO_SIGNAL, 0))
        return _enter(at, raw, sample.fault, found)
    pending = now.pending
    if pending is not None and at - pending.at >= limits.debounce_us:
        found = _confirmed(pending)
        return _stay_or_turn(Known(pending.state, found[-1].fault, None, found), sample, raw, limits)
    return _stay_or_turn(Known(now.state, now.fault, pending, []), sample, raw, limits)


def _enter(at: int, raw: str, fault: int, changes: list[Change]) -> Known:
    """The first state ever, or after no_signal: it counts at once."""
    fault = fault if raw == State.STOPPED else 0
    changes.append(Change(at, raw, fault))
    return Known(raw, fault, None, changes)


def _stay_or_turn(known: Known, sample: Sample, raw: str, limits: Limits) -> Known:
    state, fault, pending, changes = known
    if raw == state:
        if pending is not None:
            withdrawn = _withdrawn(pending, state, fault)
            changes.extend(withdrawn)
            fault = withdrawn[-1].fault if withdrawn else fault
        if state == State.STOPPED and sample.fault != fault:
            fault = sample.fault
            changes.append(Change(sample.at, state, fault))
        return Known(state, fault, None, changes)
    if limits.debounce_us == 0:
        return _enter(sample.at, raw, sample.fault, changes)
    if pending is None:
        return Known(state, fault, Pending(sample.at, raw, sample.fault), changes)
    return Known(state, fault, _still(pending, sample), changes)


def _still(pending: Pending, sample: Sample) -> Pending:
    """A pending change seen again; fault codes are kept, because either outcome may need them."""
    last = pending.faults[-1][1] if pending.faults else pending.fault
    if sample.fault == last:
        return pending
    return pending._replace(faults=(*pending.faults, (sample.at, sample.fault)))


def _confirmed(pending: Pending) -> list[Change]:
    """The pending change counts, dated to the first sample that showed it."""
    if pending.state != State.STOPPED:
        return [Change(pending.at, pending.state, 0)]
    seen = ((pending.at, pending.fault), *pending.faults)
    return [Change(at, pending.state, fault) for at, fault in seen]


def _withdrawn(pending: Pending, state: str, fault: int) -> tuple[Change, ...]:
    """The pending change never was; the fault codes seen meanwhile belong to the state as it was."""
    if state != State.STOPPED:
        return ()
    found = []
    for at, seen in ((pending.at, pending.fault), *pending.faults):
        if seen != fault:
            fault = seen
            found.append(Change(at, state, fault))
    return tuple(found)


def _count(
    now: LineNow, sample: Sample, limits: Limits
) -> tuple[tuple[tuple[str, CounterNow], ...], list[Delta], list[Alert]]:
    """The counter step for every counter that the sample carries; same spans make one Delta."""
    carried = counters.read_of(sample)
    if not carried:
        return now.counters, [], []
    known = dict(now.counters)
    spans: dict[tuple[int, int], dict[str, int]] = {}
    alerts: list[Alert] = []
    at = sample.at
    for name, value in carried:
        done = counters.count(known.get(name), at, value, limits.bits.get(name, 32), limits, restarted=sample.restarted)
        known[name] = done.now
        for start, end, parts in done.spans:
            if parts:
                spans.setdefault((start, end), {})[name] = parts
        if done.alerts:
            alerts.extend(counters.alerts_at(at, name, done.alerts))
    after = tuple(known.items())
    if not spans:
        return after, [], alerts
    deltas = [Delta(start, end, *counters.split(counts, known)) for (start, end), counts in spans.items()]
    return after, [delta for delta in deltas if delta.good or delta.reject], alerts
