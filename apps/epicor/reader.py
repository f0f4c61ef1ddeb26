"""What to ask Epicor for, in rows that were read. A row that can't be read is set apart, and the others go on."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Generic, TypeVar

from apps.epicor import dto
from apps.epicor.client import Ask, EpicorClient, Row
from apps.epicor.dto import IndirectRow, JobRow, LaborRow, OperRow, PlantRow, ReasonRow
from apps.epicor.errors import EpicorSurprise

T = TypeVar("T")
LaborKey = tuple[int, int]

# Long $filters are refused by proxies at about 8 000 characters of URL.
_JOBS_A_CALL = 20
_KEYS_A_CALL = 20

_LABOR = Ask("Erp.BO.LaborSvc/LaborDtls", dto.LABOR, ("LaborHedSeq", "LaborDtlSeq"))
_JOBS = Ask("Erp.BO.JobEntrySvc/JobEntries", dto.JOB, ("JobNum",))
_OPERS = Ask("Erp.BO.JobOperSearchSvc/JobOperSearches", dto.OPER, ("JobNum", "AssemblySeq", "OprSeq"))
_INDIRECTS = Ask("Erp.BO.IndirectSvc/Indirects", dto.INDIRECT, ("IndirectCode",))
_REASONS = Ask("Erp.BO.ReasonSvc/Reasons", dto.REASON, ("ReasonType", "ReasonCode"))
_PLANTS = Ask("Erp.BO.PlantSvc/Plants", dto.PLANT, ("Plant1",))

IS_DIRECT = "(LaborType eq 'P' or LaborType eq 'S')"
ON_THE_FLOOR = "JobFirm eq true and JobReleased eq true and JobComplete eq false and JobClosed eq false"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that can't be read: what it is called, why, and the row itself, for a person."""

    name: str
    why: str
    raw: Row


@dataclass(slots=True)
class Rows(Generic[T]):
    """The rows that were read, and those that could not be."""

    good: list[T] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


def active_labor(client: EpicorClient, *, is_first: bool = True) -> Rows[LaborRow]:
    """The direct labour that is running now. `is_first`: whether a list of nothing but bad rows is an EpicorSurprise."""
    rows = client.rows(_where(_LABOR, f"ActiveTrans eq true and {IS_DIRECT}"))
    return _whole(LaborRow.parse, rows, _LABOR) if is_first else _read(LaborRow.parse, rows, _LABOR)


def labor_since(client: EpicorClient, revision: int) -> Rows[LaborRow]:
    """All labour that was written after this SysRevID, in its order."""
    return _read(LaborRow.parse, client.rows_since(_LABOR, revision), _LABOR)


def labor_from(client: EpicorClient, day: date) -> Rows[LaborRow]:
    """Direct labour that was clocked in on this day or later."""
    where = f"ClockInDate ge {day}T00:00:00Z and {IS_DIRECT}"
    return _whole(LaborRow.parse, client.rows(_where(_LABOR, where)), _LABOR)


def labor_of(client: EpicorClient, keys: Iterable[LaborKey]) -> Rows[LaborRow]:
    """These very rows, as far as they exist."""
    terms = [f"(LaborHedSeq eq {hed} and LaborDtlSeq eq {dtl})" for hed, dtl in sorted(keys)]
    return _read_any(client, LaborRow.parse, _LABOR, terms, _KEYS_A_CALL)


def last_labor_revision(client: EpicorClient) -> int:
    """The greatest SysRevID of all labour."""
    return client.last_revision(_LABOR)


def last_job_revisions(client: EpicorClient) -> tuple[int, int]:
    """The greatest SysRevID of all jobs, and of all operations."""
    return client.last_revision(_JOBS), client.last_revision(_OPERS)


def jobs_on_the_floor(client: EpicorClient, *, above: int = 0) -> Rows[JobRow]:
    """The jobs that are released and neither complete nor closed, in the order of their SysRevID, above one of them."""
    rows = client.rows_since(_where(_JOBS, ON_THE_FLOOR), above)
    return _read(JobRow.parse, rows, _JOBS) if above else _whole(JobRow.parse, rows, _JOBS)


