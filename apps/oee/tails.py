"""What came after a line's settled rows, derived when it is read: a function of the facts and of now."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from apps.downtime.queries import cuts_since, tags_since
from apps.jobs.queries import runs_since
from apps.lines.types import LinePolicy
from apps.oee.ledger import ledgers
from apps.oee.partition import Facts, Partition, partition
from apps.oee.types import SliceRow
from apps.reasons.queries import categories
from apps.states.queries import changes_since, snapshots
from apps.states.rules import tail as state_tail
from apps.states.types import Limits, LineNow


@dataclass(frozen=True, slots=True)
class Tail:
    """One line beyond `since`: what is known of it, and its slices and stops up to now."""

    known: LineNow
    # Settled rows end here; equal to `commissioned` where nothing is settled yet.
    since: int
    commissioned: int
    # Whole hours, and whole production days, are rolled up until here.
    rolled_until: int
    days_until: int
    partition: Partition
    facts: Facts
    slices: list[SliceRow] = field(default_factory=list)
    # Slices before it are not stored (any more).
    slices_from: int | None = None
    # Whole production months are rolled up until here; None where none are yet.
    months_until: int | None = None


def limits_of(policy: LinePolicy) -> Limits:
    """How a line's samples are to be read."""
    return Limits(policy.debounce_us, policy.stale_after_us, policy.max_rate_per_s, policy.bits)


def tails(policies: Sequence[LinePolicy], now: int, *, until: int | None = None) -> dict[int, Tail]:
    """The tail of every commissioned line, by line id, in a fixed number of queries.

    Who asks only for what was before `until` is spared the slices and stops of lines that are settled so far.
    """
    ids = [policy.line_id for policy in policies]
    known = {line_id: snapshot for line_id, snapshot in snapshots(ids).items() if snapshot.first_good_at is not None}
    rows = ledgers(ids)
    since, anchors = {}, {}
    for line_id, snapshot in known.items():
        row = rows.get(line_id)
        first = snapshot.first_good_at or 0
        since[line_id] = row.settled_until if row and row.settled_until is not None else first
        anchors[line_id] = row.anchor if row and row.anchor is not None else first
    beyond = {line_id: at for line_id, at in since.items() if until is None or at < until}
    changes = changes_since({line_id: anchors[line_id] for line_id in beyond})
    tags, cuts, runs = tags_since(beyond), cuts_since(beyond), runs_since(beyond)
    words: dict[str, dict[str, str]] = {}
    found = {}
    for policy in policies:
        line_id = policy.line_id
        if line_id not in known:
            continue
        if policy.company not in words:
            words[policy.company] = categories(policy.company)
        snapshot, row = known[line_id], rows.get(line_id)
        facts, made = Facts([], [], [], [], words[policy.company]), Partition([], [], [])
        if line_id in beyond:
            told = [*changes[line_id], *state_tail(snapshot, now, limits_of(policy))]
            told.sort(key=lambda change: change.at)
            facts = Facts(told, tags[line_id], cuts[line_id], runs[line_id], words[policy.company])
            made = partition(policy, facts, since[line_id], now, until=now)
        found[line_id] = Tail(
            known=snapshot,
            since=since[line_id],
            commissioned=snapshot.first_good_at or 0,
            rolled_until=row.rolled_until if row and row.rolled_until is not None else snapshot.first_good_at or 0,
            days_until=row.days_until if row and row.days_until is not None else snapshot.first_good_at or 0,
            partition=made,
            facts=facts,
            slices=made.slices,
            slices_from=row.slices_from if row else None,
            months_until=row.months_until if row else None,
        )
    return found
