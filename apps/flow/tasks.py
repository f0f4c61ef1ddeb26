"""Celery's way in: each task reads the clock and makes one call. Ids only, repeatable, tolerant of newer callers."""

from functools import partial

import structlog
from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerDown

from apps.flow import freshness, inbox, retention, sync
from apps.flow.summaries import refresh_recent
from apps.shared.clock import now_us

_log = structlog.get_logger(__name__)
_SOON_S = 30
_INBOX_S = 120


@shared_task(soft_time_limit=_INBOX_S)
def work_inbox(**_newer: object) -> None:
    """Work off the events that wait, of all companies; ask for a look where they said too little."""
    # No batch begins with less than half of the time: one that is cut off had enough.
    for company in inbox.work(now=now_us(), patience_s=_INBOX_S / 2).ask:
        poll_epicor.apply_async(kwargs={"company": company, "at_once": True}, expires=_SOON_S)


@shared_task(soft_time_limit=20)
def poll_due(**_newer: object) -> None:
    """Ask for a look at each Epicor that is due."""
    for company in sync.due_companies(now=now_us()):
        poll_epicor.apply_async(kwargs={"company": company}, expires=_SOON_S)


@shared_task(soft_time_limit=280)
def poll_epicor(*, company: str, at_once: bool = False, **_newer: object) -> None:
    """Look at one company's Epicor, if it is due or an event asked for it."""
    sync.poll_company(company, now=now_us(), at_once=at_once)


@shared_task(soft_time_limit=50)
def refresh_summaries(**_newer: object) -> None:
    """Renew the summaries of operations that completed lately."""
    refresh_recent(now=now_us())


@shared_task(soft_time_limit=300)
def prune_inbox(**_newer: object) -> None:
    """Forget events that were done long ago."""
    inbox.prune(now=now_us())


@shared_task(soft_time_limit=20)
def watch_freshness(**_newer: object) -> None:
    """Write to the log what became late, and what is well again."""
    freshness.watch(now=now_us())


@shared_task(soft_time_limit=1800)
def keep_house(**_newer: object) -> None:
    """Make the months ahead, and drop what is older than the settings keep."""
    retention.work(now=now_us())


def events_stored(companies_with_gaps: frozenset[str]) -> None:
    """Events lie in the inbox: have them worked off at once, after the open transaction, and gaps filled by a look.

    A broker that is down costs a second, never an event: the clock asks for the same.
    """
    transaction.on_commit(partial(_ask_for_work, companies_with_gaps), robust=True)


def _ask_for_work(companies_with_gaps: frozenset[str]) -> None:
    try:
        work_inbox.apply_async(expires=_SOON_S, retry=False)
        for company in sorted(companies_with_gaps):
            poll_epicor.apply_async(kwargs={"company": company, "at_once": True}, expires=_SOON_S, retry=False)
    except (BrokerDown, OSError) as problem:
        _log.warning("broker.down", why=str(problem)[:200])
