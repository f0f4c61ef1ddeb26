"""Reading one TOML table with clear refusals: which line of the file, which key, why. Pure."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar

from apps.lines.plant_types import PlantFileError

_HEADER = re.compile(r"^\s*\[\[?\s*([A-Za-z0-9_.\- \"]+?)\s*\]\]?\s*(#.*)?$")
T = TypeVar("T")
Path = tuple[str | int, ...]
# What the tables hold: six digits before the point.
_TOO_MUCH = 1_000_000


def _is_number(value: Any) -> bool:
    """Neither true nor false, nor the inf and nan that TOML has."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


class Source:
    """The text of a plant file, to find the line that a value came from."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self._lines = text.splitlines()

    def place(self, path: Path, key: str | None = None) -> str:
        """ "plant.toml, line 12" of a table such as ("plant", 0, "line", 2), or of a key in it.

        A table that has no header of its own stands where the table that it is a key of says so.
        """
        number = self._table_line(path)
        if number is None and path:
            outer, last = path[:-1], path[-1]
            return self.place(outer, last if isinstance(last, str) else key)
        if key is not None and number is not None:
            number = self._key_line(number, key) or number
        return f"{self.name}, line {number}" if number else self.name

    def _table_line(self, path: Path) -> int | None:
        counts: dict[str, int] = {}
        names = ".".join(str(part) for part in path if isinstance(part, str))
        wanted = [part for part in path if isinstance(part, int)]
        for number, line in enumerate(self._lines, start=1):
            header = _HEADER.match(line)
            if header is None:
                continue
            name = header.group(1).replace(" ", "")
            if line.lstrip().startswith("[["):
                counts[name] = counts.get(name, -1) + 1
                for inner in [other for other in counts if other.startswith(f"{name}.")]:
                    del counts[inner]
            if name == names and self._indexes(name, counts) == wanted:
                return number
        return None

    @staticmethod
    def _indexes(name: str, counts: dict[str, int]) -> list[int]:
        parts = name.split(".")
        prefixes = [".".join(parts[: index + 1]) for index in range(len(parts))]
        return [counts[prefix] for prefix in prefixes if prefix in counts]

    def _key_line(self, start: int, key: str) -> int | None:
        for number in range(start + 1, len(self._lines) + 1):
            line = self._lines[number - 1]
            if re.match(rf"^\s*\"?{re.escape(key)}\"?\s*=", line):
                return number
            if _HEADER.match(line) and line.lstrip().startswith("[["):
                return None
        return None


class Table:
    """One table of the file: each key is taken once, and what was not taken is unknown."""

    def __init__(self, source: Source, path: Path, raw: Any) -> None:
        self.source, self.path = source, path
        if not isinstance(raw, Mapping):
            raise PlantFileError(f"{source.place(path)}: {path[-1]} must be a table.")
        self.raw = dict(raw)
        self._taken: set[str] = set()

    def refuse(self, key: str | None, reason: str) -> PlantFileError:
        """The error that names the place and the reason."""
        return PlantFileError(f"{self.source.place(self.path, key)}: {reason}")

    def done(self) -> None:
        """Refuse keys that nobody took."""
        strange = sorted(set(self.raw) - self._taken)
        if strange:
            raise self.refuse(strange[0], f"unknown key {strange[0]!r}; known here: {', '.join(sorted(self._taken))}.")

    def take(self, key: str, default: Any = None) -> Any:
        """The raw value."""
        self._taken.add(key)
        return self.raw.get(key, default)

    def text(self, key: str, default: str | None = None, limit: int = 80) -> str:
        """A text; without a default it must be there."""
        value = self.take(key, default)
        if value is None:
            raise self.refuse(None, f"{key} is missing.")
        if not isinstance(value, str) or (default is None and not value):
            raise self.refuse(key, f"{key} must be a text.")
        if len(value) > limit:
            raise self.refuse(key, f"{key} is longer than {limit} characters.")
        return value

    def one_of(self, key: str, choices: tuple[str, ...], default: str) -> str:
        """One of a few words."""
        value = self.text(key, default)
        if value not in choices:
            raise self.refuse(key, f"{key} is {value!r}; use one of {', '.join(choices)}.")
        return value

    def seconds(self, key: str, default: Decimal, *, is_positive: bool = False) -> Decimal:
        """A number of seconds (or a rate), at most six decimals."""
        value = self.take(key)
        if value is None:
            return default
        if not _is_number(value) or value < 0 or (is_positive and not value):
            raise self.refuse(key, f"{key} must be a number {'above' if is_positive else 'not below'} 0.")
        if value >= _TOO_MUCH:
            raise self.refuse(key, f"{key} must be below {_TOO_MUCH}.")
        return round(Decimal(str(value)), 6)

    def cycle(self, key: str) -> float | None:
        """Seconds a part, above 0; None where it is left out."""
        value = self.take(key)
        return None if value is None else self._cycle(key, value)

    def cycles(self, key: str) -> dict[str, float]:
        """Seconds a part by part number."""
        return {str(part): self._cycle(key, value) for part, value in self._table(key).items()}

    def _cycle(self, key: str, value: Any) -> float:
        if not _is_number(value) or value <= 0:
            raise self.refuse(key, f"{key} must be seconds a part, above 0.")
        return float(value)

    def _table(self, key: str) -> Mapping[str, Any]:
        value = self.take(key, {})
        if not isinstance(value, Mapping):
            raise self.refuse(key, f"{key} must be a table.")
        return value

    def codes(self, key: str) -> dict[str, str]:
        """Reason codes by fault code."""
        found = {}
        for fault, code in self._table(key).items():
            if not str(fault).isdecimal() or not isinstance(code, str):
                raise self.refuse(key, f'{key} pairs a fault code with a reason code, like {{ "12" = "M01" }}.')
            found[str(int(fault))] = code
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self.take(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.refuse(key, f"{key} must be a list of texts.")
        return tuple(value)

    def whole(self, key: str, default: int) -> int:
        """A whole number."""
        value = self.take(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.refuse(key, f"{key} must be a whole number.")
        return value

    def clock(self, key: str, default: time | None = None) -> time:
        """A local time of day such as "06:00"."""
        value = self.take(key)
        if value is None and default is not None:
            return default
        if isinstance(value, time):
            return value
        try:
            found = time.fromisoformat(value)
        except (TypeError, ValueError):
            found = None
        if found is None or found.tzinfo is not None:
            raise self.refuse(key, f'{key} is {value!r}; write a time like "06:00".')
        return found

    def day(self, key: str) -> date:
        """A date such as 2026-12-25."""
        value = self.take(key)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            raise self.refuse(key, f"{key} is {value!r}; write a date like 2026-12-25.") from None

    def tables(self, key: str, read: Callable[["Table"], T]) -> tuple[T, ...]:
        """An array of tables, each read and then checked for unknown keys."""
        value = self.take(key, [])
        if not isinstance(value, list):
            raise self.refuse(key, f"{key} must be written as [[{key}]].")
        found = []
        for index, raw in enumerate(value):
            table = Table(self.source, (*self.path, key, index), raw)
            found.append(read(table))
            table.done()
        return tuple(found)
