"""A board's figures are the report's: over random histories, whatever is settled, rolled up or neither."""

import pytest

from apps.flow import plant, replay, reporting
from apps.lines.models import Line
from apps.lines.queries import policies
from apps.live.read import board_facts
from apps.oee.groups import report
from tests.make.histories import history

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(8))
def test_every_board_shows_what_the_report_says(seed: int) -> None:
    told = history(seed, size="small")
    plant.load(told.plant_toml, now=0)
    replay.replay(told.facts)
    now = reporting.now_or(0)

    boards = board_facts(Line.objects.values_list("slug", flat=True), now)

    for slug, facts in boards.items():
        policy = policies([slug])[slug]
        rows = list(report([policy], *facts.window, now, "line"))
        if not rows:
            assert facts.figures.total == 0
            continue
        assert facts.figures == rows[0].figures, slug


@pytest.mark.parametrize("seed", range(8))
def test_an_operation_so_far_is_the_report_over_all_time(seed: int) -> None:
    told = history(seed, size="small")
    plant.load(told.plant_toml, now=0)
    replay.replay(told.facts)
    now = reporting.now_or(0)
    everything = report(list(policies().values()), 0, now + 1, now, "operation")
    known = {
        (row.key["company"], row.key["JobNum"], row.key["AssemblySeq"], row.key["OprSeq"]): row for row in everything
    }

    boards = board_facts(Line.objects.values_list("slug", flat=True), now)

    for facts in boards.values():
        if facts.progress is None or facts.current is None or facts.current.oper_id is None:
            continue
        oper = facts.opers[facts.current.oper_id]
        figures = known[oper.company, oper.job_num, oper.assembly_seq, oper.opr_seq].figures
        assert (facts.progress.good, facts.progress.reject) == (figures.good, figures.reject)
        planned = sum(figures.buckets[name] for name in ("running", "micro_stop", "downtime"))
        assert facts.progress.planned_us == planned
