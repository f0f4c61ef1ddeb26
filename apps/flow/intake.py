"""Facts from the machines: kept, and everything derived from them brought up to date, in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from django.db import DataError, IntegrityError, transaction

from apps.flow import causes
from apps.flow.derive import derive
from apps.lines.operations import locked
from apps.lines.types import LinePolicy
from apps.plc.models import SpoolCursor, SpoolReject
from apps.shared.instants import from_us
from apps.states import operations as states
from apps.states.types import LineFacts
from apps.states.wire import decode

_log = structlog.get_logger(__name__)


def accept(batch: Sequence[LineFacts], *, now: int) -> None:
    """Take in facts of any lines; those of one line in the order of its samples. Unknown lines are refused."""
    by_line: dict[str, list[LineFacts]] = {}
    for facts in batch:
        by_line.setdefault(facts.slug, []).append(facts)
    with transaction.atomic():
        known = locked(by_line)
        missing = sorted(set(by_line) - set(known))
        if missing:
            raise UnknownLine(f"No line is called {missing[0]!r}: load the plant file that has it first.")
        _keep(by_line, known, now=now)


class UnknownLine(Exception):
    """Facts came for a line that no plant file named."""


def _keep(by_line: Mapping[str, Sequence[LineFacts]], known: Mapping[str, LinePolicy], *, now: int) -> None:
    for slug, facts in by_line.items():
        states.record(known[slug].line_id, facts)
    dirty = {slug: dirty_of(facts) for slug, facts in by_line.items()}
    derive(known, dirty, now=now, why=causes.machine(now))


def dirty_of(facts: Sequence[LineFacts]) -> list[tuple[int, int]]:
    """From the first new fact to the last good sample; nothing where the line only went on."""
    starts = [change.at for row in facts for change in row.changes] + [d.start for row in facts for d in row.deltas]
    until = facts[-1].now.last_good_at
    return [(min(starts), until)] if starts and until is not None else []


def cursor_of(spool_id: str) -> int:
    """How far a spool has been taken in; 0 where it is new."""
    return SpoolCursor.objects.filter(spool_id=spool_id).values_list("seq", flat=True).first() or 0


def accept_spool(*, spool_id: str, source: str, rows: Sequence[tuple[int, dict[str, Any]]], now: int) -> int:
    """Take in the rows of a spool that are beyond its cursor, and move the cursor in the same transaction.

    Rows that can't be taken in for their content are set aside for a person. Returns the cursor.
    """
    with transaction.atomic():
        SpoolCursor.objects.get_or_create(spool_id=spool_id, defaults={"source": source})
        cursor = SpoolCursor.objects.select_for_update().get(spool_id=spool_id)
        fresh = [(seq, body) for seq, body in rows if seq > cursor.seq]
        if fresh:
            _keep_spooled(spool_id, fresh, now)
            cursor.seq = fresh[-1][0]
        cursor.source, cursor.seen_at = source, from_us(now)
        cursor.save()
        return cursor.seq


def _keep_spooled(spool_id: str, rows: Sequence[tuple[int, dict[str, Any]]], now: int) -> None:
    by_line: dict[str, list[LineFacts]] = {}
    good: list[tuple[int, dict[str, Any]]] = []
    for seq, body in rows:
        try:
            facts = decode(body)
        except ValueError as problem:
            _set_aside(spool_id, seq, body, str(problem), now)
            continue
        by_line.setdefault(facts.slug, []).append(facts)
        good.append((seq, body))
    known = locked(by_line)
    for seq, body in good:
        if body["line"] not in known:
            _set_aside(spool_id, seq, body, f"No line is called {body['line']!r}.", now)
    by_line = {slug: facts for slug, facts in by_line.items() if slug in known}
    try:
        with transaction.atomic():
            _keep(by_line, known, now=now)
    except (DataError, IntegrityError):
        if len(rows) == 1:
            _set_aside(spool_id, *rows[0], "The database refused the row's content.", now)
            return
        for row in rows:
            _keep_spooled(spool_id, [row], now)


def _set_aside(spool_id: str, seq: int, body: dict[str, Any], problem: str, now: int) -> None:
    _log.warning("spool row set aside", spool=spool_id, seq=seq, problem=problem)
    SpoolReject.objects.get_or_create(
        spool_id=spool_id, seq=seq, defaults={"body": body, "problem": problem[:300], "at": from_us(now)}
    )
