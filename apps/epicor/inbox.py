"""The inbox: events are stored before they are answered, once each, and handed out in order per company.

A row that can't be worked off halts with a sentence for a person and never blocks the others.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import structlog
from django.db import connection, transaction
from django.db.models import F

from apps.epicor.models import InboxEvent, SourceSequence
from apps.lines.models import Company
from apps.shared.instants import from_us

Event = dict[str, Any]
_log = structlog.get_logger(__name__)
_COLUMNS = ("source", "event_id", "company", "body", "content_hash", "received_at", "done_at", "halt", "conflicts")
# SQLite before 3.32 takes 999 parameters; this stays below it.
_ROWS_A_STATEMENT = 100
_HALT_LENGTH = 300


class Stored(NamedTuple):
    """What became of a batch: new rows, repetitions, repetitions with other content, and sources with a gap."""

    accepted: int
    duplicates: int
    conflicts: int
    gaps: tuple[str, ...]


class Arrived(NamedTuple):
    """An event that was checked, with the company it speaks for."""

    company: str
    event: Event

    @property
    def identity(self) -> tuple[str, str]:
        """What makes two of them the same event."""
        return self.event["source"], self.event["id"]


@transaction.atomic
def store(arrived: Sequence[Arrived], *, now: int) -> Stored:
    """Store a batch durably, whole or not at all. Raises DatabaseError when it can't be stored."""
    first: dict[tuple[str, str], Arrived] = {}
    repeated = [item for item in arrived if first.setdefault(item.identity, item) is not item]
    new = _insert(list(first.values()), now=now)
    repeated += [item for identity, item in first.items() if identity not in new]
    conflicts = _note_conflicts(repeated)
    gaps = _note_sequences([item for identity, item in first.items() if identity in new], now=now)
    return Stored(len(new), len(repeated), conflicts, gaps)


def put_aside(*, source: str, event_id: str, company: str, body: Event, why: str, now: int) -> bool:
    """Store something that needs a person, halted from the start; False when it lies there already."""
    arrived = Arrived(company, body | {"source": source, "id": event_id})
    with transaction.atomic():
        new = _insert([arrived], now=now)
        InboxEvent.objects.filter(source=source, event_id=event_id, done_at=None, halt="").update(halt=_short(why))
    return bool(new)


def holds(*, source: str, event_id: str) -> bool:
    """Whether this very event came before, whatever became of it."""
    return InboxEvent.objects.filter(source=source, event_id=event_id).exists()


def waiting_companies() -> list[str]:
    """The companies for which events wait, in order of their code."""
    rows = InboxEvent.objects.filter(done_at=None, halt="").order_by("company")
    return list(rows.values_list("company", flat=True).distinct())


def claim(company: str, *, limit: int) -> list[InboxEvent]:
    """The next waiting events of a company in order of arrival, for the caller's transaction alone.

    The company's row is locked until that ends, so that two workers never work on one company; a dead one's lock
    ends with its connection.
    """
    list(Company.objects.select_for_update().filter(code=company).values_list("pk"))
    return list(InboxEvent.objects.filter(company=company, done_at=None, halt="").order_by("id")[:limit])


def finish(events: Iterable[InboxEvent], *, now: int) -> None:
    """Mark events as worked off."""
    InboxEvent.objects.filter(pk__in=[event.pk for event in events]).update(done_at=from_us(now))


def halt(event: InboxEvent, why: str) -> None:
    """Stop one event with a sentence that a person can act on."""
    InboxEvent.objects.filter(pk=event.pk).update(halt=_short(why))
    _log.warning("epicor.event_halted", company=event.company, event_id=event.event_id, why=why)


def requeue(event_ids: Iterable[int]) -> int:
    """Let halted events try again, at their old place; returns how many."""
    return InboxEvent.objects.filter(pk__in=list(event_ids), done_at=None).exclude(halt="").update(halt="")


def dismiss(event_ids: Iterable[int], *, now: int) -> int:
    """A person says that these halted events need nothing more; they keep their sentence. Returns how many."""
    rows = InboxEvent.objects.filter(pk__in=list(event_ids), done_at=None).exclude(halt="")
    return rows.update(done_at=from_us(now))


