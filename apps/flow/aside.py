"""Rows of spools that were set aside because they could not be taken in: seen, tried again, or given up by a person."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import transaction

from apps.flow import intake
from apps.plc.models import SpoolReject
from apps.shared.instants import iso, to_us
from apps.states.wire import decode


class Aside(NamedTuple):
    """One row: the number by which a person names it, when it was set aside, and why."""

    number: int
    at: str
    spool: str
    seq: int
    problem: str
    body: dict[str, Any]


def listed() -> list[Aside]:
    """All that wait, the oldest first."""
    rows = SpoolReject.objects.order_by("at", "spool_id", "seq")
    return [Aside(row.pk, iso(to_us(row.at)), row.spool_id, row.seq, row.problem, row.body) for row in rows]


def retry(rows: Iterable[Aside], *, now: int) -> list[tuple[Aside, str]]:
    """Take rows in now that what was wrong may be right; those that still can't be stay, each with what is wrong."""
    still = []
    for row in rows:
        try:
            with transaction.atomic():
                intake.accept([decode(row.body)], now=now)
                SpoolReject.objects.filter(pk=row.number).delete()
        except (ValueError, intake.UnknownLine, *intake.REFUSALS) as problem:
            still.append((row, str(problem).partition("\n")[0]))
    return still


def drop(rows: Iterable[Aside]) -> int:
    """Give rows up for good; how many there were."""
    return SpoolReject.objects.filter(pk__in=[row.number for row in rows]).delete()[0]
