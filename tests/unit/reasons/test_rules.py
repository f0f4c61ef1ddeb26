"""A code that is a downtime code and a scrap code at once."""

from functools import reduce
from itertools import permutations

import pytest

from apps.reasons import rules
from apps.reasons.types import ReasonState, Standing

STOP = ReasonState("EPIC06", "01", "Spindle fault", "downtime")
SCRAP = ReasonState("EPIC06", "01", "Burr", "scrap")
NO_STOP = ReasonState("EPIC06", "01", "Spindle fault", "downtime", is_retired=True)
NO_SCRAP = ReasonState("EPIC06", "01", "Burr", "scrap", is_retired=True)


def told(*states: ReasonState, before: Standing | None = None) -> Standing | None:
    return reduce(rules.after, states, before)


def test_both_in_any_order_are_one_row_with_the_words_of_the_stop() -> None:
    for order in permutations((STOP, SCRAP, STOP, SCRAP)):
        assert told(*order) == Standing("any", "Spindle fault", "Burr")


@pytest.mark.parametrize(
    ("states", "left"),
    [
        ((STOP, SCRAP, NO_STOP), Standing("scrap", "Burr")),
        ((SCRAP, STOP, NO_STOP), Standing("scrap", "Burr")),
        ((STOP, NO_STOP, SCRAP), Standing("scrap", "Burr")),
        ((SCRAP, NO_STOP), Standing("scrap", "Burr")),
        ((STOP, SCRAP, NO_SCRAP), Standing("downtime", "Spindle fault")),
        ((SCRAP, NO_SCRAP, STOP), Standing("downtime", "Spindle fault")),
        ((STOP, NO_SCRAP), Standing("downtime", "Spindle fault")),
        ((STOP, NO_STOP), Standing("downtime", "Spindle fault", is_retired=True)),
        ((STOP, NO_STOP, NO_SCRAP), Standing("downtime", "Spindle fault", is_retired=True)),
        ((NO_SCRAP,), Standing("scrap", "Burr", is_retired=True)),
    ],
)
def test_what_is_retired_leaves_the_other(states: tuple[ReasonState, ...], left: Standing) -> None:
    assert told(*states) == left


def test_a_plant_file_that_says_nothing_of_the_kind_means_what_epicor_tells() -> None:
    file = Standing("any", "Spindle", is_told=False)

    assert told(STOP, before=file) == Standing("downtime", "Spindle fault")
    assert told(STOP, SCRAP, before=file) == Standing("any", "Spindle fault", "Burr")
    assert told(NO_STOP, before=file) == Standing("downtime", "Spindle fault", is_retired=True)


def test_a_plant_file_that_says_a_kind_keeps_it_beside_epicors() -> None:
    assert told(SCRAP, before=Standing("downtime", "Spindle", is_told=False)) == Standing("any", "Spindle", "Burr")


def test_a_source_that_names_no_kind_means_both() -> None:
    any_kind = ReasonState("EPIC06", "01", "Other")

    assert told(any_kind) == Standing("any", "Other", "Other")
    assert told(any_kind, SCRAP, NO_STOP) == Standing("scrap", "Burr")
