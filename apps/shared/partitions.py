"""Months of the big tables on PostgreSQL: their names, and making them before rows need them.

A partition holds the rows of one UTC month of the table's instant. What has no month yet goes to the table's rest
(its DEFAULT partition), so that a write never fails for want of one; `tidy` moves it to where it belongs.
On SQLite a table is one piece and everything here does nothing.
"""

# ruff: noqa: S608 (the only names and numbers in these statements are our own)

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from typing import NamedTuple, TypeVar

import structlog
from django.db import DatabaseError, connection, transaction

from apps.shared.instants import DAY, to_us

_Made = TypeVar("_Made")
_log = structlog.get_logger(__name__)
# Below deadlock_timeout (1 s): who waits longer for the rest's lock gives up and writes into the rest.
WRITER_WAITS_MS = 300
TASK_WAITS_MS = 3000
# A clock that is decades off is no reason to make hundreds of months.
_YEARS = range(2000, 2101)
_LOCK = 0x6A6F6231  # one number for all of us: "job1"
_known: dict[tuple[str, str], set["Month"]] = {}


class Month(NamedTuple):
    """A calendar month in UTC."""

    year: int
    month: int

    @property
    def start(self) -> int:
        """Its first instant."""
        return to_us(datetime(self.year, self.month, 1, tzinfo=UTC))

    @property
    def end(self) -> int:
        """The first instant after it."""
        return self.plus(1).start

    def plus(self, months: int) -> "Month":
        """The month that many months later (earlier where negative)."""
        years, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(years, month + 1)

    def name(self, table: str) -> str:
        """The partition of a table that holds it: oee_slice_2026_03."""
        return f"{table}_{self.year:04d}_{self.month:02d}"


class Partition(NamedTuple):
    """One month of a table as the database has it."""

    month: Month
    name: str


def month_of(at: int) -> Month:
    """The month that holds an instant."""
    return _month_of_day(at // DAY)


@lru_cache(maxsize=4096)
def _month_of_day(day: int) -> Month:
    found = date.fromordinal(date(1970, 1, 1).toordinal() + day)
    return Month(found.year, found.month)


def rest_of(table: str) -> str:
    """The partition of a table that holds what has no month."""
    return f"{table}_rest"


def ensure(table: str, instants: Iterable[int]) -> None:
    """Make the months that rows with these instants need, as far as they are missing.

    Costs a set lookup where they are known. Readers and writers of other months are not held up: only the rest is
    locked, until the caller's transaction ends. Where somebody holds it for long, the rows go to the rest instead.
    """
    if connection.vendor != "postgresql":
        return
    known = _known.setdefault((str(connection.settings_dict["NAME"]), table), set())
    for month in sorted({month_of(at) for at in instants} - known):
        if month.year not in _YEARS:
            continue
        try:
            make(table, month, wait_ms=WRITER_WAITS_MS)
        except DatabaseError as problem:
            # Not asked for again by this process: `tidy` makes it, with more patience.
            known.add(month)
            _log.warning("partition.late", table=table, month=month.name(""), why=str(problem).partition("\n")[0])
        else:
            transaction.on_commit(partial(known.add, month))


def forget() -> None:
    """Ask the database again which months there are: this process may have seen some that are gone."""
    _known.clear()


def make(table: str, month: Month, *, wait_ms: int) -> bool:
    """Make one month of a table, with what of it lies in the rest; False where it is there already.

    Raises DatabaseError where a lock could not be had in `wait_ms`; the caller's transaction can go on.
    """
    return _patiently(wait_ms, partial(_make, table, month))


def _make(table: str, month: Month) -> bool:
    name, rest = month.name(table), rest_of(table)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0] is not None:
            return False
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0] is not None:
            return False
        column = _column(table)
        inside = f'"{column}" >= {month.start} AND "{column}" < {month.end}'
        # The rest is the pattern: it has the constraints that a partitioned table itself can't have.
        cursor.execute(f'CREATE TABLE "{name}" (LIKE "{rest}" INCLUDING ALL)')
        cursor.execute(f'LOCK TABLE "{rest}" IN ACCESS EXCLUSIVE MODE')
        cursor.execute(
            f'WITH moved AS (DELETE FROM "{rest}" WHERE {inside} RETURNING *) INSERT INTO "{name}" SELECT * FROM moved'
        )
        cursor.execute(
            f'ALTER TABLE "{table}" ATTACH PARTITION "{name}" FOR VALUES FROM ({month.start}) TO ({month.end})'
        )
    return True


def drop(table: str, month: Month) -> None:
    """Drop one month of a table with all its rows. Raises DatabaseError where readers did not let go in time."""
    _patiently(TASK_WAITS_MS, partial(_drop, table, month))


def _drop(table: str, month: Month) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(f'DROP TABLE IF EXISTS "{month.name(table)}"')


def tidy(table: str, now: int, *, ahead: int) -> list[Month]:
    """Make the months from now to `ahead` months later, and those of which rows lie in the rest; the months made."""
    if connection.vendor != "postgresql":
        return []
    here = month_of(now)
    wanted = {here.plus(step) for step in range(ahead + 1)} | set(_months_in_rest(table))
    return [month for month in sorted(wanted) if month.year in _YEARS and make(table, month, wait_ms=TASK_WAITS_MS)]


def analyze(table: str) -> None:
    """Let the planner know a table as a whole: autovacuum looks at its months alone."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'ANALYZE "{table}"')


def of(table: str) -> list[Partition]:
    """The months that a table has, the earliest first; none on SQLite."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid"
            " WHERE inhparent = to_regclass(%s)",
            [table],
        )
        names = sorted(row[0] for row in cursor.fetchall())
    return [_named(table, name) for name in names if name != rest_of(table)]


def in_rest(table: str) -> int:
    """How many rows of a table have no month: 0 where all is well."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{rest_of(table)}"')
        return int(cursor.fetchone()[0])


def _named(table: str, name: str) -> Partition:
    year, month = name.removeprefix(f"{table}_").split("_")
    return Partition(Month(int(year), int(month)), name)


def _months_in_rest(table: str) -> list[Month]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT DISTINCT "{_column(table)}" / {DAY} FROM "{rest_of(table)}"')
        return sorted({_month_of_day(day) for (day,) in cursor.fetchall()})


def _column(table: str) -> str:
    """The instant by which a table is cut into months."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_partitioned_table JOIN pg_attribute ON attrelid = partrelid AND attnum = partattrs[0]"
            " WHERE partrelid = to_regclass(%s)",
            [table],
        )
        return str(cursor.fetchone()[0])


def _patiently(wait_ms: int, work: Callable[[], _Made]) -> _Made:
    """Do it in a transaction (or savepoint) that waits so long for each lock and no longer."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)", [str(wait_ms)])
        before = cursor.fetchone()[0]
        done = work()
        # A savepoint that is released leaves the setting to the rest of the transaction.
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])
    return done