def changed_jobs(client: EpicorClient, *, jobs_from: int, opers_from: int) -> Iterator[JobRow | OperRow | BadRow]:
    """The jobs and operations that were written after these SysRevIDs, both in one order.

    Each page is read when its first row is asked for.
    """
    heads = _in_order(JobRow.parse, client.rows_since(_JOBS, jobs_from), _JOBS)
    opers = _in_order(OperRow.parse, client.rows_since(_OPERS, opers_from), _OPERS)
    for _revision, row in heapq.merge(heads, opers, key=itemgetter(0)):
        yield row


def jobs_of(client: EpicorClient, job_nums: Iterable[str]) -> Rows[JobRow]:
    """These jobs, by filter: a read by key would make the server load all 29 tables of each."""
    return _read_any(client, JobRow.parse, _JOBS, _named(job_nums), _JOBS_A_CALL)


def opers_of(client: EpicorClient, job_nums: Iterable[str]) -> Rows[OperRow]:
    """All operations of these jobs."""
    return _read_any(client, OperRow.parse, _OPERS, _named(job_nums), _JOBS_A_CALL)


def downtime_codes(client: EpicorClient) -> Rows[IndirectRow]:
    """The indirect labour codes that are for downtime and in use."""
    return _whole(
        IndirectRow.parse, client.rows(_where(_INDIRECTS, "DownTime eq true and Inactive eq false")), _INDIRECTS
    )


def scrap_codes(client: EpicorClient) -> Rows[ReasonRow]:
    """The reasons of type S that are for scrap."""
    return _whole(ReasonRow.parse, client.rows(_where(_REASONS, "ReasonType eq 'S' and Scrap eq true")), _REASONS)


def plants(client: EpicorClient) -> Rows[PlantRow]:
    """The sites of the company."""
    return _whole(PlantRow.parse, client.rows(_PLANTS), _PLANTS)


def quoted(text: str) -> str:
    """An OData text literal."""
    return "'" + text.replace("'", "''") + "'"


def _named(job_nums: Iterable[str]) -> list[str]:
    return [f"JobNum eq {quoted(job_num)}" for job_num in sorted(set(job_nums))]


def _where(ask: Ask, where: str) -> Ask:
    return Ask(ask.path, ask.select, ask.key, where)


def _read_any(client: EpicorClient, parse: Callable[[Row], T], ask: Ask, terms: Sequence[str], at_once: int) -> Rows[T]:
    found: Rows[T] = Rows()
    for start in range(0, len(terms), at_once):
        part = _read(parse, client.rows(_where(ask, " or ".join(terms[start : start + at_once]))), ask)
        found.good += part.good
        found.bad += part.bad
    return found


def _whole(parse: Callable[[Row], T], raw_rows: Iterator[Row], ask: Ask) -> Rows[T]:
    """A whole list. Raises EpicorSurprise when not one row can be read: then it is the table that changed, not a row.

    Of what changed since the last look that can't be said: it may well be two rows that are both bad.
    """
    found = _read(parse, raw_rows, ask)
    if found.bad and not found.good and len(found.bad) > 1:
        raise EpicorSurprise(f"{ask.path}: {found.bad[0].why}")
    return found


def _read(parse: Callable[[Row], T], raw_rows: Iterator[Row], ask: Ask) -> Rows[T]:
    found: Rows[T] = Rows()
    for raw in raw_rows:
        row = _row(parse, raw, ask)
        if isinstance(row, BadRow):
            found.bad.append(row)
        else:
            found.good.append(row)
    return found


def _in_order(parse: Callable[[Row], T], raw_rows: Iterator[Row], ask: Ask) -> Iterator[tuple[int, T | BadRow]]:
    """Rows with their SysRevID, which is one also where the rest of the row can't be read."""
    for raw in raw_rows:
        yield int(raw["SysRevID"]), _row(parse, raw, ask)


def _row(parse: Callable[[Row], T], raw: Row, ask: Ask) -> T | BadRow:
    try:
        return parse(raw)
    except EpicorSurprise as odd:
        name = "/".join(str(raw.get(column, "?")) for column in ask.key)
        return BadRow(f"{ask.path.rpartition('/')[2]} {name}@{raw.get('SysRevID', '?')}", str(odd), raw)
