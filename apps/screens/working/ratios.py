"""The five ratios of a window, each with its formula and the numbers in it. Pure."""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from apps.oee.explain import Ledger, OperLine
from apps.oee.types import Figures, Sums
from apps.shared import format as say
from apps.shared.instants import SECOND

_EXACT = 6


class Ratio(NamedTuple):
    """A ratio: its name, the formula in words, the numbers in it (or why there is none), and its value."""

    name: str
    formula: str
    numbers: str
    value: str


class Times(NamedTuple):
    """Everything that ratios divide. `known` is of operations whose ideal cycle is known; all in microseconds."""

    run: int
    planned: int
    known_run: int
    known_planned: int
    ideal_good: Fraction
    ideal_total: Fraction
    has_cycle: bool


def ratios_of(ledger: Ledger) -> tuple[Ratio, ...]:
    """Availability, Performance, Quality, OEE and coverage of a working."""
    figures, times = ledger.figures, times_of(ledger.opers)
    watched = times.planned + figures.buckets["no_signal"]
    return (
        _ratio("Availability", "run time ÷ planned time", _division(times.run, times.planned), figures.availability),
        _performance(figures, times),
        _quality(figures, times),
        _oee(figures, times),
        _ratio(
            "Coverage", "planned time ÷ planned time and no signal", _division(times.planned, watched), figures.coverage
        ),
    )


def times_of(opers: Iterable[OperLine]) -> Times:
    """The sums of some operations as ratios need them."""
    rows = list(opers)
    known = [(row.sums, row.cycle_s * SECOND) for row in rows if row.cycle_s is not None]
    return Times(
        run=sum(_run(row.sums) for row in rows),
        planned=sum(_planned(row.sums) for row in rows),
        known_run=sum(_run(sums) for sums, _cycle in known),
        known_planned=sum(_planned(sums) for sums, _cycle in known),
        ideal_good=sum((cycle * sums.ideal_good for sums, cycle in known), Fraction(0)),
        ideal_total=sum((cycle * sums.ideal_total for sums, cycle in known), Fraction(0)),
        has_cycle=bool(known),
    )


def seconds(us: int | Fraction, places: int | None = None) -> str:
    """A span in seconds without its unit, exact to the microsecond, with no more decimals than it needs."""
    shown = places_of([us]) if places is None else places
    return say.decimal(Fraction(us) / SECOND, shown)


def places_of(spans: Iterable[int | Fraction]) -> int:
    """How many decimals it takes to show all of these spans in seconds as they are, up to a microsecond."""
    return max((_places(Fraction(us)) for us in spans), default=0)


def _places(us: Fraction) -> int:
    rounded = round(us)
    return next(places for places in range(_EXACT + 1) if rounded * 10**places % SECOND == 0)


def _run(sums: Sums) -> int:
    return sums.running + sums.micro_stop


def _planned(sums: Sums) -> int:
    return _run(sums) + sums.setup + sums.downtime


def _division(part: int | Fraction, whole: int | Fraction) -> str:
    return f"{seconds(part)}{say.THIN}s ÷ {seconds(whole)}{say.THIN}s"


def _ratio(name: str, formula: str, numbers: str, value: Fraction | None) -> Ratio:
    return Ratio(name, formula, numbers, say.percent_sign(value, 1))


def _performance(figures: Figures, times: Times) -> Ratio:
    if figures.performance is None:
        numbers = "No operation with an ideal cycle ran."
    else:
        numbers = _division(times.ideal_total, times.known_run)
    return _ratio("Performance", "ideal time of all parts ÷ run time with a cycle", numbers, figures.performance)


def _quality(figures: Figures, times: Times) -> Ratio:
    if not times.has_cycle:
        numbers = f"{say.whole(figures.good)} ÷ {say.whole(figures.total)} parts"
        return _ratio("Quality", "good parts ÷ all parts", numbers, figures.quality)
    numbers = _division(times.ideal_good, times.ideal_total)
    return _ratio("Quality", "ideal time of good parts ÷ ideal time of all parts", numbers, figures.quality)


def _oee(figures: Figures, times: Times) -> Ratio:
    if figures.oee is None:
        numbers = "No planned time." if not times.planned else "No operation with an ideal cycle ran."
    elif not times.run:
        numbers = "The line did not run in its planned time."
    else:
        numbers = _division(times.ideal_good, times.known_planned)
    return _ratio("OEE", "ideal time of good parts ÷ planned time with a cycle", numbers, figures.oee)
