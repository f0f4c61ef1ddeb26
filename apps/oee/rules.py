"""From sums to figures (SEMANTICS.md §8): seconds and parts add up, ratios divide once. Pure."""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from apps.oee.types import Bucket, Figures, Sums
from apps.shared.instants import SECOND

_FORMATS_BY_HOURS = {"HP": 3600, "MP": 60}
_BASIS = {"E": 1, "C": 100, "M": 1000, "T": 10_000}


def exact(number: float | str) -> Fraction:
    """A number as the decimal that people wrote: 28.5 is 57/2, 0.1 is 1/10."""
    return Fraction(str(number))


def standard_cycle_s(
    standard: float, std_format: str, *, basis: str, ops_per_part: float, qty_per_cycle: float, run_qty: float
) -> Fraction | None:
    """Ideal seconds a piece by Epicor's production standard (reference/EPICOR.md §5.4); None where it says nothing.

    HP and MP are hours and minutes a piece (by the basis), PH and PM pieces an hour and a minute, OH/OM the same in
    operations, CH/CM in cycles, HR fixed hours for the whole run quantity.
    """
    std = exact(standard)
    if std <= 0:
        return None
    if std_format in _FORMATS_BY_HOURS:
        return _FORMATS_BY_HOURS[std_format] * std / _BASIS.get(basis, 1)
    if std_format == "HR":
        return 3600 * std / exact(run_qty) if run_qty > 0 else None
    per = {"P": Fraction(1), "O": exact(ops_per_part), "C": exact(qty_per_cycle)}.get(std_format[:1])
    unit = {"H": 3600, "M": 60}.get(std_format[1:2])
    if per is None or unit is None or len(std_format) != 2 or per <= 0:
        return None
    return unit / (std * per)


class Weighed(NamedTuple):
    """The sums of one operation on one line (or of what has no operation), and its ideal cycle in seconds."""

    sums: Sums
    cycle_s: Fraction | None


class _Totals(NamedTuple):
    """Sums over everything, and over what has a known cycle; ideal seconds of good and of all parts."""

    everything: Sums
    known: Sums
    ideal_good_s: Fraction
    ideal_total_s: Fraction
    has_cycle: bool


def figures(weighed: Iterable[Weighed], *, unresolved: int = 0, unbound: int = 0) -> Figures:
    """The figures of everything given together; see SEMANTICS.md §8 for each formula and each empty case."""
    totals = _totals(weighed)
    sums = totals.everything
    run_time = sums.running + sums.micro_stop
    planned_time = run_time + sums.setup + sums.downtime
    total = sums.good + sums.reject
    watched = planned_time + sums.no_signal
    basis = _ratio(totals.known.running + totals.known.micro_stop, run_time)
    return Figures(
        buckets={bucket.value: getattr(sums, bucket.value) for bucket in Bucket},
        total=total,
        good=sums.good,
        reject=sums.reject,
        ideal_s=totals.ideal_total_s,
        availability=_ratio(run_time, planned_time),
        performance=_performance(totals, basis),
        quality=_quality(totals, sums.good, total),
        oee=_oee(totals, run_time, planned_time, basis),
        yield_=_ratio(sums.good, total),
        coverage=_ratio(planned_time, watched),
        performance_basis=basis,
        unresolved=unresolved,
        unbound=unbound,
    )


def _totals(weighed: Iterable[Weighed]) -> _Totals:
    everything, known = Sums(), Sums()
    goods: dict[Fraction, int] = {}
    parts: dict[Fraction, int] = {}
    for sums, cycle in weighed:
        add(everything, sums)
        if cycle is not None:
            add(known, sums)
            goods[cycle] = goods.get(cycle, 0) + sums.ideal_good
            parts[cycle] = parts.get(cycle, 0) + sums.ideal_total
    return _Totals(everything, known, _weigh(goods), _weigh(parts), bool(goods))


def _weigh(counts: dict[Fraction, int]) -> Fraction:
    return sum((cycle * count for cycle, count in counts.items()), Fraction(0))


def _performance(totals: _Totals, basis: Fraction | None) -> Fraction | None:
    if not basis:
        return None
    return totals.ideal_total_s * SECOND / (totals.known.running + totals.known.micro_stop)


def _quality(totals: _Totals, good: int, total: int) -> Fraction | None:
    if totals.has_cycle:
        return _ratio(totals.ideal_good_s, totals.ideal_total_s)
    return _ratio(good, total)


def _oee(totals: _Totals, run_time: int, planned_time: int, basis: Fraction | None) -> Fraction | None:
    if planned_time == 0:
        return None
    if run_time == 0:
        return Fraction(0)
    if not basis:
        return None
    known = totals.known
    return totals.ideal_good_s * SECOND / (known.running + known.micro_stop + known.setup + known.downtime)


def _ratio(part: int | Fraction, whole: int | Fraction) -> Fraction | None:
    return Fraction(part) / whole if whole else None


def add(into: Sums, more: Sums) -> None:
    """Add sums up in place."""
    into.running += more.running
    into.unscheduled += more.unscheduled
    into.no_signal += more.no_signal
    into.planned += more.planned
    into.micro_stop += more.micro_stop
    into.setup += more.setup
    into.downtime += more.downtime
    into.good += more.good
    into.reject += more.reject
    into.ideal_good += more.ideal_good
    into.ideal_total += more.ideal_total