def prune(*, before: int) -> int:
    """Forget events that were done before an instant; their facts stay, and know a repetition. Returns how many."""
    return InboxEvent.objects.filter(done_at__lt=from_us(before)).delete()[0]


def close_gaps(company: str) -> int:
    """A poll has read what was missed: no source of this company has a gap any more. Returns how many had."""
    sources = InboxEvent.objects.filter(company=company).values("source")
    return SourceSequence.objects.filter(source__in=sources, gap_at__isnull=False).update(gap_from=None, gap_at=None)


def _insert(arrived: list[Arrived], *, now: int) -> set[tuple[str, str]]:
    """Insert what is new. Which were, the same statement must answer: else two posts could both say so."""
    new: set[tuple[str, str]] = set()
    for start in range(0, len(arrived), _ROWS_A_STATEMENT):
        rows = [_row(item, now) for item in arrived[start : start + _ROWS_A_STATEMENT]]
        new |= _insert_rows(rows)
    return new


def _row(item: Arrived, now: int) -> InboxEvent:
    source, event_id = item.identity
    return InboxEvent(
        source=source,
        event_id=event_id,
        company=item.company,
        body=item.event,
        content_hash=content_hash(item.event),
        received_at=from_us(now),
    )


def _insert_rows(rows: list[InboxEvent]) -> set[tuple[str, str]]:
    meta = InboxEvent._meta
    fields = [meta.get_field(name) for name in _COLUMNS]
    quoted = connection.ops.quote_name
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows for field in fields]  # type: ignore[union-attr]
    marks = f"({', '.join(['%s'] * len(fields))})"
    # Only names of our own columns are put together here; what came from outside is a parameter.
    statement = (
        f"INSERT INTO {quoted(meta.db_table)} ({', '.join(quoted(name) for name in _COLUMNS)})"  # noqa: S608
        f" VALUES {', '.join([marks] * len(rows))}"
        " ON CONFLICT (source, event_id) DO NOTHING RETURNING source, event_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return {(source, event_id) for source, event_id in cursor.fetchall()}


def content_hash(event: Event) -> str:
    """A hash of what the event says, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(event, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _note_conflicts(repeated: list[Arrived]) -> int:
    """Count the repetitions that say something else than the first did; the first stands."""
    conflicts = 0
    for item in repeated:
        source, event_id = item.identity
        rows = InboxEvent.objects.filter(source=source, event_id=event_id)
        if rows.exclude(content_hash=content_hash(item.event)).update(conflicts=F("conflicts") + 1):
            conflicts += 1
            _log.warning("epicor.event_conflict", company=item.company, source=source, event_id=event_id)
    return conflicts


def _note_sequences(arrived: list[Arrived], *, now: int) -> tuple[str, ...]:
    """Advance the last number of each source; a skipped one is a gap. Returns the sources with a new gap."""
    numbers: dict[str, set[int]] = {}
    for item in arrived:
        text = str(item.event.get("sequence", ""))
        if text.isascii() and text.isdigit() and len(text) < 19:
            numbers.setdefault(item.event["source"], set()).add(int(text))
    return tuple(source for source, seen in sorted(numbers.items()) if _advance(source, seen, now=now))


def _advance(source: str, seen: set[int], *, now: int) -> bool:
    row, is_new = SourceSequence.objects.select_for_update().get_or_create(
        source=source, defaults={"sequence": min(seen)}
    )
    last, gap_from = row.sequence, None
    for number in sorted(seen):
        if number > last + 1 and not is_new:
            gap_from = gap_from or last + 1
        is_new = False
        last = max(last, number)
    has_gap = gap_from is not None and row.gap_at is None
    if has_gap:
        row.gap_from, row.gap_at = gap_from, from_us(now)
        _log.warning("epicor.event_gap", source=source, missing_from=gap_from)
    row.sequence = last
    row.save(update_fields=["sequence", "gap_from", "gap_at"])
    return has_gap


def _short(why: str) -> str:
    return why if len(why) <= _HALT_LENGTH else f"{why[: _HALT_LENGTH - 1]}…"
