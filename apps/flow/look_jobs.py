"""Jobs and operations, read when they changed and when labour names them; what is complete in Epicor closes here."""

from collections.abc import Iterable

from apps.epicor import mapping, reader
from apps.epicor.dto import JobRow, OperRow
from apps.epicor.types import JOBS, OPERS
from apps.flow import known
from apps.flow.look import Look
from apps.jobs.types import Closing, ErpFacts, OperKey


def read_jobs(look: Look) -> None:
    """What changed since the last look; at the first one, all that is on the floor."""
    heads_from, opers_from = look.start_of(JOBS), look.start_of(OPERS)
    if heads_from is None or opers_from is None:
        # The marks first: what changes while we read comes again at the next look.
        heads_to, opers_to = reader.last_job_revisions(look.client)
        found = reader.jobs_on_the_floor(look.client)
        look.put_aside(found.bad)
        wanted = {row.job_num for row in found.good}
    else:
        heads, opers = reader.jobs_since(look.client, heads_from), reader.opers_since(look.client, opers_from)
        look.put_aside([*heads.bad, *opers.bad])
        heads_to = max((row.sys_rev_id for row in heads.good), default=heads_from)
        opers_to = max((row.sys_rev_id for row in opers.good), default=opers_from)
        wanted = _of_interest(look, heads.good, opers.good)
    take_jobs(look, wanted | known.jobs_to_ask(look.company, now=look.now))
    look.ended_at(JOBS, heads_to)
    look.ended_at(OPERS, opers_to)


def take_jobs(look: Look, job_nums: Iterable[str]) -> dict[str, str]:
    """Read these jobs whole and take them in. Returns the site of each."""
    wanted = set(job_nums)
    if not wanted:
        return {}
    heads, opers = reader.jobs_of(look.client, wanted), reader.opers_of(look.client, wanted)
    look.put_aside([*heads.bad, *opers.bad])
    by_job: dict[str, list[OperRow]] = {}
    for oper in opers.good:
        by_job.setdefault(oper.job_num, []).append(oper)
    closings = _closings(look, heads.good, by_job)
    states = tuple(mapping.job_state(look.company, head, by_job.get(head.job_num, ())) for head in heads.good)
    look.apply(ErpFacts(jobs=states, closings=closings))
    return {head.job_num: head.plant for head in heads.good}


def _of_interest(look: Look, heads: list[JobRow], opers: list[OperRow]) -> set[str]:
    """Jobs on the floor, and jobs that we know; planned and old ones change all day and are none of our business."""
    changed = {row.job_num for row in heads} | {row.job_num for row in opers}
    on_floor = {
        row.job_num for row in heads if row.is_firm and row.is_released and not (row.is_closed or row.is_complete)
    }
    return on_floor | known.plants_of_jobs(look.company, changed).keys()


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
