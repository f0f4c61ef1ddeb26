"""The working behind a line's figures over a window: everything that a person needs to do the sums again by hand."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from apps.jobs.queries import opers
from apps.jobs.types import OperView
from apps.lines.types import LinePolicy
from apps.oee import timeline
from apps.oee.cells import cells_of
from apps.oee.reports import Window, cycle_s, figures_of
from apps.oee.restated import Restated, restated_between
from apps.oee.rules import add
from apps.oee.tails import Tail, tails
from apps.oee.types import Figures, PartsRow, Sums
from apps.shared.instants import SECOND
from apps.states.queries import alerts_between
from apps.states.types import Alert

MOST_LATE = 50


class Counted(NamedTuple):
    """Where the parts of a window come from: how many deltas, and how many parts are shared, blind, or moved as scrap."""

    counters: tuple[str, ...]
    deltas: int
    estimated: int
    blind: int
    scrapped: int


class OperLine(NamedTuple):
    """What one operation (None: what has none, unresolved time among it) adds to the figures, and its ideal cycle."""

    oper: OperView | None
    sums: Sums
    cycle_s: Fraction | None
    cycle_from: str


class Ledger(NamedTuple):
    """The whole working: the window as it was cut, its figures, operations, counts, policy, and late facts."""

    policy: LinePolicy
    start: int
    end: int
    figures: Figures
    opers: tuple[OperLine, ...]
    counted: Counted
    # Resets and jumps of counters and scrap that found no parts: what was not counted, and why.
    alerts: tuple[Alert, ...]
    # The latest facts that came late and changed what was settled of the window.
    late: tuple[Restated, ...]

    @property
    def balance(self) -> int:
        """Microseconds of the window that no bucket holds: always 0."""
        return self.end - self.start - sum(self.figures.buckets.values())


def explain(policy: LinePolicy, start: int, end: int, now: int) -> Ledger | None:
    """The working of [start, end) of a line, cut to its time; None where nothing of the window is in it."""
    tail = tails([policy], now).get(policy.line_id)
    if tail is None:
        return None
    start, end = max(start, tail.commissioned), min(end, now)
    if start >= end:
        return None
    cells = cells_of([policy], {policy.line_id: tail}, start, end, with_shift=False)
    views = opers(key.oper_id for key in cells if key.oper_id is not None)
    made = Window({policy.line_id: policy}, cells, views)
    by_oper: dict[int | None, Sums] = {}
    for key, sums in cells.items():
        add(by_oper.setdefault(key.oper_id, Sums()), sums)
    return Ledger(
        policy=policy,
        start=start,
        end=end,
        figures=figures_of(made, cells.items()),
        opers=tuple(_line(policy, views.get(oper_id) if oper_id else None, sums) for oper_id, sums in by_oper.items()),
        counted=_counted(policy, tail, timeline.parts(policy, start, end)),
        alerts=tuple(alerts_between(policy.line_id, start, end)),
        late=tuple(restated_between([policy.line_id], start, end, most=MOST_LATE)),
    )


def _line(policy: LinePolicy, oper: OperView | None, sums: Sums) -> OperLine:
    cycle = cycle_s(policy, oper)
    return OperLine(oper, sums, cycle, cycle_source(policy, oper, cycle))


def cycle_source(policy: LinePolicy, oper: OperView | None, cycle: Fraction | None) -> str:
    """Where an ideal cycle came from, in words: the first source that says something."""
    if cycle is None:
        return "unknown: no standard, no default of the line"
    if oper is not None and oper.part_num in policy.part_cycles:
        return f"the line's override for part {oper.part_num}"
    if oper is not None and oper.prod_standard > 0 and oper.std_format:
        return f"Epicor's standard {oper.prod_standard:g} {oper.std_format}"
    return "the line's default"


def _counted(policy: LinePolicy, tail: Tail, rows: Sequence[PartsRow]) -> Counted:
    counted = [row for row in rows if row.good >= 0 or row.reject <= 0]
    return Counted(
        counters=tuple(name for name, _now in tail.known.counters),
        deltas=len(counted),
        estimated=sum(row.good + row.reject for row in rows if row.is_estimated),
        blind=sum(row.good + row.reject for row in rows if row.is_blind),
        scrapped=sum(-row.good for row in rows if row.good < 0 and row.good == -row.reject),
    )


def sentences(ledger: Ledger) -> list[tuple[str, str]]:
    """(name, working) of each ratio, with the numbers in it: "run time 9 000 s / planned time 12 000 s"."""
    figures, buckets = ledger.figures, ledger.figures.buckets
    run = buckets["running"] + buckets["micro_stop"]
    planned = run + buckets["setup"] + buckets["downtime"]
    return [
        ("Availability", f"run time {_s(run)} ÷ planned time {_s(planned)}"),
        ("Performance", f"ideal time {float(figures.ideal_s):g} s ÷ run time {_s(run)} (of operations with a cycle)"),
        ("Quality", f"good {figures.good} of {figures.total} parts, weighed by their ideal cycles"),
        ("OEE", f"ideal time of good parts ÷ planned time {_s(planned)} (of operations with a cycle)"),
        ("Coverage", f"planned time {_s(planned)} ÷ with no signal {_s(planned + buckets['no_signal'])}"),
    ]


def alert_words(alert: Alert) -> str:
    """What happened to a counter, and what was made of it."""
    parts = f"{alert.parts} part{'' if alert.parts == 1 else 's'}"
    if alert.what == "jump":
        return f"the {alert.counter} counter jumped by {parts}: more than the line can make, so none were counted"
    if alert.what == "reset_lost":
        return f"the {alert.counter} counter began anew at {alert.parts}: more than the line can make, so none were counted"
    return f"{parts} reported as scrap found no good parts to move, so they were not counted"


def _s(us: int) -> str:
    return f"{us // SECOND} s" if us % SECOND == 0 else f"{us / SECOND:.6f} s"
