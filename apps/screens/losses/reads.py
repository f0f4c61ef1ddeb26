"""What the losses page needs of the tables: the lost slices of some lines and days, and the figures beside them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from apps.jobs.types import OperView
from apps.lines.types import LinePolicy
from apps.oee import pareto, reports
from apps.oee.pareto import Loss
from apps.oee.types import CellKey, Figures, Sums
from apps.reasons.models import ReasonCode
from apps.reasons.queries import dictionary
from apps.reasons.types import ReasonView
from apps.screens.losses.address import Asked, Stretch


@dataclass(frozen=True, slots=True)
class LossFacts:
    """Losses before and after the filters on job, part, operation, reason and shift, and the figures under the same.

    The figures know no reasons: they are of everything that ran under the other filters.
    """

    every: tuple[Loss, ...]
    found: tuple[Loss, ...]
    figures: Figures
    reasons: dict[str, ReasonView]
    read_at: datetime | None


def loss_facts(policies: list[LinePolicy], asked: Asked, stretch: Stretch, now: int) -> LossFacts:
    """The facts of one page; policies are those of the lines that the address asks for."""
    every = tuple(pareto.losses(policies, stretch.start, stretch.end, now)) if stretch.start < stretch.end else ()
    company = policies[0].company if policies else ""
    return LossFacts(
        every=every,
        found=tuple(loss for loss in every if matches(loss, asked)),
        figures=_figures(policies, asked, stretch, now),
        reasons=dictionary(company) if company else {},
        read_at=ReasonCode.objects.filter(company=company).aggregate(last=Max("read_at"))["last"],
    )


def matches(loss: Loss, asked: Asked) -> bool:
    """Whether a lost slice passes the filters."""
    return (
        _is_oper(loss.oper, asked)
        and (not asked.shifts or loss.row.shift in asked.shifts)
        and (not asked.reason or _reason_key(loss) == asked.reason)
    )


def _reason_key(loss: Loss) -> str:
    """The bar by reason; the one without a reason is "none" in the address."""
    return pareto.reason_bar(loss.row) or "none"


def _is_oper(oper: OperView | None, asked: Asked) -> bool:
    if not (asked.job or asked.part or asked.op):
        return True
    return oper is not None and (
        (not asked.job or oper.job_num == asked.job)
        and (not asked.part or oper.part_num == asked.part)
        and (not asked.op or operation_name(oper) == asked.op)
    )


def operation_name(oper: OperView) -> str:
    """How an operation is chosen: by its number and its words, over all jobs."""
    return f"Op {oper.opr_seq} {oper.op_desc}".strip()


def _figures(policies: list[LinePolicy], asked: Asked, stretch: Stretch, now: int) -> Figures:
    made = reports.window(policies, stretch.start, stretch.end, now, with_shift=bool(asked.shifts))
    return reports.figures_of(made, _cells(made, asked))


def _cells(made: reports.Window, asked: Asked) -> Iterable[tuple[CellKey, Sums]]:
    for key, sums in made.cells.items():
        oper = made.opers.get(key.oper_id) if key.oper_id is not None else None
        if _is_oper(oper, asked) and (not asked.shifts or key.shift in asked.shifts):
            yield key, sums
