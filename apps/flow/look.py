"""One look at one company's Epicor: who looks, when, and the one way in which what was read takes effect."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction

from apps.epicor import inbox, operations, queries
from apps.epicor.client import EpicorClient
from apps.epicor.mapping import source_of
from apps.epicor.models import Connection
from apps.epicor.reader import BadRow
from apps.epicor.types import cut_off, seen
from apps.flow import erp
from apps.jobs.types import ErpFacts
from apps.shared.instants import SECOND
from apps.shared.storable import mended

_log = structlog.get_logger(__name__)
# What the inbox calls entries that a poll put aside: they hold a question for a person, and no facts.
ROW, FACT, VANISHED = "jobline.row", "jobline.fact", "jobline.vanished"
# What may interrupt the taking in of facts without a fault of theirs: the database, or the time of the task is over.
NOT_THE_FACTS = (OperationalError, InterfaceError, SoftTimeLimitExceeded)


@dataclass(slots=True)
class Look:
    """A look that goes on; `told` counts the facts that were new to it."""

    connection: Connection
    client: EpicorClient
    now: int
    told: int = 0
    _began: float = field(default_factory=monotonic)

    @property
    def company(self) -> str:
        """The company that is looked at."""
        return self.connection.company.code

    @property
    def present(self) -> int:
        """The present: a look takes minutes, and what it tells is summed up to when it is taken in."""
        return self.now + round((monotonic() - self._began) * SECOND)

    def apply(self, facts: ErpFacts) -> None:
        """Let facts take effect; one that can't is put aside for a person, and the others go on.

        Raises OperationalError when the database can't go on, SoftTimeLimitExceeded when the look took too long.
        """
        count = len(facts.jobs) + len(facts.labor) + len(facts.closings) + len(facts.reasons)
        if not count:
            return
        self.told += count
        try:
            erp.apply(facts, now=self.present)
        except NOT_THE_FACTS:
            raise
        except Exception:  # noqa: BLE001 - whatever is wrong with one row must not stop the others
            _log.debug("epicor.look_failed", company=self.company, exc_info=True)
            self._apply_one_by_one(facts)

    def start_of(self, table: str) -> int | None:
        """From which SysRevID on to read a table; None at the first look.

        It is where the look before the last one ended: a long transaction shows revisions that we passed already.
        A look that was cut off goes on where it stopped; until it has come to its end, it is one look.
        """
        start, stopped_at = queries.revision_of(self.connection, table), self.mark_of(cut_off(table))
        return start if start is None or stopped_at is None else max(start, stopped_at)

    def reached(self, table: str, revision: int) -> None:
        """What was read of a table up to this SysRevID is taken in, and the look goes on."""
        self.mark(cut_off(table), revision)

    @transaction.atomic
    def ended_at(self, table: str, revision: int) -> None:
        """A table was read up to this SysRevID, which is its end."""
        # Else the next look would go on from there, and not look back.
        operations.forget_read(self.connection, seen(cut_off(table)))
        before = queries.revision_of(self.connection, seen(table))
        operations.note_read(self.connection, seen(table), now=self.now, sys_rev_id=revision)
        start = revision if before is None else min(before, revision)
        operations.note_read(self.connection, table, now=self.now, sys_rev_id=start)

    def mark_of(self, table: str) -> int | None:
        """A revision that was noted to go on from; None where there is none."""
        return queries.revision_of(self.connection, seen(table))

    def mark(self, table: str, revision: int) -> None:
        """Note a revision to go on from, should this look not come to its end."""
        operations.note_read(self.connection, seen(table), now=self.now, sys_rev_id=revision)

    def put_aside(self, bad: Iterable[BadRow], kind: str = ROW) -> None:
        """Keep rows that can't be read for a person, once each."""
        for row in bad:
            self.ask(row.name, kind, f"{row.why} Correct it in Epicor; the next look reads it again.", row.raw)

    def ask(self, name: str, kind: str, why: str, data: dict[str, Any]) -> None:
        """Put a question to a person; the same name is asked once. What of it no table holds is replaced."""
        inbox.put_aside(
            source=source_of(self.company),
            event_id=_event_id(name),
            company=self.company,
            body={"type": kind, "data": mended(data)},
            why=mended(why),
            now=self.now,
        )

    def was_asked(self, name: str) -> bool:
        """Whether this question was put before, whatever became of it."""
        return inbox.holds(source=source_of(self.company), event_id=_event_id(name))

    def _apply_one_by_one(self, facts: ErpFacts) -> None:
        for single, name in _singles(facts):
            try:
                erp.apply(single, now=self.present)
            except NOT_THE_FACTS:
                raise
            except Exception as problem:  # noqa: BLE001 - the reason goes to a person
                text = " ".join(str(problem).split())[:200]
                self.ask(name, FACT, f"{name} can't be taken in: {type(problem).__name__}: {text}.", {})


def _event_id(name: str) -> str:
    """The name of a question as the inbox keeps it."""
    return str(mended(name[:120]))


def _singles(facts: ErpFacts) -> Iterator[tuple[ErpFacts, str]]:
    for reason in facts.reasons:
        yield ErpFacts(reasons=(reason,)), f"Code {reason.code}"
    for job in facts.jobs:
        yield ErpFacts(jobs=(job,)), f"Job {job.job_num}@{job.sys_rev_id}"
    for fact in facts.labor:
        yield ErpFacts(labor=(fact,)), f"Labour {fact.fact_id}"
    for closing in facts.closings:
        yield ErpFacts(closings=(closing,)), f"Closing {closing.fact_id}"
