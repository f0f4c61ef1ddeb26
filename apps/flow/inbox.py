"""Working off the inbox: each company's events in order, into the same `erp.apply` that polls and files end in."""

from collections.abc import Sequence
from typing import NamedTuple

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction

from apps.epicor import events, inbox
from apps.epicor.models import InboxEvent
from apps.flow import erp
from apps.flow.known import has_unknown_operations
from apps.jobs.types import ErpFacts
from apps.lines.models import Company
from apps.shared.instants import DAY

_log = structlog.get_logger(__name__)
# Derived rows are made once for a batch, not once for an event.
_BATCH = 200
_KEPT = 90 * DAY
# Marks what a poll put aside for a person: it holds no facts of its own, only a question.
PUT_ASIDE = "jobline."


class Worked(NamedTuple):
    """How many events were worked off and how many halted, and the companies of which a poll should tell more."""

    done: int
    halted: int
    ask: frozenset[str]


def work(*, now: int, only: str | None = None) -> Worked:
    """Work off what waits, of all companies or of one. Raises OperationalError when the database can't go on."""
    done, halted = 0, 0
    ask: set[str] = set()
    for company in [only] if only is not None else inbox.waiting_companies():
        while True:
            batch = _work_batch(company, now=now)
            done, halted = done + batch.done, halted + batch.halted
            ask |= batch.ask
            if not batch.done and not batch.halted:
                break
    return Worked(done, halted, frozenset(ask))


def prune(*, now: int) -> int:
    """Forget events that were done long ago. Returns how many."""
    return inbox.prune(before=now - _KEPT)


def _work_batch(company: str, *, now: int) -> Worked:
    with transaction.atomic():
        waiting = inbox.claim(company, limit=_BATCH)
        if not waiting:
            return Worked(0, 0, frozenset())
        if not Company.objects.filter(code=company).exists():
            for event in waiting:
                inbox.halt(
                    event, f"Company {company} is not set up in Jobline: add it to the plant file, then requeue."
                )
            return Worked(0, len(waiting), frozenset())
        good = _apply_all(waiting, now=now)
        inbox.finish(good, now=now)
        is_short = _says_too_little(good) or has_unknown_operations(company, now=now)
        return Worked(len(good), len(waiting) - len(good), frozenset({company} if good and is_short else ()))


def _apply_all(waiting: Sequence[InboxEvent], *, now: int) -> list[InboxEvent]:
    """All at once; where that fails, one by one, and those that fail halt."""
    if _apply(waiting, now=now) is None:
        return list(waiting)
    good = []
    for event in waiting:
        why = _apply([event], now=now)
        if why is None:
            good.append(event)
        else:
            inbox.halt(event, why)
    return good


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
