"""Labour: what runs now, what changed since the last look, and what is gone without a word."""

from collections.abc import Iterable
from datetime import timedelta
from zoneinfo import ZoneInfo

from apps.epicor import clock, mapping, reader
from apps.epicor.dto import LaborRow
from apps.epicor.errors import EpicorSurprise
from apps.epicor.mapping import DIRECT
from apps.epicor.reader import BadRow, LaborKey
from apps.epicor.types import LABOR
from apps.flow import known
from apps.flow.look import ROW, VANISHED, Look
from apps.flow.look_jobs import take_jobs
from apps.jobs.types import Closing, ErpFacts, LaborFact
from apps.shared.instants import HOUR, from_us

_RECENT = 36 * HOUR
_AT_ONCE = 200
Found = dict[LaborKey, LaborRow]


def read_labor(look: Look) -> None:
    """Active labour, and all labour written since the last look; open activities that neither tells are asked for."""
    start = look.start_of(LABOR)
    end = reader.last_labor_revision(look.client) if start is None else start
    found: Found = {}
    _keep(look, found, reader.active_labor(look.client, is_first=start is None))
    if start is not None:
        _keep(look, found, reader.labor_since(look.client, start))
        end = max([start, *(row.sys_rev_id for row in found.values())])
    _ask_for(look, found, known.open_keys(look.company) - found.keys())
    take_labor(look, found)
    look.ended_at(LABOR, end)


def read_recent_labor(look: Look) -> None:
    """All labour of the last two days against what we know: a deletion raises no SysRevID, and shows only here."""
    since = look.now - _RECENT
    # A day more than the activities reach back: the server's date is not the plant's.
    day = (from_us(since) - timedelta(days=1)).date()
    found: Found = {}
    _keep(look, found, reader.labor_from(look.client, day))
    _ask_for(look, found, known.keys_since(look.company, since) - found.keys())
    take_labor(look, found)


def take_labor(look: Look, found: Found) -> None:
    """Tell what these rows say and we did not know; the jobs that they name are read first."""
    activities = known.activities(look.company, found)
    rows = [row for key, row in found.items() if row.labor_type in DIRECT or key in activities]
    plants = _plants(look, [row for row in rows if row.job_num])
    zones = known.Zones(look.company)
    told = known.Closings(look.company, {row.job_num for row in rows})
    ordered = sorted(rows, key=lambda row: row.sys_rev_id)
    # What was taken in is known to the next look, should this one be cut off.
    for begin in range(0, len(ordered), _AT_ONCE):
        labor: list[LaborFact] = []
        closings: list[Closing] = []
        for row in ordered[begin : begin + _AT_ONCE]:
            times = _times_of(look, row, zones.of(row, plants.get(row.job_num)))
            if times is not None:
                labor += _facts(look.company, row, activities.get((row.hed_seq, row.dtl_seq)), *times)
                closings += _closing(look.company, row, told, times[0].at, times[1].at)
        look.apply(ErpFacts(labor=tuple(labor), closings=tuple(closings)))


def _times_of(look: Look, row: LaborRow, zone: ZoneInfo | None) -> tuple[clock.Moment, clock.Moment] | None:
    """When a row began and ended; None where that can't be told, which is a question for a person."""
    try:
        return _times(row, zone)
    except (EpicorSurprise, ArithmeticError) as odd:
        name = f"Labour {row.hed_seq}/{row.dtl_seq}@{row.sys_rev_id}"
        look.put_aside([BadRow(name, f"{name}, job {row.job_num}: {odd}", {})], ROW)
        return None


def _times(row: LaborRow, zone: ZoneInfo | None) -> tuple[clock.Moment, clock.Moment]:
    if zone is None:
        raise EpicorSurprise("Jobline does not know in which plant it was, and so not what its clock means.")
    return clock.started(row, zone), clock.ended(row, zone)


def _facts(
    company: str, row: LaborRow, activity: known.Activity | None, start: clock.Moment, end: clock.Moment
) -> list[LaborFact]:
    facts = []
    is_known = activity is not None and activity.started_at is not None and start.agrees_with(activity.started_at)
    if not is_known or (activity is not None and activity.fields != known.fields_of(row)):
        # What we know better than the row's rounded clock stays as we know it.
        at = activity.started_at if is_known and activity is not None and activity.started_at is not None else start.at
        facts.append(mapping.labor_fact(company, row, "started", at))
    if row.is_active:
        return facts
    is_known = activity is not None and activity.ended_at is not None and end.agrees_with(activity.ended_at)
    return facts if is_known else [*facts, mapping.labor_fact(company, row, "ended", end.at)]


def _closing(company: str, row: LaborRow, told: known.Closings, start: int, end: int) -> list[Closing]:
    """That the operation is complete, where the row that ended says so and nobody has since it began."""
    if row.is_active or not row.op_complete or row.labor_type not in DIRECT:
        return []
    if told.has_oper(row.job_num, row.assembly_seq, row.opr_seq, since=start):
        return []
    return [mapping.oper_closing(company, row, end, f"{row.hed_seq}/{row.dtl_seq}:complete")]


def _plants(look: Look, rows: list[LaborRow]) -> dict[str, str]:
    job_nums = {row.job_num for row in rows}
    opers = {key[1:] for key in known.opers_of_jobs(look.company, job_nums)}
    unknown = {row.job_num for row in rows if (row.job_num, row.assembly_seq, row.opr_seq) not in opers}
    return known.plants_of_jobs(look.company, job_nums) | take_jobs(look, unknown)


def _keep(look: Look, found: Found, rows: reader.Rows[LaborRow]) -> None:
    """Add rows; of two states of one row the later stands."""
    look.put_aside(rows.bad)
    for row in rows.good:
        before = found.get((row.hed_seq, row.dtl_seq))
        if before is None or before.sys_rev_id <= row.sys_rev_id:
            found[row.hed_seq, row.dtl_seq] = row


def _ask_for(look: Look, found: Found, missing: Iterable[LaborKey]) -> None:
    """Activities that we know and no list told: read by their keys; those that do not exist any more are a person's."""
    wanted = {key for key in missing if not look.was_asked(_vanished(key))}
    if not wanted:
        return
    rows = reader.labor_of(look.client, wanted)
    _keep(look, found, rows)
    # What is there and can't be read is not gone.
    unread = {(str(row.raw.get("LaborHedSeq")), str(row.raw.get("LaborDtlSeq"))) for row in rows.bad}
    for hed, dtl in sorted(wanted - found.keys()):
        if (str(hed), str(dtl)) in unread:
            continue
        why = (
            f"Labour {hed}/{dtl} is in Jobline and no longer in Epicor. Nothing was changed: if it was deleted there on"
            " purpose, end or correct it here; then dismiss this entry."
        )
        look.ask(_vanished((hed, dtl)), VANISHED, why, {"LaborHedSeq": hed, "LaborDtlSeq": dtl})


def _vanished(key: LaborKey) -> str:
    return f"Labour {key[0]}/{key[1]} is gone"
