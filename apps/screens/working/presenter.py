"""The page that shows how figures came about: time, ratios, operations, counts and policy. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from apps.lines.types import LinePolicy
from apps.oee.explain import Counted, Ledger, OperLine, alert_words
from apps.oee.restated import Restated
from apps.oee.types import Figures
from apps.screens.working.ratios import Ratio, places_of, ratios_of, seconds
from apps.shared import format as say
from apps.shared.instants import DAY, SECOND, iso
from apps.states.types import Alert

# (bucket, its name, where its time counts), in the order in which ratios need them.
_BUCKETS = (
    ("running", "Running", "run time"),
    ("micro_stop", "Micro-stops", "run time"),
    ("setup", "Changeover", "planned time"),
    ("downtime", "Downtime", "planned time"),
    ("no_signal", "No signal", "coverage only"),
    ("planned", "Planned stop", "in no ratio"),
    ("unscheduled", "Outside shifts", "in no ratio"),
)


class BucketRow(NamedTuple):
    """One bucket: its name, where it counts, its seconds and its share of the window."""

    name: str
    counts_in: str
    seconds: str
    share: str


class OperRow(NamedTuple):
    """One operation ("" for job and suffix where there is none) with what it adds to the ratios."""

    job: str
    suffix: str
    name: str
    run: str
    good: str
    reject: str
    cycle: str
    ideal: str
    source: str


class LateRow(NamedTuple):
    """A fact that came late: when figures were restated for it, what it was, and the time over which they changed."""

    at: str
    why: str
    window: str


@dataclass(frozen=True, slots=True)
class WorkingPage:
    """Everything on the page; `iso_window` is the window as the command line takes it."""

    window: str
    iso_window: tuple[str, str]
    buckets: tuple[BucketRow, ...]
    sum: str
    unaccounted: str
    inside: tuple[str, ...]
    ratios: tuple[Ratio, ...]
    basis: str
    opers: tuple[OperRow, ...]
    counts: tuple[str, ...]
    policy: tuple[str, ...]
    # The latest first.
    late: tuple[LateRow, ...]


def present(ledger: Ledger, now: int) -> WorkingPage:
    """The page of a working, in the time of its plant."""
    zone = ZoneInfo(ledger.policy.calendar.time_zone)
    buckets = ledger.figures.buckets
    places = places_of(buckets.values())
    return WorkingPage(
        window=f"{_window(ledger.start, ledger.end, now, zone)}, {zone.key}",
        iso_window=(iso(ledger.start), iso(ledger.end)),
        buckets=tuple(
            BucketRow(name, where, seconds(buckets[key], places), _share(buckets[key], ledger))
            for key, name, where in _BUCKETS
        ),
        sum=seconds(ledger.end - ledger.start, places),
        unaccounted=f"{seconds(ledger.balance)}{say.THIN}s unaccounted",
        inside=_inside(ledger.figures),
        ratios=ratios_of(ledger),
        basis=_basis(ledger.figures),
        opers=tuple(_oper(row) for row in sorted(ledger.opers, key=_order)),
        counts=(*_counts(ledger.counted), *_alerts(ledger.alerts, now, zone)),
        policy=_policy(ledger.policy),
        late=tuple(_late(row, now, zone) for row in ledger.late),
    )


def _window(start: int, end: int, now: int, zone: ZoneInfo) -> str:
    """A range in plant time; the end is only a time of day where it is less than a day away."""
    first = f"{_day(start, now, zone)}{say.clock(start, zone)}"
    is_short = end - start < DAY
    last = say.clock(end, zone) if is_short else f"{_day(end, now, zone)}{say.clock(end, zone)}"
    return f"{first}{say.EN_DASH}{last}" if is_short else f"{first} to {last}"


def _day(at: int, now: int, zone: ZoneInfo) -> str:
    said = say.moment(at, now, zone)
    clock = say.clock(at, zone)
    return "" if said == clock else f"{said.removesuffix(clock).strip()} "


def _share(us: int, ledger: Ledger) -> str:
    return say.percent(us / (ledger.end - ledger.start), 1)


def _inside(figures: Figures) -> tuple[str, ...]:
    said = []
    if figures.unbound:
        said.append(f"In it: {seconds(figures.unbound)}{say.THIN}s with no job.")
    if figures.unresolved:
        said.append(f"In it: {seconds(figures.unresolved)}{say.THIN}s with several jobs open, still to be decided.")
    return tuple(said)


def _basis(figures: Figures) -> str:
    basis = figures.performance_basis
    if basis is None or basis == 1:
        return ""
    return f"An ideal cycle is known for {say.percent_sign(basis, 1)} of the run time; the rest is in no performance."


def _order(row: OperLine) -> tuple[bool, str, int, int]:
    if row.oper is None:
        return (True, "", 0, 0)
    return (False, row.oper.job_num, row.oper.assembly_seq, row.oper.opr_seq)


def _oper(row: OperLine) -> OperRow:
    sums, oper, cycle = row.sums, row.oper, row.cycle_s
    job, dash, tail = oper.job_num.rpartition("-") if oper else ("", "", "")
    return OperRow(
        job=job or tail,
        suffix=f"-{tail}" if job and dash else "",
        name=_name(row),
        run=f"{seconds(sums.running + sums.micro_stop)}{say.THIN}s",
        good=say.whole(sums.good),
        reject=say.whole(sums.reject),
        cycle=say.NOTHING if cycle is None else f"{seconds(cycle * SECOND)}{say.THIN}s",
        ideal=say.NOTHING if cycle is None else f"{seconds(cycle * SECOND * sums.ideal_total)}{say.THIN}s",
        source=row.cycle_from[:1].upper() + row.cycle_from[1:],
    )


def _name(row: OperLine) -> str:
    oper = row.oper
    if oper is None:
        return "No operation"
    assembly = f"Asm {oper.assembly_seq} " if oper.assembly_seq else ""
    return f"{assembly}Op {oper.opr_seq} {oper.op_desc}".strip()


def _counts(counted: Counted) -> tuple[str, ...]:
    if not counted.deltas:
        return ("Nothing was counted in this window.",)
    counters = " and ".join(counted.counters)
    rows = "count" if counted.deltas == 1 else "counts"
    source = f"the line’s {counters} counter{'s' if len(counted.counters) > 1 else ''}" if counters else "the line"
    said = [f"{say.whole(counted.deltas)} {rows} from {source}."]
    if counted.estimated:
        said.append(f"{_parts(counted.estimated)} came over a gap and were shared out along it.")
    if counted.blind:
        said.append(
            f"{_parts(counted.blind)} came while there was no signal: in good and reject, but in no ideal time."
        )
    if counted.scrapped:
        said.append(f"{_parts(counted.scrapped)} moved from good to reject as scrap.")
    if len(said) == 1:
        said.append("None over a gap, none while there was no signal, none moved to reject as scrap.")
    return tuple(said)


def _alerts(alerts: Iterable[Alert], now: int, zone: ZoneInfo) -> tuple[str, ...]:
    return tuple(f"{_day(a.at, now, zone)}{say.clock(a.at, zone)}: {alert_words(a)}." for a in alerts)


def _parts(count: int) -> str:
    return f"{say.whole(count)} {'part' if count == 1 else 'parts'}"


def _policy(policy: LinePolicy) -> tuple[str, ...]:
    rate = seconds(policy.max_rate_per_s * SECOND)
    jobs = "the one started last is taken" if policy.is_newest else "a supervisor decides"
    said = [
        f"A stop under {_span(policy.micro_stop_us)} is a micro-stop and counts as run time.",
        f"After {_span(policy.stale_after_us)} without a sample there is no signal.",
        f"At most {rate} parts a second are believed.",
        f"Where several jobs are open at once, {jobs}.",
    ]
    if policy.debounce_us:
        said.insert(1, f"A state counts once it has held for {_span(policy.debounce_us)}.")
    if policy.no_job_reason:
        said.append(f"A stop without a job has the reason {policy.no_job_reason}.")
    return tuple(said)


def _span(us: int) -> str:
    return f"{seconds(us)}{say.THIN}s"


def _late(row: Restated, now: int, zone: ZoneInfo) -> LateRow:
    return LateRow(say.moment(row.at, now, zone), row.why, _window(row.start, row.end, now, zone))
