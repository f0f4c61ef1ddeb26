"""Looking at one company's Epicor: labour first, then jobs, then the dictionary; each ends in the same `erp.apply`.

A poll finds what events missed and adds nothing to what they told: a row that says what is known already is no fact.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError

from apps.epicor import inbox, operations, queries
from apps.epicor.auth import access_of
from apps.epicor.client import EpicorClient
from apps.epicor.errors import EpicorError, EpicorRejected, EpicorSurprise, EpicorUnavailable
from apps.epicor.models import Connection
from apps.epicor.types import EVERY_S, INDIRECTS, JOBS, LABOR, REASONS, RECENT_LABOR, WHOLE
from apps.flow.look import Look
from apps.flow.look_dictionary import read_downtime_codes, read_scrap_codes
from apps.flow.look_jobs import read_jobs
from apps.flow.look_labor import read_labor, read_recent_labor
from apps.shared.instants import SECOND

_log = structlog.get_logger(__name__)
# A look that has not ended after so long died with its worker.
_PATIENCE_S = 300.0
# However many events ask, a look follows the one before only after so many seconds.
_AT_ONCE_S = 2
_UNAUTHORIZED = 401
_STEPS: tuple[tuple[str, Callable[[Look], None]], ...] = (
    (LABOR, read_labor),
    (JOBS, read_jobs),
    (RECENT_LABOR, read_recent_labor),
    (INDIRECTS, read_downtime_codes),
    (REASONS, read_scrap_codes),
)
# Without these two a look has failed; the others are missed for a while without harm.
_VITAL = frozenset({LABOR, JOBS})


class Polled(NamedTuple):
    """How a look went: whether it told all that is vital, how many facts and calls, and what could not be read."""

    is_done: bool
    facts: int
    calls: int
    problems: tuple[str, ...]


def due_companies(*, now: int) -> list[str]:
    """The companies whose Epicor is to be looked at now."""
    return [connection.company.code for connection in queries.due_connections(now=now)]


def poll_company(company: str, *, now: int, at_once: bool = False) -> None:
    """Look at a company's Epicor where it is due. `at_once`: an event asked, so its interval does not count;

    a pause and the breaker do, and so does a look of the last seconds.
    """
    connection = queries.connection_of(company)
    if connection is not None and queries.is_open(connection, now=now, every_s=_AT_ONCE_S if at_once else None):
        poll(connection, now=now)


def poll(connection: Connection, *, now: int, everything: bool = False) -> Polled:
    """One look at a company's Epicor; `everything` reads also what is not due. Never raises for what Epicor does.

    Whatever else cuts it off is noted, so that the breaker and people hear of it, and raised on.
    """
    if not operations.begin_look(connection, now=now, patience_s=_PATIENCE_S):
        return Polled(is_done=False, facts=0, calls=0, problems=("Another look at this Epicor is going on.",))
    try:
        return _look(connection, now=now, everything=everything)
    except (EpicorUnavailable, EpicorRejected) as problem:
        return _failed(connection, problem, now=now)
    except Exception as problem:
        with suppress(DatabaseError):
            operations.note_failure(connection, WHOLE, _cut_off(problem), now=now)
        raise
    finally:
        operations.end_look(connection)


def _look(connection: Connection, *, now: int, everything: bool) -> Polled:
    problems: dict[str, str] = {}
    with EpicorClient(access_of(connection)) as client:
        look = Look(connection, client, now)
        for table, read in _STEPS:
            if everything or table not in EVERY_S or queries.is_due(connection, table, now=now):
                problem = _step(look, table, read)
                if problem:
                    problems[table] = problem
    vital = [text for table, text in problems.items() if table in _VITAL]
    if vital:
        operations.note_failure(connection, WHOLE, vital[0], now=now)
    else:
        operations.note_read(connection, WHOLE, now=now)
        inbox.close_gaps(connection.company.code)
    return Polled(not vital, look.told, client.calls, tuple(problems.values()))


def _step(look: Look, table: str, read: Callable[[Look], None]) -> str:
    """Read one table; what is wrong with it alone is noted and the next one goes on.

    Raises EpicorUnavailable, and EpicorRejected where nobody is let in: then the next one would fare no better.
    """
    try:
        read(look)
    except EpicorRejected as problem:
        if problem.status in {0, _UNAUTHORIZED}:
            raise
        return _noted(look, table, problem)
    except EpicorSurprise as problem:
        return _noted(look, table, problem)
    operations.note_read(look.connection, table, now=look.now)
    return ""


def _noted(look: Look, table: str, problem: EpicorError) -> str:
    _log.warning("epicor.table_not_read", company=look.company, table=table, why=str(problem))
    operations.note_failure(look.connection, table, str(problem), now=look.now)
    return str(problem)


def _cut_off(problem: Exception) -> str:
    """Why a look did not come to its end. By its kind alone: what others write into their errors may be a secret."""
    if isinstance(problem, SoftTimeLimitExceeded):
        return "A look took too long and was cut off; the next one goes on where it stopped."
    if isinstance(problem, DatabaseError):
        return f"A look was cut off: the database had a problem ({type(problem).__name__})."
    return f"A look was cut off by an error of Jobline ({type(problem).__name__}): the worker's log has it in full."


def _failed(connection: Connection, problem: EpicorError, *, now: int) -> Polled:
    """Note that Epicor was not there; the breaker waits longer each time, and Epicor's own wish is honoured."""
    before = queries.cursors_of(connection).get(WHOLE)
    if before is None or not before.failures:
        # An outage is logged once; its end shows in the next read.
        _log.warning("epicor.unavailable", company=connection.company.code, why=str(problem))
    operations.note_failure(connection, WHOLE, str(problem), now=now)
    wait = problem.retry_after_s if isinstance(problem, EpicorUnavailable) else None
    if wait:
        operations.pause(connection, until=now + round(min(wait, 3600) * SECOND), by="Epicor asked to wait")
    return Polled(is_done=False, facts=0, calls=0, problems=(str(problem),))
