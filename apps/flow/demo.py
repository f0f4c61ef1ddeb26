"""The demo plant's past, taken in as live facts are: appended, and everything derived from them, a batch to a transaction."""

from apps.flow import erp
from apps.flow.facts_file import told_of
from apps.flow.learned import Learned, keep
from apps.jobs.types import ErpFacts
from apps.lines.models import Company, Line
from apps.reasons.types import ReasonState
from apps.simulators.demo.dictionary import reasons
from apps.simulators.demo.history import Batch
from apps.simulators.demo.plan import DemoPlan


def take_in(batch: Batch) -> None:
    """One batch: everything that was told and that the machines did in it is learned at its end."""
    learned = Learned()
    for one in batch.facts:
        learned.machines.setdefault(one.slug, []).append(one)
    for row in batch.told:
        learned.add(told_of(row))
    keep(
        learned,
        list(Line.objects.values_list("slug", flat=True)),
        Company.objects.values_list("code", flat=True),
        now=batch.end,
    )


def tell_dictionary(plan: DemoPlan, *, now: int) -> None:
    """What Epicor's sync would bring of the reason codes: which are for downtime, and which for scrap."""
    told = tuple(
        ReasonState(company, one.code, one.description, "scrap" if one.is_scrap else "downtime")
        for company in sorted({plant.company for plant in plan.plants})
        for one in reasons()
    )
    erp.apply(ErpFacts(reasons=told), now=now)
