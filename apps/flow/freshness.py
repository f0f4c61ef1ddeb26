"""What of Epicor is late or stuck, in sentences; the log hears of each once, and of its end."""

import structlog

from apps.epicor import health
from apps.epicor.health import ConnectionHealth
from apps.shared.instants import SECOND

_log = structlog.get_logger(__name__)
_WAITS_TOO_LONG = 60 * SECOND
_SAID: set[str] = set()


def watch(*, now: int) -> None:
    """Log what became late since the last call in this process, and what is well again."""
    late = {sentence: company for company, sentence in sentences(now=now)}
    for sentence in sorted(late.keys() - _SAID):
        _log.warning("epicor.late", company=late[sentence], what=sentence)
    for sentence in sorted(_SAID - late.keys()):
        _log.info("epicor.well_again", what=sentence)
    _SAID.clear()
    _SAID.update(late)


def sentences(*, now: int) -> list[tuple[str, str]]:
    """(company, sentence) of everything that a person should know about Epicor now."""
    return [
        (row.company, f"{row.company}: {text}") for row in health.connections(now=now) for text in _of(row, now=now)
    ]


def _of(row: ConnectionHealth, *, now: int) -> list[str]:
    found = []
    # A connection that nobody had time to read yet is not late.
    if row.status in {"late", "down"} or (row.status == "never read" and row.problem):
        found.append(f"Epicor is {row.status}.")
    found += [f"{table.table} can't be read." for table in row.tables if table.problem]
    if row.inbox.oldest is not None and now - row.inbox.oldest > _WAITS_TOO_LONG:
        found.append("Events wait longer than a minute.")
    if row.inbox.halted:
        found.append("Events have stopped and need a decision.")
    if row.inbox.gaps:
        found.append("An event was dropped on the way.")
    return found
