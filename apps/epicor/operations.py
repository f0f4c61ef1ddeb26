"""How the looks at Epicor went, kept per table: for the breaker, the next look, and people."""

from django.db.models import F

from apps.epicor.models import Connection, PollCursor
from apps.epicor.types import LOOK
from apps.shared.instants import SECOND, from_us

_PROBLEM_LENGTH = 300


def note_read(connection: Connection, table: str, *, now: int, sys_rev_id: int | None = None) -> None:
    """A table was read; `sys_rev_id` is how far, where it is read by revision. It never goes back."""
    cursor = _cursor(connection, table)
    if sys_rev_id is not None:
        cursor.sys_rev_id = max(cursor.sys_rev_id, sys_rev_id)
    cursor.tried_at = cursor.read_at = from_us(now)
    cursor.failures, cursor.problem = 0, ""
    cursor.save()


def forget_read(connection: Connection, table: str) -> None:
    """How far something was read is of no more use."""
    PollCursor.objects.filter(connection=connection, table=table).delete()


def note_failure(connection: Connection, table: str, why: str, *, now: int) -> None:
    """A table could not be read, with a sentence for people."""
    _cursor(connection, table)
    PollCursor.objects.filter(connection=connection, table=table).update(
        tried_at=from_us(now), failures=F("failures") + 1, problem=why[:_PROBLEM_LENGTH]
    )


def begin_look(connection: Connection, *, now: int, patience_s: float) -> bool:
    """Take the connection for one look; False while another one goes on.

    The row count settles the race of two workers. A look that died stops nobody for longer than `patience_s`.
    """
    cursor = _cursor(connection, LOOK)
    if cursor.tried_at is not None and cursor.tried_at > from_us(now - round(patience_s * SECOND)):
        return False
    return bool(PollCursor.objects.filter(pk=cursor.pk, tried_at=cursor.tried_at).update(tried_at=from_us(now)))


def end_look(connection: Connection) -> None:
    """Give the connection back for the next look."""
    PollCursor.objects.filter(connection=connection, table=LOOK).update(tried_at=None)


def pause(connection: Connection, *, until: int, by: str) -> None:
    """Leave this Epicor alone until then: a person said so, or Epicor itself asked for it."""
    Connection.objects.filter(pk=connection.pk).update(paused_until=from_us(until), paused_by=by[:80])


def _cursor(connection: Connection, table: str) -> PollCursor:
    cursor, _is_new = PollCursor.objects.get_or_create(connection=connection, table=table)
    return cursor
