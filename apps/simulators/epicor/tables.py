"""The rows of one simulated company, and what Epicor's server does at each write: SysRevID, SysRowID, errors."""

import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apps.shared.instants import from_us, iso
from apps.simulators.epicor.schema import TABLES, Row, Value

Key = tuple[Value, ...]
Tell = Callable[[str, str, str, dict[str, Any]], None]
# ClockInMInute counts from some base date; which one, nobody outside Epicor knows.
_MINUTE_BASE = date(1990, 1, 1).toordinal()


class BusinessError(Exception):
    """A business rule of Epicor said no; the text is what the user would read."""


class NotFound(BusinessError):
    """There is no such row."""


class Clock:
    """An instant as the labour columns hold it, plant-local: date, decimal hours, minutes since a base date."""

    def __init__(self, at: int, zone: ZoneInfo) -> None:
        local: datetime = from_us(at).astimezone(zone)
        self.day = local.date()
        past_midnight = timedelta(
            hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        # Eight places are 36 µs: enough to find the millisecond again.
        self.hours = round(past_midnight / timedelta(hours=1), 8)
        self.minute = (self.day.toordinal() - _MINUTE_BASE) * 1440 + local.hour * 60 + local.minute
        self.shown = f"{local:%H:%M}"


class Tables:
    """The tables of one company; every write raises SysRevID and is told to whoever listens."""

    def __init__(
        self, code: str, name: str, *, tell: Tell, next_rev: Callable[[], int], next_head: Callable[[], int]
    ) -> None:
        self.code = code
        self._tell = tell
        self._next_rev = next_rev
        self._next_head = next_head
        self._rows: dict[str, dict[Key, Row]] = {table: {} for table in TABLES}
        self.zones: dict[str, ZoneInfo] = {}
        self.write("Company", (code,), Name=name)

    def rows(self, table: str) -> list[Row]:
        """All rows of a table, in no promised order."""
        return list(self._rows[table].values())

    def row(self, table: str, key: Key) -> Row:
        """The row with this key (without Company). Raises NotFound."""
        found = self._rows[table].get(self._full(table, key))
        if found is None:
            raise NotFound(f"Record not found in {table}: {'/'.join(str(part) for part in key)}.")
        return found

    def has(self, table: str, key: Key) -> bool:
        """Whether the table holds a row with this key (without Company)."""
        return self._full(table, key) in self._rows[table]

    def write(self, table: str, key: Key, **columns: Value) -> Row:
        """Add the row, or change these columns of it; its SysRevID rises. Raises KeyError for an unknown column."""
        full = self._full(table, key)
        definition = TABLES[table]
        row = self._rows[table].get(full)
        if row is None:
            row = definition.blank() | dict(zip(definition.key, full, strict=True)) | {"SysRowID": str(uuid.uuid4())}
            self._rows[table][full] = row
        unknown = columns.keys() - definition.columns.keys()
        if unknown:
            raise KeyError(f"{table} has no column {', '.join(sorted(unknown))}")
        row.update(columns)
        row["SysRevID"] = self._next_rev()
        return row

    def delete(self, table: str, key: Key) -> Row:
        """Take the row away; nobody is told, as in Epicor. Raises NotFound."""
        self.row(table, key)
        return self._rows[table].pop(self._full(table, key))

    def tell(self, kind: str, at: int, data: dict[str, Any]) -> None:
        """Send one event of this company."""
        self._tell(self.code, kind, iso(at), {"Company": self.code} | data)

    def matching(self, table: str, **columns: Value) -> Iterator[Row]:
        """The rows in which these columns have these values."""
        for row in self.rows(table):
            if all(row[name] == value for name, value in columns.items()):
                yield row

    def clock(self, at: int, plant: str) -> Clock:
        """The instant on the clock of a plant."""
        return Clock(at, self.zones[plant])

    def _full(self, table: str, key: Key) -> Key:
        # The Company table's own key is the company; all others have Company before theirs.
        return key if table == "Company" else (self.code, *key)
