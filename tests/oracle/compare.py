"""Says in words where two lists of printed rows differ."""

from typing import Any

from tests.oracle.instants import parse

Row = dict[str, Any]
IGNORED = ("made_at", "revision")
INSTANTS = ("from", "to", "start", "end")
TOLERANCE = 1e-6
RATIO_TOLERANCE = 1e-9


class Names:
    """Which expected stop is which actual one: ids may read differently, but must group the slices alike."""

    def __init__(self) -> None:
        self.there: dict[str, str] = {}
        self.back: dict[str, str] = {}

    def same(self, expected: str, actual: str) -> bool:
        return self.there.setdefault(expected, actual) == actual and self.back.setdefault(actual, expected) == expected


def _number_differs(name: str, expected: float, actual: float) -> bool:
    gap = abs(expected - actual)
    if name.endswith("_s") or name == "seconds" or "buckets_s" in name:
        return gap > TOLERANCE * (1 + 1e-6)
    return gap > RATIO_TOLERANCE * max(1.0, abs(expected))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _value(path: str, name: str, expected: Any, actual: Any, names: Names) -> list[str]:
    said = [f"{path}: expected {expected!r}, got {actual!r}"]
    if isinstance(expected, dict) and isinstance(actual, dict):
        return _row(path, expected, actual, names)
    if isinstance(expected, list) and isinstance(actual, list):
        return _rows(path, expected, actual, names)
    if _is_number(expected) and _is_number(actual):
        in_seconds = path if ".buckets_s." in path else name
        return said if _number_differs(in_seconds, expected, actual) else []
    if name == "stop" and isinstance(expected, str) and isinstance(actual, str):
        return [] if names.same(expected, actual) else said
    if name in INSTANTS and isinstance(expected, str) and isinstance(actual, str):
        return [] if parse(expected) == parse(actual) else said
    return [] if expected == actual and type(expected) is type(actual) else said


def _row(path: str, expected: Row, actual: Row, names: Names) -> list[str]:
    """Fields that only the actual row has are allowed: the contract changes by adding."""
    found = []
    for name, value in expected.items():
        if name in IGNORED or (name == "label" and value is None):
            continue
        if name not in actual:
            found.append(f"{path}.{name}: missing")
        else:
            found += _value(f"{path}.{name}", name, value, actual[name], names)
    return found


def _rows(path: str, expected: list[Any], actual: list[Any], names: Names) -> list[str]:
    found = []
    if len(expected) != len(actual):
        found.append(f"{path}: expected {len(expected)} rows, got {len(actual)}")
    for index, (mine, theirs) in enumerate(zip(expected, actual, strict=False)):
        found += _value(f"{path}[{index}]", "", mine, theirs, names)
    for row in expected[len(actual) :]:
        found.append(f"{path}: not there: {row}")
    for row in actual[len(expected) :]:
        found.append(f"{path}: too much: {row}")
    return found


def differences(expected_rows: list[Row], actual_rows: list[Row]) -> list[str]:
    """Field by field, in order; empty where they agree.

    Seconds may differ by 1e-6 and ratios by 1e-9; `made_at`, `revision`, the text of stop ids and labels that the
    contract does not fix (None in the expected row) are not compared.
    """
    return _rows("rows", expected_rows, actual_rows, Names())
