"""How fresh and how well each company's Epicor is: rows for screens and alerts. It reads, and judges by time alone."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Max, Min, Q, Sum

from apps.epicor import queries
from apps.epicor.breaker import State
from apps.epicor.models import Connection, InboxEvent, SourceSequence
from apps.epicor.types import EVERY_S, WHOLE
from apps.shared.instants import SECOND, from_us, to_us

# A table is late when it was due this many times over.
_LATE_AFTER = 3


class TableHealth(NamedTuple):
    """One table of Epicor that is read: when it was last read (µs, None: never), and what stands in the way."""

    table: str
    read_at: int | None
    is_late: bool
    failures: int
    problem: str


class InboxHealth(NamedTuple):
    """The inbox of one company: counts, and the oldest event that waits (µs)."""

    waiting: int
    oldest: int | None
    halted: int
    conflicts: int
    gaps: int
    last_received: int | None


class ConnectionHealth(NamedTuple):
    """One company's Epicor. `status` is "healthy", "late", "down", "paused" or "never read"."""

    company: str
    company_name: str
    base_url: str
    api: str
    poll_s: int
    status: str
    breaker: State
    next_try: int
    read_at: int | None
    problem: str
    paused_until: int | None
    paused_by: str
    tables: tuple[TableHealth, ...]
    inbox: InboxHealth


def connections(*, now: int) -> list[ConnectionHealth]:
    """Every company's connection, by company."""
    return [_health(row, now) for row in queries.connections()]


def inbox_of(company: str) -> InboxHealth:
    """The inbox of one company."""
    open_rows = Q(done_at=None)
    rows = InboxEvent.objects.filter(company=company)
    told = rows.filter(open_rows).aggregate(
        waiting=Count("pk", filter=Q(halt="")), oldest=Min("received_at", filter=Q(halt="")),
        halted=Count("pk", filter=~Q(halt="")),
    )  # fmt: skip
    ever = rows.aggregate(conflicts=Sum("conflicts"), last=Max("received_at"))
    gaps = SourceSequence.objects.filter(source__in=rows.values("source"), gap_at__isnull=False).count()
    return InboxHealth(
        waiting=told["waiting"],
        oldest=to_us(told["oldest"]) if told["oldest"] else None,
        halted=told["halted"],
        conflicts=ever["conflicts"] or 0,
        gaps=gaps,
        last_received=to_us(ever["last"]) if ever["last"] else None,
    )


def _health(connection: Connection, now: int) -> ConnectionHealth:
    cursors = queries.cursors_of(connection)
    verdict = queries.verdict_of(connection, now=now)
    whole = cursors.pop(WHOLE, None)
    tables = tuple(
        TableHealth(
            table=row.table,
            read_at=to_us(row.read_at) if row.read_at else None,
            is_late=row.read_at is None or bool(row.problem) or row.read_at < _limit(connection, row.table, now),
            failures=row.failures,
            problem=row.problem,
        )
        for row in sorted(cursors.values(), key=lambda row: row.table)
    )
    read_at = to_us(whole.read_at) if whole and whole.read_at else None
    return ConnectionHealth(
        company=connection.company.code,
        company_name=connection.company.name,
        base_url=connection.base_url,
        api=connection.api,
        poll_s=connection.poll_s,
        status=_status(connection, read_at, verdict.state, now),
        breaker=verdict.state,
        next_try=verdict.next_try,
        read_at=read_at,
        problem=whole.problem if whole else "",
        paused_until=to_us(connection.paused_until) if connection.paused_until else None,
        paused_by=connection.paused_by,
        tables=tables,
        inbox=inbox_of(connection.company.code),
    )


def _limit(connection: Connection, table: str, now: int) -> datetime:
    due_s = max(connection.poll_s, EVERY_S.get(table, 0))
    return from_us(now - due_s * _LATE_AFTER * SECOND)


def _status(connection: Connection, read_at: int | None, state: State, now: int) -> str:
    if queries.is_paused(connection, now=now):
        return "paused"
    if state is not State.CLOSED:
        return "down"
    if read_at is None:
        return "never read"
    return "late" if now - read_at > connection.poll_s * _LATE_AFTER * SECOND else "healthy"
