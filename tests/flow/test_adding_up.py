"""Windows add up, and operations, what is bound to none and what is unresolved are together the line (SEMANTICS.md §6)."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apps.lines.models import Line
from apps.shared.instants import HOUR, SECOND, iso
from tests.make.days import days
from tests.make.reports import Row, apart, feed, load, now, over

pytestmark = [pytest.mark.django_db, pytest.mark.once]

SUMS = ("total", "good", "reject")


@settings(max_examples=4, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 40), st.data())
def test_windows_add_up_and_parts_make_the_whole(seed: int, data: st.DataObject) -> None:
    told = days(seed, count=2)
    apart(lambda: _additive(told.plant_toml, told.facts, told.borders[0] - 9 * HOUR, told.borders[-1] + 4 * HOUR, data))


def _additive(text: str, facts: list[str], first: int, last: int, data: st.DataObject) -> None:
    load(text)
    feed(facts)
    edges = st.integers(first, last) | st.sampled_from([first + hour * HOUR for hour in range((last - first) // HOUR)])
    start, middle, end = sorted(data.draw(st.tuples(edges, edges, edges)))
    whole, *halves = over([(start, end), (start, middle), (middle, end)])

    for by in ("line", "operation", "job", "part", "shift", "plant"):
        assert _sums(whole[f"oee {by}"]) == _added(*(_sums(half[f"oee {by}"]) for half in halves)), by
    for by in ("reason", "category", "fault", "line", "part", "operation", "shift"):
        name = f"pareto {by} seconds"
        assert _bars(whole[name]) == _added(*(_bars(half[name]) for half in halves)), by
    _conserves(whole, start, min(end, now()))


def _conserves(found: dict[str, list[Row]], start: int, end: int) -> None:
    """Buckets add up to the window; operations + none + unresolved = the lines; slices tile it."""
    for row in found["oee line"]:
        pieces = found[f"slices {row['line']}"]
        spent = sum(Fraction(str(value)) for value in row["buckets_s"].values())
        low = max(start, _first(row["line"]))
        assert spent == Fraction(end - low, SECOND)
        assert (pieces[0]["start"], pieces[-1]["end"]) == (iso(low), iso(end))
        assert all(a["end"] == b["start"] for a, b in pairwise(pieces))
    lines = _whole(found["oee line"]) - sum(
        Fraction(str(row["unresolved_s"])) + Fraction(str(row["unbound_s"])) for row in found["oee line"]
    )
    assert lines == _whole(found["oee operation"]) == _whole(found["oee job"]) == _whole(found["oee part"])
    assert _whole(found["oee line"]) == _whole(found["oee plant"]) == _whole(found["oee shift"])


def _first(slug: str) -> int:
    return Line.objects.values_list("snapshot__first_good_at", flat=True).get(slug=slug) or 0


def _whole(rows: list[Row]) -> Fraction:
    return sum((Fraction(str(value)) for row in rows for value in row["buckets_s"].values()), Fraction(0))


def _sums(rows: list[Row]) -> dict[Any, Fraction]:
    """Seconds and parts of each row, by its key; what is 0 is left out."""
    skip = {"from", "to", "buckets_s", "by"}
    found = {}
    for row in rows:
        key = tuple(value for name, value in row.items() if isinstance(value, str | type(None)) and name not in skip
                    and name not in RATIOS) + tuple(row.get(name) for name in ("AssemblySeq", "OprSeq"))  # fmt: skip
        figures = {
            **{f"s {name}": value for name, value in row["buckets_s"].items()},
            **{name: row[name] for name in SUMS},
        }
        found.update({(key, name): Fraction(str(value)) for name, value in figures.items() if value})
    return found


RATIOS = {"availability", "performance", "quality", "oee", "yield", "coverage", "performance_basis"}


def _bars(rows: list[Row]) -> dict[Any, Fraction]:
    return {row["key"]: Fraction(str(row["seconds"])) for row in rows if row["seconds"]}


def _added(*parts: dict[Any, Fraction]) -> dict[Any, Fraction]:
    keys = {key for part in parts for key in part}
    added = {key: sum((part.get(key, Fraction(0)) for part in parts), Fraction(0)) for key in keys}
    return {key: value for key, value in added.items() if value}
