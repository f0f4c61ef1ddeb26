"""From one line's polls to the facts that go into the spool. Memory is a cache: the spool is what counts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from apps.plc.decode import Reading
from apps.plc.types import Device
from apps.shared.instants import SECOND
from apps.states import wire
from apps.states.rules import step
from apps.states.types import Alert, Change, Delta, Limits, LineFacts, LineNow, Sample, State

# Counts may wait for company this long, changes of state and alerts do not wait.
_COUNTS_WAIT_S = 1.0
_ALIVE_EVERY_S = 2.0


class Entry(NamedTuple):
    """One row for the spool, and the snapshot that becomes durable with it. `facts` False only says: still alive."""

    slug: str
    at: int
    body: str
    snapshot: str
    facts: bool


class LiveNow(NamedTuple):
    """What the wall shows at once (docs/reference/live-message.md): the state since when, and parts that came now."""

    at: int
    state: str
    since: int
    fault: int
    good: int
    reject: int


@dataclass(slots=True)
class LineFeed:
    """One line between its polls and the spool. Times called `mono_s` are seconds of the monotonic clock."""

    slug: str
    device: Device
    limits: Limits
    now: LineNow = field(default_factory=LineNow)
    since: int = 0
    # The last value of the restart signal: a level that rose or a number that changed is a restart.
    boot: int | None = None
    _changes: list[Change] = field(default_factory=list)
    _deltas: list[Delta] = field(default_factory=list)
    _alerts: list[Alert] = field(default_factory=list)
    _waiting_since: float | None = None
    _told_at: float = 0.0
    _told_good_at: int | None = None
    _shown: tuple[str, int] | None = None
    _beat: int | None = None
    _beat_at: float = 0.0

    def take(self, at: int, reading: Reading | None, mono_s: float) -> LiveNow | None:
        """Fold one poll in (None is one that failed). Returns what is new for the wall, or None.

        Time never goes back on a line: where the wall clock did, the sample comes 1 µs after the last.
        """
        at = at if self.now.last_at is None else max(at, self.now.last_at + 1)
        if reading is None or self._is_frozen(reading, mono_s):
            self.now = step(self.now, Sample(at, good=False), self.limits).now
            return self._news(at)
        stepped = step(self.now, self._sample(at, reading), self.limits)
        state = self.now.state
        for change in stepped.changes:
            if change.state != state:
                state, self.since = change.state, change.at
        self.now = stepped.now
        self._changes.extend(stepped.changes)
        self._deltas.extend(stepped.deltas)
        self._alerts.extend(stepped.alerts)
        if self._waiting_since is None and (stepped.changes or stepped.deltas or stepped.alerts):
            self._waiting_since = mono_s
        return self._news(at, stepped.deltas)

    def collect(self, mono_s: float, *, all_of_it: bool = False) -> Entry | None:
        """What is due for the spool now: facts, or a sign of life every 2 s, or nothing."""
        has_facts = self._waiting_since is not None
        if has_facts and not (all_of_it or self._changes or self._alerts):
            has_facts = mono_s - (self._waiting_since or 0.0) >= _COUNTS_WAIT_S
        if not has_facts and not self._is_alive_news(mono_s):
            return None
        facts = LineFacts(self.slug, tuple(self._changes), tuple(self._deltas), tuple(self._alerts), self.now)
        is_news = bool(self._changes or self._deltas or self._alerts)
        self._clear()
        self._told_at, self._told_good_at = mono_s, self.now.last_good_at
        body = wire.encode(facts)
        kept = {"now": body["now"], "since": self.since, "boot": self.boot, "places": _places(self.device)}
        return Entry(self.slug, self.now.last_at or 0, _dump(body), _dump(kept), is_news)

    def restore(self, snapshot: Mapping[str, Any], known: LineNow | None = None) -> None:
        """Go back to what is durable; the next sample tells the difference again. {} is a line never seen.

        Where the server has had a later sample (the spool is new, or somebody else fed it), its knowledge counts.
        """
        self._clear()
        own = wire.decode_now(snapshot.get("now") or {})
        if known is not None and (known.last_at or 0) > (own.last_at or 0):
            self.now, self.since, self.boot = known, 0, None
        else:
            self.now, self.since, self.boot = own, snapshot.get("since") or 0, snapshot.get("boot")
            self._rebase(snapshot.get("places", {}))
        self._told_good_at = self.now.last_good_at

    def follow(self, device: Device, limits: Limits) -> None:
        """Read by a changed map or policy from now on."""
        before = _places(self.device)
        self.device, self.limits = device, limits
        self._beat = None
        self._rebase(before)

    def _rebase(self, before: Mapping[str, str]) -> None:
        """A counter that now stands elsewhere begins with a new baseline: the old one says nothing about it."""
        places = _places(self.device)
        counters = tuple(one for one in self.now.counters if before.get(one[0]) == places.get(one[0]))
        self.now = replace(self.now, counters=counters)
        if before.get("restarted") != places.get("restarted"):
            self.boot = None

    def _sample(self, at: int, reading: Reading) -> Sample:
        restarted = False
        if reading.restarted is not None:
            signal = self.device.signal("restarted")
            is_level = signal is not None and signal.type == "bool"
            before = (0 if is_level else reading.restarted) if self.boot is None else self.boot
            restarted = reading.restarted > before if is_level else reading.restarted != before
            self.boot = reading.restarted
        return Sample(
            at=at,
            running=reading.running,
            fault=reading.fault,
            total=reading.total,
            good_count=reading.good,
            reject=reading.reject,
            restarted=restarted,
        )

    def _is_frozen(self, reading: Reading, mono_s: float) -> bool:
        """Whether the program in the controller has stopped while its network still answers."""
        if reading.heartbeat is None:
            return False
        if self._beat is None or reading.heartbeat != self._beat:
            self._beat, self._beat_at = reading.heartbeat, mono_s
        return (mono_s - self._beat_at) * 1000 > self.device.heartbeat_ms

    def _news(self, at: int, deltas: tuple[Delta, ...] = ()) -> LiveNow | None:
        last_good = self.now.last_good_at
        state, since, fault = str(self.now.state), self.since or at, self.now.fault
        if last_good is None or at - last_good > self.limits.stale_after_us:
            state, since, fault = str(State.NO_SIGNAL), last_good or at, 0
        shown = (state, fault)
        if shown == self._shown and not deltas:
            return None
        self._shown = shown
        good, reject = sum(one.good for one in deltas), sum(one.reject for one in deltas)
        return LiveNow(at, state, since, fault, good, reject)

    def _is_alive_news(self, mono_s: float) -> bool:
        every = min(_ALIVE_EVERY_S, max(0.2, self.limits.stale_after_us / SECOND / 3))
        return self.now.last_good_at != self._told_good_at and mono_s - self._told_at >= every

    def _clear(self) -> None:
        self._changes, self._deltas, self._alerts = [], [], []
        self._waiting_since = None


def _places(device: Device) -> dict[str, str]:
    """Where each signal stands, spelled so that another place is another text."""
    where = f"{device.host}:{device.port}/{device.device_id}"
    return {
        one.name: f"{where}/{one.area}:{one.address}:{one.type}:{one.word_order}:{one.bit}" for one in device.signals
    }


def _dump(body: dict[str, Any]) -> str:
    return json.dumps(body, separators=(",", ":"))
