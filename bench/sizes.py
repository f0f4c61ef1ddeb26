"""Bytes per row of each big table, how long vacuum and analyze take, and how long retention: on the database of the settings.

On PostgreSQL DATABASE_URL must name an empty database: it is migrated, filled and left full. SIZES_LINES and SIZES_DAYS
say how much is written (10 lines, 65 days: half a minute, 100 MB); 100 lines and 365 days are 3 GB and take ten minutes.
"""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench import _year
from bench.table import Figure, report

if TYPE_CHECKING:
    from django.db.models import Model

UNTIL = datetime(2026, 11, 1, 6, tzinfo=UTC)
# Rows of a line in a day: the demo's 12 lines over 14 days (`bench history`), whose presses count every 60 s or so.
PER_LINE_DAY = {
    "states_statechange": 98, "states_countdelta": 1237, "jobs_run": 3.5, "downtime_stop": 49, "downtime_stoppart": 49,
    "oee_slice": 115, "oee_hourrollup": 27, "oee_dayrollup": 5.7, "oee_lossrollup": 21,
    # The demo's two weeks hold no whole month: these are what bench/_year.py writes in a year.
    "oee_monthrollup": 0.2, "oee_lossmonth": 0.9,
}  # fmt: skip
# Hours stay, so the months to drop are of these.
DROPPED = ("slices", "states", "counts")


def main() -> None:
    """Fill, measure, drop."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from apps.flow import retention
    from apps.lines.models import Line
    from apps.shared.instants import to_us

    Path(settings.DATA_DIR).mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0)
    if Line.objects.exists():
        raise SystemExit("This measurement fills its database: name an empty one in DATABASE_URL.")
    lines, days = int(os.environ.get("SIZES_LINES", "10")), int(os.environ.get("SIZES_DAYS", "65"))
    _year.write(lines, days, until=UNTIL, say=lambda _text: None)
    figures = [_timed("vacuum and analyze", _vacuum)]
    figures += _sizes()
    settings.RETAIN_MONTHS = dict.fromkeys(DROPPED, 1)
    began = time.perf_counter()
    dropped = retention.drop(now=to_us(UNTIL))
    took = time.perf_counter() - began
    rows = sum(row.rows for row in dropped)
    figures.append(Figure(f"retention of {rows:,} rows".replace(",", " "), took, "s"))
    figures.append(_timed("vacuum and analyze after it", _vacuum))
    report("sizes", f"{lines} lines over {days} days on {connection.vendor}", figures)


def _timed(name: str, work: object) -> Figure:
    began = time.perf_counter()
    work()  # type: ignore[operator]
    return Figure(name, time.perf_counter() - began, "s")


def _vacuum() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM (ANALYZE)")
        else:
            cursor.execute("PRAGMA optimize")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _sizes() -> list[Figure]:
    """Bytes with all indexes, by row and by line and day; and what a year of 100 lines is by that."""
    from django.apps import apps

    models = {model._meta.db_table: model for model in apps.get_models()}
    figures, total = [], 0.0
    for table, per_day in PER_LINE_DAY.items():
        each = _bytes(table) / _rows(models[table])
        total += each * per_day
        note = f"{per_day} rows and {each * per_day / 1000:.1f} kB a line and day"
        figures.append(Figure(table, each, "bytes a row", note=note))
    figures.append(Figure("a line and day", total / 1000, "kB"))
    figures.append(Figure("100 lines, a year", total * 365 * 100 / 1e9, "GB"))
    return figures


def _rows(model: "type[Model]") -> int:
    return model._default_manager.count()


def _bytes(table: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_total_relation_size(%s) + coalesce(sum(pg_total_relation_size(inhrelid)), 0)"
                " FROM pg_inherits WHERE inhparent = to_regclass(%s)",
                [table, table],
            )
        else:
            cursor.execute(
                "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name = %s)",
                [table],
            )
        return int(cursor.fetchone()[0])
