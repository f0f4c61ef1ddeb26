"""What the losses page needs of the tables.

Over more than two days and without a filter on what ran or why, whole production days come from their rollup; else
everything is made of slices. Both ways give the same rows (tests/integration/screens/test_looking.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Max

from apps.jobs.models import JobOper
from apps.jobs.types import OperView
from apps.lines.rules import production_day
from apps.lines.types import Calendar, LinePolicy
from apps.oee import losses as rolled
from apps.oee import pareto, reports
from apps.oee.models import LossRollup
from apps.oee.pareto import Bar, Loss
from apps.oee.plan import plan_of
from apps.oee.tails import tails
from apps.oee.types import CellKey, Figures, Sums
from apps.reasons.models import ReasonCode
from apps.reasons.queries import dictionary
from apps.reasons.types import ReasonView
from apps.screens.losses.address import Asked, Stretch
from apps.shared import spans
from apps.shared.instants import from_us
from apps.shared.spans import Span

_SLICES_UP_TO = 2  # days
ByDay = dict[str, dict[date, int]]


@dataclass(frozen=True, slots=True)
class LossFacts:
    """Bars under the filters, their time by production day, and what can be chosen in the filters.

    `opers` has the words of an operation by its key in a Pareto. The figures know no reasons: they are of everything
    that ran under the other filters.
    """

    bars: tuple[Bar, ...]
    stops: int
    by_day: ByDay
    jobs: tuple[str, ...]
    parts: tuple[str, ...]
    reason_keys: tuple[str, ...]
    opers: dict[str, str]
    figures: Figures
    reasons: dict[str, ReasonView]
    read_at: datetime | None


def loss_facts(policies: list[LinePolicy], asked: Asked, stretch: Stretch, now: int) -> LossFacts:
    """The facts of one page; policies are those of the lines that the address asks for."""
    company = policies[0].company if policies else ""
    is_filtered = any((asked.job, asked.part, asked.op, asked.reason, asked.shift))
    short = len(stretch.days) <= _SLICES_UP_TO
    read = _of_slices if is_filtered or short else _of_days
    return read(
        policies, asked, stretch, now,
        figures=_figures(policies, asked, stretch, now),
        reasons=dictionary(company) if company else {},
        read_at=ReasonCode.objects.filter(company=company).aggregate(last=Max("read_at"))["last"],
    )  # fmt: skip


def lost(policies: Sequence[LinePolicy], asked: Asked, stretch: Stretch, now: int) -> list[Loss]:
    """The lost slices themselves, under all filters."""
    return [loss for loss in _every(policies, stretch, now) if _matches(loss, asked)]


def operation_name(oper: OperView) -> str:
    """How an operation is chosen: by its number and its words, over all jobs."""
    return f"Op {oper.opr_seq} {oper.op_desc}".strip()


def _every(policies: Sequence[LinePolicy], stretch: Stretch, now: int) -> list[Loss]:
    return pareto.losses(policies, stretch.start, stretch.end, now) if stretch.start < stretch.end else []


def _of_slices(
    policies: list[LinePolicy], asked: Asked, stretch: Stretch, now: int,
    *, figures: Figures, reasons: dict[str, ReasonView], read_at: datetime | None,
) -> LossFacts:  # fmt: skip
    every = _every(policies, stretch, now)
    found = [loss for loss in every if _matches(loss, asked)]
    opers = [loss.oper for loss in every if loss.oper]
    return LossFacts(
        bars=tuple(pareto.bars(found, asked.by)),
        stops=len({(loss.policy.line_id, loss.row.stop_start) for loss in found}),
        by_day=_days_of(found, asked.by),
        jobs=tuple(sorted({oper.job_num for oper in opers})),
        parts=tuple(sorted({oper.part_num for oper in opers if oper.part_num})),
        reason_keys=tuple(sorted({pareto.reason_bar(loss.row) for loss in every})),
        opers={f"{oper.job_num}/{oper.assembly_seq}/{oper.opr_seq}": operation_name(oper) for oper in opers},
        figures=figures,
        reasons=reasons,
        read_at=read_at,
    )


def _of_days(
    policies: list[LinePolicy], asked: Asked, stretch: Stretch, now: int,
    *, figures: Figures, reasons: dict[str, ReasonView], read_at: datetime | None,
) -> LossFacts:  # fmt: skip
    made = {
        by: tuple(rolled.pareto(policies, stretch.start, stretch.end, now, by=by))
        for by in {asked.by, "line", "part", "reason", "operation"}
    }
    operations = [bar.key for bar in made["operation"] if bar.key]
    return LossFacts(
        bars=made[asked.by],
        stops=sum(bar.stops for bar in made["line"]),
        by_day=_rolled_days(policies, asked.by, stretch, now),
        jobs=tuple(sorted({key.rsplit("/", 2)[0] for key in operations})),
        parts=tuple(sorted(bar.key for bar in made["part"] if bar.key)),
        reason_keys=tuple(sorted(bar.key for bar in made["reason"] if bar.us)),
        opers=_oper_names(policies, operations),
        figures=figures,
        reasons=reasons,
        read_at=read_at,
    )


def _rolled_days(policies: Sequence[LinePolicy], by: str, stretch: Stretch, now: int) -> ByDay:
    """Whole days from their rollup, the ragged ends from slices."""
    found: ByDay = {}
    known = tails(policies, now, until=stretch.end)
    by_id = {policy.line_id: policy for policy in policies if policy.line_id in known}
    ragged: list[Span] = []
    # A date is the plant's: lines of one calendar have their days together.
    whole: dict[Calendar, list[Span]] = {}
    for line_id, policy in by_id.items():
        plan = plan_of(policy, known[line_id], stretch.start, stretch.end)
        whole.setdefault(policy.calendar, []).extend([Span(line_id, *plan.whole)] if plan.whole else [])
        ragged += [Span(line_id, *piece) for piece in (*plan.hours, *plan.rows)]
    for calendar, asked in whole.items():
        rows = spans.sums(LossRollup, ["t.key", "t.start"], ["us"], asked, where=rolled.only(by))
        for key, start, us in rows:
            _add(found, key, production_day(calendar, start)[0], us)
    for key, days in _days_of(rolled.losses_in(by_id, known, ragged, by), by).items():
        for day, us in days.items():
            _add(found, key, day, us)
    return found


def _days_of(losses: Iterable[Loss], by: str) -> ByDay:
    """Microseconds by bar and production day; time outside shifts goes to its local date."""
    found: ByDay = {}
    for loss in losses:
        zone = ZoneInfo(loss.policy.calendar.time_zone)
        day = loss.row.shift_date or from_us(loss.row.start).astimezone(zone).date()
        _add(found, pareto.bar_of(loss, by), day, loss.row.end - loss.row.start)
    return found


def _add(found: ByDay, key: str, day: date, us: int) -> None:
    days = found.setdefault(key, {})
    days[day] = days.get(day, 0) + us


def _oper_names(policies: Sequence[LinePolicy], keys: Iterable[str]) -> dict[str, str]:
    wanted = set(keys)
    rows = JobOper.objects.filter(
        job__company__code__in={policy.company for policy in policies},
        job__job_num__in={key.rsplit("/", 2)[0] for key in wanted},
    ).values_list("job__job_num", "assembly_seq", "opr_seq", "op_desc")
    names = {f"{job}/{assembly}/{opr}": f"Op {opr} {words}".strip() for job, assembly, opr, words in rows}
    return {key: name for key, name in names.items() if key in wanted}


def _matches(loss: Loss, asked: Asked) -> bool:
    """Whether a lost slice passes the filters; the bar without a reason is "none" in the address."""
    return (
        _is_oper(loss.oper, asked)
        and (not asked.shifts or loss.row.shift in asked.shifts)
        and (not asked.reason or (pareto.reason_bar(loss.row) or "none") == asked.reason)
    )


def _is_oper(oper: OperView | None, asked: Asked) -> bool:
    if not (asked.job or asked.part or asked.op):
        return True
    return oper is not None and (
        (not asked.job or oper.job_num == asked.job)
        and (not asked.part or oper.part_num == asked.part)
        and (not asked.op or operation_name(oper) == asked.op)
    )


def _figures(policies: list[LinePolicy], asked: Asked, stretch: Stretch, now: int) -> Figures:
    made = reports.window(policies, stretch.start, stretch.end, now, with_shift=bool(asked.shifts))
    return reports.figures_of(made, _cells(made, asked))


def _cells(made: reports.Window, asked: Asked) -> Iterator[tuple[CellKey, Sums]]:
    for key, sums in made.cells.items():
        oper = made.opers.get(key.oper_id) if key.oper_id is not None else None
        if _is_oper(oper, asked) and (not asked.shifts or key.shift in asked.shifts):
            yield key, sums
