"""Reading connections, cursors and the inbox."""

from datetime import datetime
from typing import NamedTuple

from apps.epicor import breaker
from apps.epicor.models import Connection, InboxEvent, PollCursor
from apps.epicor.types import EVERY_S, LOOK, WHOLE, seen
from apps.shared.instants import SECOND, to_us


class EventView(NamedTuple):
    """An event of the inbox as a list shows it."""

    pk: int
    company: str
    source: str
    event_id: str
    kind: str
    received_at: datetime
    halt: str
    conflicts: int


def connection_of(company: str) -> Connection | None:
    """A company's connection, None where it has none."""
    return Connection.objects.select_related("company").filter(company__code=company).first()


def connections() -> list[Connection]:
    """All connections by company."""
    return list(Connection.objects.select_related("company").order_by("company__code"))


def cursors_of(connection: Connection) -> dict[str, PollCursor]:
    """The cursors of a connection by table, without the marks that are no table."""
    rows = PollCursor.objects.filter(connection=connection).exclude(table=LOOK).exclude(table__endswith=seen(""))
    return {row.table: row for row in rows}


def revision_of(connection: Connection, table: str) -> int | None:
    """How far a table was read by revision, None before its first read."""
    row = PollCursor.objects.filter(connection=connection, table=table, read_at__isnull=False).first()
    return None if row is None else row.sys_rev_id


def is_due(connection: Connection, table: str, *, now: int) -> bool:
    """Whether a table that is read less often than the others is due again (it was tried, with whatever end)."""
    row = PollCursor.objects.filter(connection=connection, table=table).first()
    return row is None or row.tried_at is None or now - to_us(row.tried_at) >= EVERY_S[table] * SECOND


def verdict_of(connection: Connection, *, now: int) -> breaker.Verdict:
    """What the breaker of a connection says."""
    row = PollCursor.objects.filter(connection=connection, table=WHOLE).first()
    if row is None or row.tried_at is None:
        return breaker.Verdict(breaker.State.CLOSED, 0)
    return breaker.verdict(failures=row.failures, tried_at=to_us(row.tried_at), now=now, seed=connection.company.code)


def is_paused(connection: Connection, *, now: int) -> bool:
    """Whether the connection is to be left alone now."""
    return connection.paused_until is not None and to_us(connection.paused_until) > now


def due_connections(*, now: int) -> list[Connection]:
    """The connections to look at now: not paused, their interval is over, and the breaker lets one try through."""
    return [row for row in connections() if is_open(row, now=now)]


def is_open(connection: Connection, *, now: int, every_s: int | None = None) -> bool:
    """Whether to look at this Epicor now: no pause, the breaker closed or due for a try, and its interval over.

    `every_s` stands in for the connection's own interval.
    """
    if is_paused(connection, now=now):
        return False
    verdict = verdict_of(connection, now=now)
    if verdict.state is not breaker.State.CLOSED:
        return verdict.state is breaker.State.HALF_OPEN
    row = PollCursor.objects.filter(connection=connection, table=WHOLE).first()
    if row is None or row.tried_at is None:
        return True
    # A tick that comes a little early must not put a look off by a whole tick.
    interval_s = connection.poll_s if every_s is None else every_s
    return now - to_us(row.tried_at) >= interval_s * SECOND - SECOND


def waiting(company: str | None = None, *, limit: int = 100) -> list[EventView]:
    """Events that wait to be worked off, the oldest first."""
    return _views(company, limit, halted=False)


def halted(company: str | None = None, *, limit: int = 100) -> list[EventView]:
    """Events that stopped and wait for a person, the oldest first."""
    return _views(company, limit, halted=True)


def _views(company: str | None, limit: int, *, halted: bool) -> list[EventView]:
    rows = InboxEvent.objects.filter(done_at=None).order_by("id")
    rows = rows.exclude(halt="") if halted else rows.filter(halt="")
    if company is not None:
        rows = rows.filter(company=company)
    return [
        EventView(
            row.pk, row.company, row.source, row.event_id, str(row.body.get("type", "")), row.received_at, row.halt,
            row.conflicts,
        )
        for row in rows[:limit]
    ]  # fmt: skip
