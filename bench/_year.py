"""A plant with a long past, written straight into the tables by SQL that both databases speak. For measurements only.

Every line works in slots of 24 minutes: it runs, then stands for 40 s (a micro-stop) or, in every third slot, for 300 s.
That makes 120 slices, 60 stops and 120 state changes per line and day, about what the demo's lines have. Reports over months
read days and months and hardly any of the rest: `near` leaves that out but for the first and last days.
"""

# ruff: noqa: S608 (the only names and numbers in these statements are our own)

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

SLOTS = 60
SLOT_S = 1440
COMPANY = "YEAR"
LOSS_BARS = {"reason": 9, "category": 4, "fault": 5, "line": 1, "part": 1, "operation": 1, "shift": 3}


class Past(NamedTuple):
    """What was written: instants in microseconds, ids as the database gave them."""

    lines: list[int]
    start: int
    # The end of the last whole day, and what everything is known until.
    end: int
    now: int
    days: int


class Shape(NamedTuple):
    """How much is written: facts, slices and hours of the first and last `near` days only (None: of all), what came after

    the last whole day in slots, and counts in each slot.
    """

    near: int | None = None
    slots_after: int = 0
    counts: int = 1


WHOLE = Shape()


def write(lines: int, days: int, *, until: datetime, shape: Shape = WHOLE, say: Callable[[str], None] = print) -> Past:
    """Fill an empty, migrated database with `days` days of `lines` lines that end at `until` (06:00 UTC)."""
    from apps.shared.instants import DAY, SECOND, to_us

    end = to_us(until)
    line_ids, opers = _plant(lines, days)
    past = Past(line_ids, end - days * DAY, end, end + shape.slots_after * SLOT_S * SECOND, days)
    make_months(past)
    fill(opers, past, shape=shape, say=say)
    _ends(past)
    return past


def make_months(past: Past) -> None:
    """The months of the big tables, as the operations would make them: the rows are written past them."""
    from apps.flow.retention import BIG
    from apps.shared import partitions
    from apps.shared.instants import DAY

    for model in BIG:
        partitions.ensure(model._meta.db_table, range(past.start - DAY, past.end + 2 * DAY, DAY))


