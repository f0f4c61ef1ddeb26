"""Cases of one test that differ in what they say, not in what they ask of a database."""

from collections.abc import Collection, Iterable

import pytest
from _pytest.mark import ParameterSet


def sisters(cases: Iterable[object], *, everywhere: Collection[object]) -> list[ParameterSet]:
    """The cases as parameters: all run on SQLite, and those `everywhere` also on PostgreSQL and Redis."""
    found = [pytest.param(case, marks=() if case in everywhere else (pytest.mark.once,)) for case in cases]
    assert sum(not case.marks for case in found) == len(everywhere), "a case for everywhere is not among them"
    return found
