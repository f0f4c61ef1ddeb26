"""Jobs and operations, read when they changed and when labour names them; what is complete in Epicor closes here."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TypeVar

from apps.epicor import mapping, reader
from apps.epicor.dto import JobRow, OperRow
from apps.epicor.reader import BadRow
from apps.epicor.types import FLOOR, JOBS, OPERS
from apps.flow import known
from apps.flow.look import Look
from apps.jobs.types import Closing, ErpFacts, OperKey

Row = TypeVar("Row", JobRow, OperRow, JobRow | OperRow)
# Four calls for jobs and as many pages of operations; a few seconds even where Epicor is slow.
_AT_ONCE = 40
# Ten pages: also where each takes as long as a call may, some of what they tell is taken in before a look's time is over.
_ROWS_AT_ONCE = 1000


def read_jobs(look: Look) -> None:
    """What changed since the last look; at the first one, all that is on the floor.

    In portions, each noted once it was taken in: a look that is cut off goes on at the next one.
    """
    heads_from, opers_from = look.start_of(JOBS), look.start_of(OPERS)
    taken = _first(look) if heads_from is None or opers_from is None else _changed(look, heads_from, opers_from)
    take_jobs(look, known.jobs_to_ask(look.company, now=look.now) - taken)


def _first(look: Look) -> set[str]:
    """All that is on the floor. Returns the jobs."""
    # The marks first: what changes while we read comes again at the next look, also if this takes several.
    if look.mark_of(JOBS) is None or look.mark_of(OPERS) is None:
        heads_to, opers_to = reader.last_job_revisions(look.client)
        look.mark(OPERS, opers_to)
        look.mark(JOBS, heads_to)
    found = reader.jobs_on_the_floor(look.client, above=look.mark_of(FLOOR) or 0)
    look.put_aside(found.bad)
    for rows in _portions(found.good):
        take_jobs(look, {row.job_num for row in rows})
        look.mark(FLOOR, rows[-1].sys_rev_id)
    for table in (JOBS, OPERS):
        look.ended_at(table, look.mark_of(table) or 0)
    return {row.job_num for row in found.good}


def _changed(look: Look, heads_from: int, opers_from: int) -> set[str]:
    """What changed since the last look, so many rows at a time. Returns the jobs that were read again.

    However much it is, it is taken in from the first rows on, before the last ones are read.
    """
    ends, taken = {JOBS: heads_from, OPERS: opers_from}, set[str]()
    # Both tables in one order: a job's head and its operations are mostly written together, and read together here.
    rows = reader.changed_jobs(look.client, jobs_from=heads_from, opers_from=opers_from)
    while found := list(islice(rows, _ROWS_AT_ONCE)):
        look.put_aside(row for row in found if isinstance(row, BadRow))
        good = [row for row in found if not isinstance(row, BadRow)]
        taken |= _take_changed(look, good)
        ends |= _ends(good)
    for table, revision in ends.items():
        look.ended_at(table, revision)
    return taken


def _take_changed(look: Look, rows: Sequence[JobRow | OperRow]) -> set[str]:
    """Take in what these rows say, in portions, each noted once it was. Returns the jobs that were read again."""
    wanted = _of_interest(look, rows)
    taken: set[str] = set()
    for portion in _portions(rows):
        job_nums = {row.job_num for row in portion} & wanted
        take_jobs(look, job_nums - taken)
        taken |= job_nums
        for table, revision in _ends(portion).items():
            look.reached(table, revision)
    return taken


def _ends(rows: Iterable[JobRow | OperRow]) -> dict[str, int]:
    """How far these rows reach in each table that they are of."""
    ends: dict[str, int] = {}
    for row in rows:
        table = JOBS if isinstance(row, JobRow) else OPERS
        ends[table] = max(row.sys_rev_id, ends.get(table, 0))
    return ends


def _portions(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows in the order of their revision, so many jobs at a time."""
    ordered = sorted(rows, key=lambda row: row.sys_rev_id)
    portions: list[list[Row]] = []
    jobs: set[str] = set()
    for row in ordered:
        if not portions or len(jobs | {row.job_num}) > _AT_ONCE:
            portions.append([])
            jobs = set()
        portions[-1].append(row)
        jobs.add(row.job_num)
    return portions


def take_jobs(look: Look, job_nums: Iterable[str]) -> dict[str, str]:
    """Read these jobs whole and take them in, so many at a time. Returns the site of each."""
    wanted = sorted(set(job_nums))
    sites: dict[str, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        sites |= _take(look, wanted[start : start + _AT_ONCE])
    return sites


def _take(look: Look, job_nums: Sequence[str]) -> dict[str, str]:
    heads, opers = reader.jobs_of(look.client, job_nums), reader.opers_of(look.client, job_nums)
    look.put_aside([*heads.bad, *opers.bad])
    by_job: dict[str, list[OperRow]] = {}
    for oper in opers.good:
        by_job.setdefault(oper.job_num, []).append(oper)
    closings = _closings(look, heads.good, by_job)
    states = tuple(mapping.job_state(look.company, head, by_job.get(head.job_num, ())) for head in heads.good)
    look.apply(ErpFacts(jobs=states, closings=closings))
    return {head.job_num: head.plant for head in heads.good}


def _of_interest(look: Look, rows: Sequence[JobRow | OperRow]) -> set[str]:
    """Jobs on the floor, and jobs that we know; planned and old ones change all day and are none of our business."""
    heads = [row for row in rows if isinstance(row, JobRow)]
    on_floor = {
        row.job_num for row in heads if row.is_firm and row.is_released and not (row.is_closed or row.is_complete)
    }
    return on_floor | known.plants_of_jobs(look.company, {row.job_num for row in rows}).keys()


def _closings(look: Look, heads: list[JobRow], by_job: dict[str, list[OperRow]]) -> tuple[Closing, ...]:
    """What is complete or closed in Epicor and was not, as far as we knew. Epicor has no time for it: it counts from now.

    What was complete before we first saw the operation is no news, and gets none.
    """
    job_nums = {head.job_num for head in heads}
    before = known.opers_of_jobs(look.company, job_nums)
    known_jobs = {key.job_num for key in before}
    told = known.Closings(look.company, job_nums)
    found = []
    for head in heads:
        if head.is_closed and head.job_num in known_jobs and not told.has_job(head.job_num):
            found.append(mapping.job_closing(look.company, head.job_num, look.now))
            continue
        for oper in by_job.get(head.job_num, ()):
            key = OperKey(look.company, oper.job_num, oper.assembly_seq, oper.opr_seq)
            if oper.is_complete and key in before and not told.has_oper(*key[1:]):
                name = f"{oper.job_num}/{oper.assembly_seq}/{oper.opr_seq}:complete"
                found.append(mapping.oper_closing(look.company, oper, look.now, name))
    return tuple(found)