def fill(opers: list[list[int]], past: Past, *, shape: Shape = WHOLE, say: Callable[[str], None] = print) -> None:
    """Write facts and derived rows of lines that are there; `opers` has an operation a week for each line."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # The rows agree with each other: to look each one's line up again takes longer than to write it.
            cursor.execute("SET session_replication_role = replica")
        _numbers(cursor, past, shape)
        _lines(cursor, past.lines, opers)
        for name, statement in _statements():
            began = time.monotonic()
            cursor.execute(statement)
            say(f"{name}: {cursor.rowcount} rows in {time.monotonic() - began:.1f} s")
        for table in ("bench_day", "bench_slot", "bench_count", "bench_line", "bench_loss"):
            cursor.execute(f"DROP TABLE {table}")
        if connection.vendor == "postgresql":
            cursor.execute("RESET session_replication_role")


def _plant(lines: int, days: int) -> tuple[list[int], list[list[int]]]:
    """Master data: shifts around the clock, and a job a week for each line."""
    from datetime import time as clock

    from apps.jobs.models import Job, JobOper
    from apps.lines.models import Company, Line, Plant, Shift
    from apps.reasons.models import ReasonCode

    company = Company.objects.create(code=COMPANY, name="A long past")
    plant = Plant.objects.create(company=company, code="P", name="Plant", time_zone="UTC", day_start=clock(6))
    for name, first, last in (("Early", 6, 14), ("Late", 14, 22), ("Night", 22, 6)):
        Shift.objects.create(plant=plant, name=name, days=list(range(7)), start=clock(first), end=clock(last))
    for number in range(9):
        ReasonCode.objects.create(company=COMPANY, code=f"R{number:02d}", description=f"Reason {number}")
    made = Line.objects.bulk_create(
        [Line(plant=plant, slug=f"L{number:03d}", name=f"Line {number}", ideal_cycle_s=12.0) for number in range(lines)]
    )
    weeks = days // 7 + 1
    opers = []
    for line in made:
        jobs = Job.objects.bulk_create(
            [
                Job(company=company, plant="P", job_num=f"{line.slug}-{week}", part_num=f"P-{week}")
                for week in range(weeks)
            ]
        )
        rows = [JobOper(job=job, assembly_seq=0, opr_seq=10, prod_standard=12.0, std_format="SP") for job in jobs]
        opers.append([oper.pk for oper in JobOper.objects.bulk_create(rows)])
    return [line.pk for line in made], opers


def _numbers(cursor: object, past: Past, shape: Shape) -> None:
    """The tables of days, slots and counts, of which everything else is multiplied."""
    from apps.shared.instants import DAY, SECOND

    execute, many = cursor.execute, cursor.executemany  # type: ignore[attr-defined]
    execute(
        "CREATE TABLE bench_day (d integer, week integer, start bigint, date date, month bigint, slots integer, near integer)"
    )
    execute("CREATE TABLE bench_slot (k integer, at bigint, stop bigint)")
    execute("CREATE TABLE bench_count (at bigint)")
    near = past.days if shape.near is None else shape.near
    rows = [(d, SLOTS) for d in range(past.days)] + ([(past.days, shape.slots_after)] if shape.slots_after else [])
    many(
        "INSERT INTO bench_day VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [
            (
                d,
                d // 7,
                past.start + d * DAY,
                _date(past, d),
                _month(past, d),
                slots,
                int(min(d, past.days - 1 - d) < near),
            )
            for d, slots in rows
        ],
    )
    many(
        "INSERT INTO bench_slot VALUES (%s, %s, %s)",
        [(k, k * SLOT_S * SECOND, (300 if k % 3 == 0 else 40) * SECOND) for k in range(SLOTS)],
    )
    apart = SLOT_S // shape.counts
    many("INSERT INTO bench_count VALUES (%s)", [(number * apart * SECOND,) for number in range(shape.counts)])


def _date(past: Past, day: int) -> date:
    return (datetime.fromtimestamp(past.start / 1e6, UTC) + timedelta(days=day)).date()


def _month(past: Past, day: int) -> int:
    """The first instant of the production month of a day."""
    from apps.shared.instants import HOUR, to_us

    first = _date(past, day).replace(day=1)
    return to_us(datetime(first.year, first.month, 1, tzinfo=UTC)) + 6 * HOUR


def _lines(cursor: object, line_ids: list[int], opers: list[list[int]]) -> None:
    """What runs on each line in which week, and the bars that it loses time to."""
    execute, many = cursor.execute, cursor.executemany  # type: ignore[attr-defined]
    execute("CREATE TABLE bench_line (n integer, line_id bigint, week integer, oper_id bigint)")
    execute("CREATE TABLE bench_loss (by_what varchar(10), key varchar(80), us bigint)")
    many(
        "INSERT INTO bench_line VALUES (%s, %s, %s, %s)",
        [(n, line, week, oper) for n, line in enumerate(line_ids) for week, oper in enumerate(opers[n])],
    )
    losses = [(by, f"{by}-{n}", (n + 1) * 60 * 10**6) for by, many_of in LOSS_BARS.items() for n in range(many_of)]
    many("INSERT INTO bench_loss VALUES (%s, %s, %s)", losses)


_DAYS = f"bench_day d JOIN bench_line l ON l.week = d.week AND d.slots = {SLOTS}"
_EACH = "bench_day d JOIN bench_slot s ON s.k < d.slots AND d.near = 1 JOIN bench_line l ON l.week = d.week"
_SLOT = f"{SLOT_S}000000"
_SHIFT = "CASE WHEN s.k < 20 THEN 'Early' WHEN s.k < 40 THEN 'Late' ELSE 'Night' END"
_REASON = "CASE WHEN s.k % 3 = 0 THEN 'R0' || ((s.k + l.n) % 9) ELSE '' END"
_SUMS = "running, unscheduled, no_signal, planned, micro_stop, setup, downtime, good, reject, ideal_good, ideal_total"


def _statements() -> Iterator[tuple[str, str]]:
    """Live order: a day, its slots, all lines; one line's rows lie far apart, as they do in a plant."""
    yield (
        "states.StateChange",
        (
            "INSERT INTO states_statechange (line_id, at, state, fault) "
            f"SELECT l.line_id, d.start + s.at, 'running', 0 FROM {_EACH} "
            f"UNION ALL SELECT l.line_id, d.start + s.at + {_SLOT} - s.stop, 'stopped', 1 + s.k % 5 FROM {_EACH} ORDER BY 2"
        ),
    )
    yield (
        "states.CountDelta",
        (
            'INSERT INTO states_countdelta (line_id, start, "end", good, reject, is_gap) '
            "SELECT l.line_id, d.start + s.at + c.at, d.start + s.at + c.at + 8000000, 90, 2, (1 = 0) "
            f"FROM {_EACH} CROSS JOIN bench_count c ORDER BY 3"
        ),
    )
    yield (
        "jobs.Run",
        (
            'INSERT INTO jobs_run (line_id, start, "end", oper_id, kind) '
            "SELECT l.line_id, d.start + s.at, d.start + s.at + 28800000000, l.oper_id, 'production' "
            f"FROM {_EACH} WHERE s.k % 20 = 0 ORDER BY 2"
        ),
    )
    yield (
        "downtime.Stop",
        (
            'INSERT INTO downtime_stop (line_id, start, "end", fault, is_micro) '
            f"SELECT l.line_id, d.start + s.at + {_SLOT} - s.stop, d.start + s.at + {_SLOT}, 1 + s.k % 5, s.k % 3 <> 0 "
            f"FROM {_EACH} ORDER BY 2"
        ),
    )
    yield (
        "downtime.StopPart",
        (
            'INSERT INTO downtime_stoppart (stop_id, start, "end", reason, "by", comment) '
            """SELECT id, start, "end", CASE WHEN is_micro THEN '' ELSE 'R0' || (id % 9) END, '', '' FROM downtime_stop """
            "WHERE NOT EXISTS (SELECT 1 FROM downtime_stoppart p WHERE p.stop_id = downtime_stop.id)"
        ),
    )
    piece = (
        'INSERT INTO oee_slice (line_id, start, "end", bucket, binding, oper_id, kind, reason, stop_start, fault, '
        "shift_date, shift)"
    )
    shift = f"d.date, {_SHIFT}"
    yield (
        "oee.Slice",
        (
            f"{piece} SELECT l.line_id, d.start + s.at, d.start + s.at + {_SLOT} - s.stop, 'running', 'bound', l.oper_id, "
            f"'production', '', CAST(NULL AS bigint), 0, {shift} FROM {_EACH} "
            f"UNION ALL SELECT l.line_id, d.start + s.at + {_SLOT} - s.stop, d.start + s.at + {_SLOT}, "
            "CASE WHEN s.k % 3 = 0 THEN 'downtime' ELSE 'micro_stop' END, 'bound', l.oper_id, 'production', "
            f"{_REASON}, d.start + s.at + {_SLOT} - s.stop, 1 + s.k % 5, {shift} FROM {_EACH} ORDER BY 2"
        ),
    )
    sums = f"INSERT INTO %s (line_id, start, binding, oper_id, shift_date, shift, {_SUMS}%s)"
    values = "3300000000, 0, 0, 0, 80000000, 0, 220000000, 225, 5, 225, 230"
    hour = "CASE WHEN s.k < 8 THEN 'Early' WHEN s.k < 16 THEN 'Late' ELSE 'Night' END"
    yield (
        "oee.HourRollup",
        (
            f"{sums % ('oee_hourrollup', '')} SELECT l.line_id, d.start + s.k * 3600000000, 'bound', l.oper_id, d.date, {hour}, "
            f"{values} FROM {_EACH} WHERE s.k < 24 AND d.slots = {SLOTS} ORDER BY 2"
        ),
    )
    # Four rows a day: three shifts of the job, and a stretch without one.
    yield (
        "oee.DayRollup",
        (
            f"{sums % ('oee_dayrollup', ', cycle')} SELECT l.line_id, d.start, CASE WHEN s.k = 3 THEN 'none' ELSE 'bound' END, "
            "CASE WHEN s.k = 3 THEN NULL ELSE l.oper_id END, d.date, CASE s.k WHEN 0 THEN 'Early' WHEN 1 THEN 'Late' "
            f"ELSE 'Night' END, {values}, '12' FROM {_DAYS} CROSS JOIN bench_slot s WHERE s.k < 4 ORDER BY 2"
        ),
    )
    yield (
        "oee.LossRollup",
        (
            'INSERT INTO oee_lossrollup (line_id, start, "by", key, us, stops) '
            "SELECT l.line_id, d.start, x.by_what, CASE WHEN x.by_what = 'operation' THEN j.job_num || '/0/10' "
            f"WHEN x.by_what = 'line' THEN n.slug ELSE x.key END, x.us, 3 FROM {_DAYS} CROSS JOIN bench_loss x "
            "JOIN jobs_joboper o ON o.id = l.oper_id JOIN jobs_job j ON j.id = o.job_id JOIN lines_line n ON n.id = l.line_id "
            "ORDER BY 2"
        ),
    )
    over = (
        "JOIN bench_day d ON d.start = r.start JOIN bench_line l ON l.line_id = r.line_id AND l.week = d.week "
        "WHERE d.month < (SELECT max(month) FROM bench_day)"
    )
    added = ", ".join(f"sum({name})" for name in _SUMS.split(", "))
    yield (
        "oee.MonthRollup",
        (
            f"INSERT INTO oee_monthrollup (line_id, start, binding, oper_id, cycle, {_SUMS}) "
            f"SELECT r.line_id, d.month, r.binding, r.oper_id, r.cycle, {added} FROM oee_dayrollup r {over} "
            "GROUP BY 1, 2, 3, 4, 5 ORDER BY 2"
        ),
    )
    yield (
        "oee.LossMonth",
        (
            'INSERT INTO oee_lossmonth (line_id, start, "by", key, us, stops) '
            f'SELECT r.line_id, d.month, r."by", r.key, sum(r.us), sum(r.stops) FROM oee_lossrollup r {over} '
            "GROUP BY 1, 2, 3, 4 ORDER BY 2"
        ),
    )


def _ends(past: Past) -> None:
    """How far each line is known, and derived."""
    from apps.oee.models import LineLedger
    from apps.shared.instants import HOUR, SECOND
    from apps.states.models import LineSnapshot
    from apps.states.types import LineNow
    from apps.states.wire import encode_now

    end = past.now
    now = LineNow(first_good_at=past.start, last_at=end, last_good_at=end, state="stopped", fault=5)
    anchor = end - 40 * SECOND
    LineSnapshot.objects.bulk_create(
        [
            LineSnapshot(line_id=pk, first_good_at=past.start, last_at=end, last_good_at=end, body=encode_now(now))
            for pk in past.lines
        ]
    )
    reach = {
        "settled_until": anchor, "anchor": anchor, "rolled_until": anchor // HOUR * HOUR, "days_until": past.end,
        "months_until": _month(past, past.days - 1),
    }  # fmt: skip
    LineLedger.objects.bulk_create([LineLedger(line_id=pk, **reach) for pk in past.lines])
