"""Rows of many lines, each over a stretch of its own, in one statement: it does not matter how many lines there are.

Each line is looked up by its index, whatever the planner thinks of the whole: months of a partitioned table that hold
nothing of a stretch are not opened.
"""

# ruff: noqa: S608 (names and conditions are our own, instants and ids are integers)

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connections, models, router

from apps.shared.periods import FOREVER

# So many different stretches are asked for by name.
_FEW = 3


class Span(NamedTuple):
    """A stretch [start, end) of a line."""

    line_id: int
    start: int
    end: int


def ending(column: str) -> str:
    """The condition for rows whose instant lies in (start, end]: counts belong to the stretch of their last instant."""
    return f't."{column}" > a.start_at AND t."{column}" <= a.end_at'


def holding(model: type[models.Model], column: str) -> str:
    """The condition for rows that begin in [start, end), and the one that holds the start; they don't overlap."""
    before = f'SELECT b."{column}" FROM {_table(model)} b WHERE b.line_id = a.line AND b."{column}" <= a.start_at'
    first = f'COALESCE(({before} ORDER BY b."{column}" DESC LIMIT 1), a.start_at)'
    return f't."{column}" >= {first} AND t."{column}" < a.end_at'


def starting(column: str) -> str:
    """The condition for rows that begin in [start, end)."""
    return f't."{column}" >= a.start_at AND t."{column}" < a.end_at'


def rows(
    model: type[models.Model], columns: Sequence[str], asked: Sequence[Span], *conditions: str
) -> list[list[tuple[Any, ...]]]:
    """For each span the rows of its line that fit one of the conditions, as tuples of the columns; in no order.

    In a condition `t` is the row and `a` the span (start_at, end_at). Conditions must not fit the same row twice.
    """
    found: list[list[tuple[Any, ...]]] = [[] for _span in asked]
    if not asked:
        return found
    connection = connections[router.db_for_read(model)]
    names = ", ".join(f't."{name}"' for name in columns)
    if len(asked) == 1:
        sql = " UNION ALL ".join(_alone(model, names, condition, asked[0]) for condition in conditions)
    else:
        parts = [_part(connection.vendor, model, names, condition) for condition in conditions]
        sql = _asked(asked) + " UNION ALL ".join(parts)
    with connection.cursor() as cursor:
        cursor.execute(sql)
        for row in cursor.fetchall():
            found[row[0]].append(row[1:])
    return found


def since(
    model: type[models.Model], column: str, columns: Sequence[str], instants: Mapping[int, int], *, held: bool = False
) -> dict[int, list[tuple[Any, ...]]]:
    """By line id the rows of each line from its own instant on, with `held` the one that holds the instant too."""
    asked = [Span(line_id, at, FOREVER) for line_id, at in instants.items()]
    condition = holding(model, column) if held else starting(column)
    return dict(zip(instants, rows(model, columns, asked, condition), strict=True))


def sums(
    model: type[models.Model],
    by: Sequence[str],
    added: Sequence[str],
    asked: Sequence[Span],
    *,
    joins: str = "",
    where: str = "",
) -> list[tuple[Any, ...]]:
    """What the columns `added` of the rows that begin in the spans add up to, by the expressions `by` (of `t`, or joined).

    The spans of one line must not overlap.
    """
    if not asked:
        return []
    connection = connections[router.db_for_read(model)]
    keys = ", ".join(by)
    totals = ", ".join(f'CAST(sum(t."{name}") AS bigint)' for name in added)
    only = f" AND {where}" if where else ""
    inner = _together(model, asked, only)
    if not inner:
        inner = f"{_asked(asked)}{_part(connection.vendor, model, 't.*', starting('start') + only)}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {keys}, {totals} FROM ({inner}) t {joins} GROUP BY {keys}")
        return list(cursor.fetchall())


def _together(model: type[models.Model], asked: Sequence[Span], only: str) -> str:
    """The rows of the spans where all lines have the same few: the planner knows best how to find these. "" elsewhere."""
    lines: dict[tuple[int, int], list[str]] = {}
    for span in asked:
        lines.setdefault((span.start, span.end), []).append(str(span.line_id))
    if len(lines) > _FEW:
        return ""
    return " UNION ALL ".join(
        f"SELECT t.* FROM {_table(model)} t WHERE t.line_id IN ({', '.join(ids)})"
        f" AND t.start >= {start} AND t.start < {end}{only}"
        for (start, end), ids in lines.items()
    )


def _asked(asked: Sequence[Span]) -> str:
    values = ", ".join(f"({n}, {span.line_id}, {span.start}, {span.end})" for n, span in enumerate(asked))
    return f"WITH asked (n, line, start_at, end_at) AS (VALUES {values}) "


def _alone(model: type[models.Model], names: str, condition: str, span: Span) -> str:
    """The rows of one span. SQLite takes a table of spans for a long one, and reads all of an index for it first."""
    inside = f"{_table(model)} t WHERE t.line_id = a.line AND {condition}"
    for name, value in (("a.line", span.line_id), ("a.start_at", span.start), ("a.end_at", span.end)):
        inside = inside.replace(name, str(value))
    return f"SELECT 0, {names} FROM {inside}"


def _part(vendor: str, model: type[models.Model], names: str, condition: str) -> str:
    inside = f"{_table(model)} t WHERE t.line_id = a.line AND {condition}"
    if vendor == "postgresql":
        # OFFSET 0 keeps the planner from reading the whole table for all spans at once.
        return f"SELECT a.n, r.* FROM asked a CROSS JOIN LATERAL (SELECT {names} FROM {inside} OFFSET 0) r"
    # SQLite keeps the order of a CROSS JOIN.
    return f"SELECT a.n, {names} FROM asked a CROSS JOIN {inside}"


def _table(model: type[models.Model]) -> str:
    return f'"{model._meta.db_table}"'
