"""From sums to figures (SEMANTICS.md §8): seconds and parts add up, ratios divide once. Pure."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm
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


# A ratio of whole numbers as (part, whole); None where SEMANTICS.md §8 says empty.
Pair = tuple[int, int]


class Worked(NamedTuple):
    """The sums of everything given together, and every ratio as whole numbers: what figures are made of, exact."""

    sums: Sums
    ideal_s: Pair
    availability: Pair | None
    performance: Pair | None
    quality: Pair | None
    oee: Pair | None
    yield_: Pair | None
    coverage: Pair | None
    performance_basis: Pair | None


class _Known(NamedTuple):
    """What has a known cycle: its sums, and the ideal seconds of good and of all parts over one denominator."""

    sums: Sums
    good: int
    total: int
    denominator: int
    is_any: bool


def figures(weighed: Iterable[Weighed], *, unresolved: int = 0, unbound: int = 0) -> Figures:
    """The figures of everything given together; see SEMANTICS.md §8 for each formula and each empty case."""
    return figures_from(worked(weighed), unresolved=unresolved, unbound=unbound)


def figures_from(made: Worked, *, unresolved: int, unbound: int) -> Figures:
    """Figures with their ratios as fractions."""
    return Figures(
        buckets={bucket.value: getattr(made.sums, bucket.value) for bucket in Bucket},
        total=made.sums.good + made.sums.reject,
        good=made.sums.good,
        reject=made.sums.reject,
        ideal_s=Fraction(*made.ideal_s),
        availability=_fraction(made.availability),
        performance=_fraction(made.performance),
        quality=_fraction(made.quality),
        oee=_fraction(made.oee),
        yield_=_fraction(made.yield_),
        coverage=_fraction(made.coverage),
        performance_basis=_fraction(made.performance_basis),
        unresolved=unresolved,
        unbound=unbound,
    )


def worked(weighed: Iterable[Weighed]) -> Worked:
    """The same in whole numbers: thousands of rows are worked out in the time that their fractions would take to shorten."""
    everything, known = _added(weighed if isinstance(weighed, list) else list(weighed))
    run_time = everything.running + everything.micro_stop
    planned_time = run_time + everything.setup + everything.downtime
    good, total = everything.good, everything.good + everything.reject
    of, sums = known.denominator, known.sums
    known_time = sums.running + sums.micro_stop
    watched = planned_time + everything.no_signal
    yield_ = (good, total) if total else None
    weighed_quality = (known.good, known.total) if known.total else None
    oee: Pair | None = None
    if planned_time and not run_time:
        oee = (0, 1)
    elif known_time:
        oee = (known.good * SECOND, of * (known_time + sums.setup + sums.downtime))
    return Worked(
        everything,
        (known.total, of),
        (run_time, planned_time) if planned_time else None,
        (known.total * SECOND, of * known_time) if known_time else None,
        weighed_quality if known.is_any else yield_,
        oee,
        yield_,
        (planned_time, watched) if watched else None,
        (known_time, run_time) if run_time else None,
    )


def _added(weighed: Sequence[Weighed]) -> tuple[Sums, _Known]:
    if len(weighed) == 1:
        sums, cycle = weighed[0]
        if cycle is not None:
            above, below = cycle.numerator, cycle.denominator
            return sums, _Known(sums, above * sums.ideal_good, above * sums.ideal_total, below, is_any=True)
    everything, known = Sums(), Sums()
    goods: dict[Fraction, int] = {}
    totals: dict[Fraction, int] = {}
    for sums, cycle in weighed:
        add(everything, sums)
        if cycle is not None:
            add(known, sums)
            goods[cycle] = goods.get(cycle, 0) + sums.ideal_good
            totals[cycle] = totals.get(cycle, 0) + sums.ideal_total
    of = lcm(*(cycle.denominator for cycle in goods))
    good, total = (
        sum(cycle.numerator * (of // cycle.denominator) * count for cycle, count in counts.items())
        for counts in (goods, totals)
    )
    return everything, _Known(known, good, total, of, is_any=bool(goods))


def _fraction(pair: Pair | None) -> Fraction | None:
    return None if pair is None else Fraction(*pair)


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
