"""The filters of the losses page with what can be chosen in them. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from apps.screens.losses.address import PRESETS, Asked, Stretch
from apps.screens.losses.names import NONE, Names, texts_of
from apps.screens.losses.reads import LossFacts


class Choice(NamedTuple):
    """An option of a filter."""

    value: str
    label: str
    is_on: bool


class Filter(NamedTuple):
    """A filter with its options; `is_set` gives it an ink border."""

    name: str
    label: str
    options: tuple[Choice, ...]
    is_set: bool


def filters_of(facts: LossFacts, names: Names, asked: Asked, stretch: Stretch) -> tuple[Filter, ...]:
    """The filters in the order in which they stand."""
    reasons = texts_of(facts, names, "reason")
    keys = sorted(facts.reason_keys, key=reasons)
    dates = [(value, stretch.label if value == "own" and asked.days == "own" else label) for value, label in PRESETS]
    return (
        _filter("plant", "Plant", names.plants, asked.plant, ""),
        _filter("line", "Line", names.lines, asked.line, "All lines"),
        _filter("job", "Job", _same(facts.jobs), asked.job, "All jobs"),
        _filter("part", "Part", _same(facts.parts), asked.part, "All parts"),
        _filter("op", "Operation", _same(facts.opers.values()), asked.op, "All operations"),
        _filter("reason", "Reason", [(key or NONE, reasons(key)) for key in keys], asked.reason, "All reasons"),
        _filter("shift", "Shift", names.shifts, asked.shift, "All shifts"),
        Filter("days", "Dates", tuple(Choice(v, label, v == asked.days) for v, label in dates), is_set=True),
    )


def _same(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(value, value) for value in sorted(set(values))]


def _filter(name: str, label: str, options: Sequence[tuple[str, str]], chosen: str, everything: str) -> Filter:
    choices = [Choice(value, text, value == chosen) for value, text in options]
    if chosen and not any(choice.is_on for choice in choices):
        texts = dict(options)
        several = ", ".join(texts.get(value, value) for value in chosen.split(","))
        choices.insert(0, Choice(chosen, several, is_on=True))
    if everything:
        choices.insert(0, Choice("", everything, not chosen))
    return Filter(name, label, tuple(choices), is_set=bool(chosen))
