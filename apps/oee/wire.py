"""Figures as the commands print them (FORMATS.md §4): seconds with up to six decimals, ratios as plain numbers."""

from fractions import Fraction
from typing import Any

from apps.oee.types import Figures
from apps.shared.instants import SECOND


def seconds(us: int) -> int | float:
    """Microseconds as seconds; a whole number stays one."""
    return us // SECOND if us % SECOND == 0 else us / SECOND


def ratio(value: Fraction | None) -> float | None:
    """A ratio as a float; None stays None."""
    return None if value is None else float(value)


def number(value: Fraction) -> int | float:
    """An exact number as JSON has it."""
    return value.numerator if value.denominator == 1 else float(value)


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
