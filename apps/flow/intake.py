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
from apps.shared.periods import FOREVER
from apps.shared.storable import mended
from apps.states import operations as states
from apps.states.types import LineFacts
from apps.states.wire import decode

_log = structlog.get_logger(__name__)
# How databases (and, of a number that is too large, SQLite's driver) say that content can't be stored.
REFUSALS = (DataError, IntegrityError, OverflowError)


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
    _record(by_line, known)
    dirty = {slug: dirty_of(facts) for slug, facts in by_line.items()}
    derive(known, dirty, now=now, why=causes.machine(now))


def _record(by_line: Mapping[str, Sequence[LineFacts]], known: Mapping[str, LinePolicy]) -> None:
    for slug, facts in by_line.items():
        states.record(known[slug].line_id, facts)


def dirty_of(facts: Sequence[LineFacts]) -> list[tuple[int, int]]:
    """From the first new fact on; nothing where the line only went on. Later facts may be there: spools come late too."""
    starts = [change.at for row in facts for change in row.changes] + [d.start for row in facts for d in row.deltas]
    return [(min(starts), FOREVER)] if starts and facts[-1].now.last_good_at is not None else []


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
    read = _read(spool_id, rows, now)
    known = locked({facts.slug for _seq, facts in read})
    by_line: dict[str, list[LineFacts]] = {}
    for seq, facts in read:
        if facts.slug in known:
            by_line.setdefault(facts.slug, []).append(facts)
        else:
            _set_aside(spool_id, seq, dict(rows)[seq], f"No line is called {facts.slug!r}.", now)
    try:
        with transaction.atomic():
            _keep(by_line, known, now=now)
    except REFUSALS:
        if len(rows) > 1:
            for row in rows:
                _keep_spooled(spool_id, [row], now)
        elif not _keep_underived(by_line, known):
            _set_aside(spool_id, *rows[0], "The database refused the row's content.", now)


def _read(spool_id: str, rows: Sequence[tuple[int, dict[str, Any]]], now: int) -> list[tuple[int, LineFacts]]:
    found = []
    for seq, body in rows:
        try:
            found.append((seq, decode(body)))
        except ValueError as problem:
            _set_aside(spool_id, seq, body, str(problem), now)
    return found


def _keep_underived(by_line: Mapping[str, Sequence[LineFacts]], known: Mapping[str, LinePolicy]) -> bool:
    """Keep the facts alone, where what follows from them can't be written: False where they can't be written either.

    No fact goes because of its figures. The next that comes derives them too, as far as they are later than all others.
    """
    try:
        with transaction.atomic():
            _record(by_line, known)
    except REFUSALS:
        return False
    for slug in by_line:
        _log.error(f"figures can't be made; facts are kept: run manage.py rebuild --line {slug} to see why", line=slug)
    return True


def _set_aside(spool_id: str, seq: int, body: dict[str, Any], problem: str, now: int) -> None:
    _log.warning("spool row set aside", spool=spool_id, seq=seq, problem=problem)
    row = {"body": mended(body), "problem": mended(problem[:300]), "at": from_us(now)}
    SpoolReject.objects.get_or_create(spool_id=spool_id, seq=seq, defaults=row)
