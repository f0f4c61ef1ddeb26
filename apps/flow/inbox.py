"""Working off the inbox: each company's events in order, into the same `erp.apply` that polls and files end in.

An event is done, or halts, in the transaction of its facts. What one company's events run into holds no other up.
"""

import math
import time
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, connection, transaction

from apps.epicor import events, inbox
from apps.epicor.models import InboxEvent
from apps.flow import erp
from apps.flow.known import has_unknown_operations
from apps.flow.pace import Pace, Paces
from apps.jobs.types import ErpFacts
from apps.lines.models import Company
from apps.shared.instants import DAY

_log = structlog.get_logger(__name__)
_KEPT = 90 * DAY
# Marks what a poll put aside for a person: it holds no facts of its own, only a question.
PUT_ASIDE = "jobline."
_TOO_SLOW = (
    "It was cut off several times because working it off alone took too long. "
    "Requeue it when the database has less to do, or dismiss it."
)
_PACES = Paces()


class Worked(NamedTuple):
    """How many events were worked off and how many halted, and the companies of which a poll should tell more."""

    done: int
    halted: int
    ask: frozenset[str]


_NOTHING = Worked(0, 0, frozenset())


def work(*, now: int, only: str | None = None, patience_s: float = math.inf) -> Worked:
    """Work off what waits, of all companies or of one: a batch of each in turn, so that none waits for another's last.

    No batch is begun after `patience_s`. A time limit that cuts one off ends it too: the next call begins with the next
    company. Raises OperationalError or InterfaceError when the database is away; then everything waits.
    """
    done, halted = 0, 0
    ask: set[str] = set()
    turns = deque([only] if only is not None else _PACES.turns(inbox.waiting_companies()))
    end = time.monotonic() + patience_s
    while turns and time.monotonic() < end:
        company = turns.popleft()
        try:
            batch = _work_batch(company, now=now)
        except SoftTimeLimitExceeded:
            # The limit comes once for a task: who went on now could hang for ever.
            break
        if batch is not None:
            done, halted = done + batch.done, halted + batch.halted
            ask |= batch.ask
            turns.append(company)
    return Worked(done, halted, frozenset(ask))


def prune(*, now: int) -> int:
    """Forget events that were done long ago. Returns how many."""
    return inbox.prune(before=now - _KEPT)


def _work_batch(company: str, *, now: int) -> Worked | None:
    """What became of the company's next batch; None where nothing waits or nothing goes on for now.

    Raises SoftTimeLimitExceeded, and what the database raises when it is away.
    """
    pace = _PACES.turn_of(company)
    waiting: list[InboxEvent] = []
    try:
        with transaction.atomic():
            waiting += inbox.claim(company, limit=pace.size)
            worked = _work_off(company, waiting, pace, now=now) if waiting else _NOTHING
    except SoftTimeLimitExceeded:
        pace.ran_over(waiting)
        raise
    except (OperationalError, InterfaceError) as problem:
        if not connection.is_usable():
            raise
        pace.was_refused(waiting, problem)
        return None
    if not waiting:
        _PACES.end(company)
        return None
    pace.did(worked.done + worked.halted)
    return worked


def _work_off(company: str, waiting: Sequence[InboxEvent], pace: Pace, *, now: int) -> Worked:
    """All of a batch takes effect, or none of it and a smaller one comes next; one alone that fails halts."""
    if not Company.objects.filter(code=company).exists():
        return _halt(waiting, f"Company {company} is not set up in Jobline: add it to the plant file, then requeue.")
    if pace.is_too_slow(waiting):
        return _halt(waiting, _TOO_SLOW)
    why = _apply(waiting, now=now)
    if why is None:
        inbox.finish(waiting, now=now)
        is_short = _says_too_little(waiting) or has_unknown_operations(company, now=now)
        return Worked(len(waiting), 0, frozenset({company} if is_short else ()))
    if len(waiting) > 1:
        pace.failed(waiting)
        return _NOTHING
    return _halt(waiting, why)


def _halt(waiting: Sequence[InboxEvent], why: str) -> Worked:
    for event in waiting:
        inbox.halt(event, why)
    return Worked(0, len(waiting), frozenset())


def _apply(batch: Sequence[InboxEvent], *, now: int) -> str | None:
    """None when the events took effect, else why not, in a sentence."""
    try:
        with transaction.atomic():
            erp.apply(_facts(batch), now=now)
    except (OperationalError, InterfaceError, SoftTimeLimitExceeded):
        # Nothing is wrong with the event: the database is, or the time is over. It waits.
        raise
    except Exception as problem:  # noqa: BLE001 - whatever is wrong with one event must not stop the others
        _log.debug("epicor.batch_failed", events=len(batch), exc_info=True)
        return f"{_sentence(problem)} Correct it in Epicor or the plant file, then requeue."
    return None


def _facts(batch: Sequence[InboxEvent]) -> ErpFacts:
    told = [events.facts_of(event.body) for event in batch if not is_question(event)]
    return ErpFacts(
        jobs=tuple(job for facts in told for job in facts.jobs),
        labor=tuple(fact for facts in told for fact in facts.labor),
        closings=tuple(closing for facts in told for closing in facts.closings),
        reasons=tuple(reason for facts in told for reason in facts.reasons),
    )


def is_question(event: InboxEvent) -> bool:
    """Whether a poll put this aside for a person; requeued, it is simply done, and the next poll looks again."""
    return str(event.body.get("type", "")).startswith(PUT_ASIDE)


def _says_too_little(good: Sequence[InboxEvent]) -> bool:
    """Whether one says only that something changed, so that a poll has to tell what."""
    hints = {events.JOB_CHANGED, events.DICTIONARY}
    return any(event.body.get("type") in hints and not event.body["data"].get("Row") for event in good)


def _sentence(problem: Exception) -> str:
    text = " ".join(str(problem).split())
    name = type(problem).__name__
    if isinstance(problem, KeyError):
        text = f"{problem.args[0] if problem.args else 'A field'} is missing"
    # A ValueError of ours is a sentence already.
    said = text if isinstance(problem, ValueError) else f"{name}: {text}"
    return said[:200].rstrip(".") + "."
