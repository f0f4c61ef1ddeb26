"""Figures as the commands print them (FORMATS.md §4): seconds with up to six decimals, ratios as plain numbers."""

from fractions import Fraction
from operator import attrgetter
from typing import Any

from apps.oee.rules import Pair, Worked
from apps.oee.types import Bucket, Figures
from apps.shared.instants import SECOND

_BUCKETS = tuple(bucket.value for bucket in Bucket)
_times = attrgetter(*_BUCKETS)


def seconds(us: int) -> int | float:
    """Microseconds as seconds; a whole number stays one."""
    return us // SECOND if us % SECOND == 0 else us / SECOND


def ratio(value: Fraction | None) -> float | None:
    """A ratio as a float; None stays None."""
    return None if value is None else float(value)


def number(value: Fraction) -> int | float:
    """An exact number as JSON has it."""
    return value.numerator if value.denominator == 1 else float(value)


def worked_json(made: Worked) -> dict[str, Any]:
    """The same of whole numbers: a quotient of two ints is the float nearest to the exact ratio, as is a Fraction's."""
    sums = made.sums
    return {
        "buckets_s": dict(zip(_BUCKETS, map(seconds, _times(sums)), strict=True)),
        "total": sums.good + sums.reject,
        "good": sums.good,
        "reject": sums.reject,
        "ideal_s": _number(made.ideal_s),
        "availability": _ratio(made.availability),
        "performance": _ratio(made.performance),
        "quality": _ratio(made.quality),
        "oee": _ratio(made.oee),
        "yield": _ratio(made.yield_),
        "coverage": _ratio(made.coverage),
        "performance_basis": _ratio(made.performance_basis),
    }


def _ratio(pair: Pair | None) -> float | None:
    return None if pair is None else pair[0] / pair[1]


def _number(pair: Pair) -> int | float:
    return pair[0] // pair[1] if pair[0] % pair[1] == 0 else pair[0] / pair[1]


def figures_json(figures: Figures) -> dict[str, Any]:
    """The figures of one row under FORMATS.md's names."""
    return {
        "buckets_s": {name: seconds(us) for name, us in figures.buckets.items()},
        "total": figures.total,
        "good": figures.good,
        "reject": figures.reject,
        "ideal_s": number(figures.ideal_s),
        "availability": ratio(figures.availability),
        "performance": ratio(figures.performance),
        "quality": ratio(figures.quality),
        "oee": ratio(figures.oee),
        "yield": ratio(figures.yield_),
        "coverage": ratio(figures.coverage),
        "performance_basis": ratio(figures.performance_basis),
    }
