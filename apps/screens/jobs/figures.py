"""The figures of a job by operation, with the sum that the job itself has: the numbers of `manage.py oee`. Pure."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple

from apps.oee.types import Figures
from apps.screens.jobs.address import job_address, oper_text
from apps.screens.jobs.spine import Ground, line_names, quantity_of, title_of
from apps.shared import format as say
from apps.shared.instants import HOUR

# In the order in which they stand; what is in no ratio comes last.
BUCKETS = (
    ("running", "Running"), ("micro_stop", "Micro-stops"), ("setup", "Changeover"), ("downtime", "Downtime"),
    ("planned", "Planned"), ("no_signal", "No signal"), ("unscheduled", "Outside shifts"),
)  # fmt: skip


class Cell(NamedTuple):
    """A number as it is shown, and whether it is one that planners should look at."""

    text: str
    is_over: bool = False


class FigureRow(NamedTuple):
    """One operation, or with href "" the whole job. Hours are of each bucket, in their order."""

    title: str
    where: str
    href: str
    good: str
    reject: str
    ordered: str
    ratios: tuple[Cell, ...]
    hours: tuple[str, ...]
    basis: str


class Ratio(NamedTuple):
    """A factor of OEE: its words, percent for its bar, its number, and whether it is the worst."""

    name: str
    percent: float
    value: str
    is_worst: bool


class TimeRow(NamedTuple):
    """A bucket: its words, hours, its share of all of the time in percent, and its hue."""

    name: str
    hours: str
    share: str
    percent: float
    hue: str


def figure_rows(ground: Ground) -> tuple[FigureRow, ...]:
    """A row for each operation that has any time or parts, and one for the job."""
    facts = ground.facts
    rows = []
    for oper in facts.opers:
        figures = facts.figures[oper.oper_id]
        if not any(figures.buckets.values()) and not figures.total:
            continue
        key = oper_text(oper.assembly_seq, oper.opr_seq)
        where = " · ".join(line_names(ground, oper.oper_id))
        href = job_address(oper.company, oper.job_num, key)
        rows.append(_row(figures, title_of(oper), where, href, quantity_of(oper)))
    return (*rows, _row(facts.whole, "Job", "", "", 0)) if rows else ()


def factors_of(figures: Figures) -> tuple[Ratio, ...]:
    """Availability, Performance and Quality with the worst of them marked."""
    named = (("Availability", figures.availability), ("Performance", figures.performance), ("Quality", figures.quality))
    worst = min((value for _name, value in named if value is not None), default=None)
    return tuple(_factor(name, value, worst) for name, value in named)


def time_rows(figures: Figures) -> tuple[TimeRow, ...]:
    """Where the time of an operation went; buckets without any are left out."""
    whole = sum(figures.buckets.values())
    hues = {"micro_stop": "slow", "setup": "setup", "downtime": "stop"}
    return tuple(
        TimeRow(
            name=name,
            hours=say.summed_hours(figures.buckets[key]),
            share=say.percent_sign(Fraction(figures.buckets[key], whole), 1),
            percent=round(figures.buckets[key] / whole * 100, 1),
            hue=hues.get(key, ""),
        )
        for key, name in BUCKETS
        if figures.buckets[key]
    )


def caveats_of(figures: Figures) -> Iterator[str]:
    """What one has to know to read the figures: how much was seen, how much of it had a standard, what is too good."""
    if figures.coverage is not None and figures.coverage < 1:
        yield f"There was a signal for {say.percent_sign(figures.coverage, 1)} of the time."
    basis = figures.performance_basis
    if basis == 0:
        yield "No standard is known: neither in Epicor nor at the line. Performance and OEE can’t be told."
    elif basis is not None and basis < 1:
        yield f"A standard is known for {say.percent_sign(basis, 1)} of the run time; performance and OEE are of that."
    if figures.performance is not None and figures.performance > 1:
        yield "Performance is over 100 %: is the standard too slow?"


def _factor(name: str, value: Fraction | None, worst: Fraction | None) -> Ratio:
    percent = 0.0 if value is None else round(min(float(value), 1.0) * 100, 1)
    return Ratio(name, percent, say.percent_sign(value, 1), value is not None and value == worst and value < 1)


def _row(figures: Figures, title: str, where: str, href: str, ordered: float) -> FigureRow:
    ratios: Iterable[Fraction | None] = (
        figures.oee, figures.availability, figures.performance, figures.quality, figures.coverage,
    )  # fmt: skip
    basis = figures.performance_basis
    return FigureRow(
        title=title,
        where=where,
        href=href,
        good=say.whole(figures.good),
        reject=say.whole(figures.reject),
        ordered=say.whole(ordered) if ordered else "",
        ratios=tuple(Cell(say.percent(ratio, 1), ratio is not None and ratio > 1) for ratio in ratios),
        hours=tuple(
            say.decimal(Fraction(figures.buckets[key], HOUR), 2) if figures.buckets[key] else "" for key, _ in BUCKETS
        ),
        basis="" if basis is None or basis == 1 else f"a standard for {say.percent_sign(basis, 1)} of the run time",
    )
