"""The OData subset that Epicor's sets answer: $select, $filter, $orderby, $top, $skip, $count. Pure."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from apps.simulators.epicor.schema import Row, Value

KNOWN_OPTIONS = frozenset({"$select", "$filter", "$orderby", "$top", "$skip", "$count", "$format", "api-key"})
Test = Callable[[Row], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<date>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<mark>[(),]))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "gt": lambda left, right: bool(left > right),
    "ge": lambda left, right: bool(left >= right),
    "lt": lambda left, right: bool(left < right),
    "le": lambda left, right: bool(left <= right),
}
_FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": str.__contains__,
}


class ODataError(Exception):
    """The options of a request that can't be read; the text is what the server says."""


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one answer, projected, and how many there are without paging where that was asked."""

    rows: list[Row]
    count: int | None


def query(
    rows: Sequence[Row], columns: Mapping[str, str], options: Mapping[str, str], *, default_page: int,
    max_top: int | None = None, shuffles: bool = False,
) -> Page:  # fmt: skip
    """Filter, sort, cut and project rows. Raises ODataError. Without $orderby the order is the server's whim."""
    unknown = [name for name in options if name.startswith("$") and name not in KNOWN_OPTIONS]
    if unknown:
        raise ODataError(f"The query parameter '{unknown[0]}' is not supported.")
    names = _selected(options.get("$select", ""), columns)
    test = parse_filter(options["$filter"], columns) if options.get("$filter") else None
    found = [row for row in rows if test is None or test(row)]
    count = len(found) if options.get("$count", "").lower() == "true" else None
    if options.get("$orderby"):
        _sort(found, options["$orderby"], columns)
    elif shuffles:
        random.shuffle(found)
    skip, top = _whole(options, "$skip", 0), _whole(options, "$top", default_page)
    cut = found[skip : skip + (top if max_top is None else min(top, max_top))]
    return Page([{name: row[name] for name in names} for row in cut], count)


def parse_filter(text: str, columns: Mapping[str, str]) -> Test:
    """A predicate from a $filter expression. Raises ODataError for syntax and for names that are not columns."""
    parser = _Parser(_tokens(text), columns)
    test = parser.either()
    if parser.peek() is not None:
        raise ODataError(f"Syntax error at '{parser.peek()}' in '{text}'.")
    return test


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position, end = [], 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise ODataError(f"Syntax error at position {position} in '{text}'.")
        found.append((str(match.lastgroup), match.group(str(match.lastgroup))))
        position = match.end()
    return found


class _Parser:
    """Recursive descent over or, and, not, parentheses, comparisons and the three string functions."""

    def __init__(self, tokens: list[tuple[str, str]], columns: Mapping[str, str]) -> None:
        self._tokens = tokens
        self._columns = columns
        self._at = 0

    def peek(self) -> str | None:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else None

    def either(self) -> Test:
        left = self._both()
        while self.peek() == "or":
            self._take()
            left = _any(left, self._both())
        return left

    def _both(self) -> Test:
        left = self._one()
        while self.peek() == "and":
            self._take()
            left = _all(left, self._one())
        return left

    def _one(self) -> Test:
        if self.peek() == "not":
            self._take()
            inner = self._one()
            return lambda row: not inner(row)
        if self.peek() == "(":
            self._take()
            inner = self.either()
            self._expect(")")
            return inner
        return self._call() if self.peek() in _FUNCTIONS else self._comparison()

    def _call(self) -> Test:
        function = _FUNCTIONS[self._take()[1]]
        self._expect("(")
        column = self._column()
        self._expect(",")
        wanted = str(self._literal("s")).casefold()
        self._expect(")")
        return lambda row: function(str(row[column]).casefold(), wanted)

    def _comparison(self) -> Test:
        column = self._column()
        kind = self._columns[column]
        if kind == "b" and self.peek() in {None, "and", "or", ")"}:
            return lambda row: bool(row[column])
        word = self._take()[1]
        compare = _COMPARE.get(word)
        if compare is None:
            raise ODataError(f"'{word}' is not a known operator.")
        wanted = self._literal(kind)
        if wanted is None:
            return lambda row: compare(row[column] is None, True)  # noqa: FBT003
        return lambda row: row[column] is not None and compare(_comparable(row[column]), wanted)

    def _column(self) -> str:
        name = self._take()[1]
        if name not in self._columns:
            raise ODataError(f"Could not find a property named '{name}'.")
        return name

    def _literal(self, kind: str) -> Any:
        group, text = self._take()
        if group == "name" and text == "null":
            return None
        if kind in {"s", "g"} and group == "text":
            return text[1:-1].replace("''", "'").casefold()
        if kind in {"i", "n"} and group == "number":
            return float(text) if "." in text else int(text)
        if kind == "b" and text in {"true", "false"}:
            return text == "true"
        if kind == "d" and group == "date":
            return date.fromisoformat(text[:10])
        raise ODataError(f"A binary operator with incompatible types was detected at '{text}'.")

    def _take(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise ODataError("Expression expected at the end of the filter.")
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, mark: str) -> None:
        if self._take()[1] != mark:
            raise ODataError(f"'{mark}' expected.")


def _any(left: Test, right: Test) -> Test:
    return lambda row: left(row) or right(row)


def _all(left: Test, right: Test) -> Test:
    return lambda row: left(row) and right(row)


def _comparable(value: Value) -> Any:
    # The database's collation compares text without case.
    return value.casefold() if isinstance(value, str) else value


def _sort(rows: list[Row], orderby: str, columns: Mapping[str, str]) -> None:
    for term in reversed(orderby.split(",")):
        name, _space, direction = term.strip().partition(" ")
        if name not in columns:
            raise ODataError(f"Could not find a property named '{name}'.")
        if direction.strip() not in {"", "asc", "desc"}:
            raise ODataError(f"Syntax error in $orderby at '{direction}'.")
        rows.sort(key=partial(_place, column=name), reverse=direction.strip() == "desc")


def _place(row: Row, column: str) -> tuple[bool, Any]:
    # Null comes before everything, as in SQL Server.
    return row[column] is not None, _comparable(row[column])


def _whole(options: Mapping[str, str], name: str, default: int) -> int:
    text = options.get(name, "")
    if not text:
        return default
    if not text.isdigit():
        raise ODataError(f"Invalid value '{text}' for {name}.")
    return int(text)


def _selected(select: str, columns: Mapping[str, str]) -> list[str]:
    if not select:
        return list(columns)
    names = [name.strip() for name in select.split(",")]
    for name in names:
        if name not in columns:
            raise ODataError(f"Could not find a property named '{name}'.")
    return names
