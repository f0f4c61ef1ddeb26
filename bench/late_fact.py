"""What one fact costs that comes 9 hours late, on lines with 7, 60 and 365 days behind them."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING, Any

from bench import _behind, synthetic
from bench.table import Figure, report

if TYPE_CHECKING:
    from apps.lines.types import LinePolicy

AIM_MS = 30.0
TIMES = 16
HISTORIES = (7, 60, 365)
SECOND = 1_000_000
HOUR = 3600 * SECOND
# At least 8 h; and in a production day that is over, so that its day and its losses are made again too.
BACK = 9 * HOUR
# One late fact: another one at each turn.
Kind = Callable[[int], None]


def main() -> None:
    """Each kind of late fact on each line, beside one plain pass over the facts since then."""
    from django.db import connection

    synthetic.prepare(len(HISTORIES))
    lines = {days: _behind.make(number, days) for number, days in enumerate(HISTORIES)}
    _behind.analyze()
    _live_as_a_web_process()
    found = {days: _measure(policy) for days, policy in lines.items()}
    figures = []
    for name in found[HISTORIES[0]]:
        shortest = found[HISTORIES[0]][name][0]
        for days in HISTORIES:
            ms, statements, cpu = found[days][name]
            if name == PLAIN:
                figures.append(Figure(f"{name}, {days} days behind", ms, "ms", note=f"{ms / shortest:.2f} × 7 days"))
                continue
            said = f"{statements:.0f} statements, {cpu:.1f} ms CPU, {ms / shortest:.2f} × 7 days"
            plain = found[days][PLAIN][0]
            said += f", {ms / plain:.1f} × the plain pass"
            figures.append(Figure(f"{name}, {days} days behind", ms, "ms", AIM_MS, "aim", note=said))
    report("late_fact", f"one fact that comes 9 h late on {connection.vendor}, median of {TIMES}", figures)


def _live_as_a_web_process() -> None:
    """Nudges leave from a loop of their own there, and nobody waits for them."""
    from apps.shared import announce

    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    announce.attach(loop)
    asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result()


PLAIN = "reading the facts since then once"


def _measure(policy: "LinePolicy") -> dict[str, tuple[float, float, float]]:
    """(milliseconds, statements, milliseconds of processor) of each kind."""
    now = _behind.end_s() * SECOND + 8 * HOUR
    kinds: dict[str, Kind] = {"a batch of machine facts": _machine(policy)}
    kinds |= {PLAIN: lambda _turn: _plain(policy, now)}
    kinds |= _said(policy, now)
    kinds |= _told(policy, now)
    return {name: _timed(kind) for name, kind in kinds.items()}


def _timed(kind: Kind) -> tuple[float, float, float]:
    wall, cpu, statements = [], [], []
    for turn in range(TIMES):
        with _counted() as count:
            began, worked = time.perf_counter(), time.process_time()
            kind(turn)
            wall.append(time.perf_counter() - began)
            cpu.append(time.process_time() - worked)
        statements.append(len(count))
    return median(wall) * 1000, median(statements), median(cpu) * 1000


@contextmanager
def _counted() -> Iterator[list[None]]:
    """One entry for each statement."""
    from django.db import connection

    seen: list[None] = []

    def count(execute: Callable[..., Any], *args: Any) -> Any:
        seen.append(None)
        return execute(*args)

    with connection.execute_wrapper(count):
        yield seen


def _plain(policy: "LinePolicy", now: int) -> None:
    """Every fact of the last 8 h, read and looked at once."""
    from apps.states.models import CountDelta, StateChange

    since = now - BACK
    changes = StateChange.objects.filter(line_id=policy.line_id, at__gte=since)
    sum(fault for (fault,) in changes.values_list("fault"))
    sum(good for (good,) in CountDelta.objects.filter(line_id=policy.line_id, end__gte=since).values_list("good"))


def _machine(policy: "LinePolicy") -> Kind:
    """Half an hour of a spool that comes back after 8 h."""
    from apps.flow import intake

    end = _behind.end_s() * SECOND + 8 * HOUR
    batches = synthetic.batches(
        policy.slug, _behind.end_s(), pieces=TIMES, piece_s=8 * 3600 // TIMES, part_every_s=_behind.PART_EVERY_S,
        stops_per_day=_behind.STOPS_PER_DAY,
    )  # fmt: skip
    return lambda turn: intake.accept([batches[turn]], now=end)


def _said(policy: "LinePolicy", now: int) -> dict[str, Kind]:
    """What people say of stops and parts."""
    from apps.downtime.models import Stop
    from apps.flow import stops

    line = policy.slug
    rows = Stop.objects.filter(line_id=policy.line_id, is_micro=False, start__lt=now - BACK).order_by("-start")
    found = [(stop.start, stop.end) for stop in rows[:TIMES]]
    # A later report, which must give way.
    stops.report_scrap(line=line, at=now - HOUR, qty=2, code="", by="E1", now=now)
    return {
        "a tag": lambda turn: _new(stops.tag(line=line, at=found[turn][0] + 1, code="M03", by="E1", now=now)),
        "another tag": lambda turn: _new(
            stops.tag(line=line, at=found[0][0] + 1, code=f"M0{turn % 8 + 1}", by="E1", now=now + turn + 1)
        ),
        "a split": lambda turn: _new(stops.split(line=line, at=sum(found[turn]) // 2, by="E1", now=now)),
        "scrap": lambda turn: _new(
            stops.report_scrap(line=line, at=now - BACK + turn * SECOND, qty=1, code="", by="E1", now=now)
        ),
    }


def _told(policy: "LinePolicy", now: int) -> dict[str, Kind]:
    """What Epicor and supervisors say late."""
    from apps.flow import erp
    from apps.jobs.models import LaborActivity
    from apps.jobs.types import Choice, ErpFacts, JobState, OperState

    back = now - BACK
    there = LaborActivity.objects.filter(line_id=policy.line_id, started_at__lt=back).order_by("-started_at")
    # Who was there at the time, until 40 minutes later; and a job of the shift before.
    mine, other = there[0], there[1]
    seq = 900_000_000 + policy.line_id * 1000

    def _labour(turn: int) -> None:
        # Somebody else's hour on another job, of which nobody had told.
        told = [
            synthetic.labor_fact(policy.slug, other.job_num, edge, back + at, seq=seq + turn)
            for edge, at in (("started", turn * SECOND), ("ended", HOUR + turn * SECOND))
        ]
        erp.apply(ErpFacts(labor=tuple(told)), now=now)

    def _corrected(turn: int) -> None:
        at = (mine.ended_at or 0) - (turn + 1) * 60 * SECOND
        fact = synthetic.labor_fact(policy.slug, mine.job_num, "ended", at, seq=mine.labor_hed_seq, revision=10 + turn)
        erp.apply(ErpFacts(labor=(fact,)), now=now)

    def _standard(turn: int) -> None:
        oper = OperState(0, 10, run_qty=1000, prod_standard=800 - turn, std_format="PH", sys_rev_id=10 + turn)
        job = JobState(policy.company, policy.plant, mine.job_num, part_num="PART", sys_rev_id=1, operations=(oper,))
        erp.apply(ErpFacts(jobs=(job,)), now=now)

    def _choice(turn: int) -> None:
        job = (mine, other)[turn % 2].job_num
        erp.resolve(Choice(policy.slug, back, back + HOUR // 2, job, 0, 10, "S1", now + turn), now=now)

    return {
        "a corrected clock time": _corrected,
        "a labour event": _labour,
        "a supervisor's choice": _choice,
        "a changed standard": _standard,
    }


def _new(is_new: bool) -> None:  # noqa: FBT001
    if not is_new:
        raise AssertionError("This fact was there already: nothing was measured.")
