"""Reports over whole production months and their ragged edges, against the plain reading; and what remakes a month."""

import random
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.db.models import Model

from apps.flow import facts_file, plant, rebuild, replay, reporting
from apps.lines.models import Line
from apps.lines.queries import policies
from apps.lines.rules import production_month
from apps.oee import months
from apps.oee.models import Added, DayRollup, LineLedger, LossMonth, LossRollup, LossRow, MonthRollup
from apps.oee.types import Sums
from apps.shared.instants import DAY, HOUR, MINUTE, iso
from tests.make.days import Days, weeks
from tests.make.reports import MEASURES, OEE_BY, PARETO_BY, feed, load, over, unsound
from tests.make.sisters import sisters
from tests.oracle import figures
from tests.oracle import pareto as paretos
from tests.oracle.cases import event, job, plant_file, sample
from tests.oracle.compare import differences
from tests.oracle.world import World, world_of

pytestmark = pytest.mark.django_db


def _windows(told: Days, dice: random.Random) -> list[tuple[int, int]]:
    """Around the whole month: all of it from before the lines' first instant, to the instant, and with ragged ends."""
    first, *inner, last = told.borders
    calendar = next(iter(policies().values())).calendar
    month = production_month(calendar, inner[10])
    return [
        (first - 40 * DAY, last + 2 * HOUR),
        month,
        (month[0] - 1, month[1] + 1),
        (month[0] + 1, last),
        (first + dice.randint(0, HOUR), dice.choice(told.stops[-9:]) + 7 * MINUTE),
    ]


def _wrong(world: World, now: int, start: int, end: int) -> Iterator[str]:
    for by in OEE_BY:
        real = reporting.oee_rows(by=by, start=start, end=end, line=None, now=now)
        yield from (f"oee {by}: {row}" for row in differences(figures.oee(world, start, end, by, None), real))
    for by in PARETO_BY:
        for measure in MEASURES:
            real = reporting.pareto_rows(by=by, start=start, end=end, line=None, job=None, measure=measure, now=now)
            wanted = paretos.pareto(world, start, end, by, line=None, job=None, measure=measure)
            yield from (f"pareto {by} {measure}: {row}" for row in differences(wanted, real))


def _in_order(facts: list[str]) -> list[str]:
    """Anything anywhere, but the samples in order."""
    samples = iter(
        sorted((fact for fact in facts if '"sample"' in fact), key=lambda fact: fact.split('"at": ')[1][:28])
    )
    return [next(samples) if '"sample"' in fact else fact for fact in facts]


def _told(seed: int) -> Days:
    """A story of some weeks, with every month made when it was over and then told of again."""
    told = weeks(seed)
    plant.load(told.plant_toml, now=0)
    facts = _in_order(random.Random(seed).sample(told.facts, len(told.facts))) if seed % 2 else told.facts
    half = len(facts) // 2
    for part in (facts[:half], facts[half:]):
        assert replay.replay(part).problems == []
    return told


@pytest.mark.parametrize("seed", sisters(range(4), everywhere=[1]))
def test_months_equal_the_plain_reading(seed: int) -> None:
    told = _told(seed)
    now, world = reporting.now_or(0), world_of(told.plant_toml, told.facts)

    assert MonthRollup.objects.values("start").distinct().count() >= 2
    assert LossMonth.objects.exists()
    for start, end in _windows(told, random.Random(seed)):
        assert list(_wrong(world, now, start, end)) == []
    assert _days_of_months() == _months()
    assert unsound() == []
    transaction.set_rollback(True)


def _days_of_months() -> dict[tuple[object, ...], tuple[int, ...]]:
    """The finished months as their days add up, by line, month and key."""
    by_line = {policy.line_id: policy.calendar for policy in policies().values()}
    until = dict(LineLedger.objects.values_list("line_id", "months_until"))
    found: dict[tuple[object, ...], tuple[int, ...]] = {}
    for model in (DayRollup, LossRollup):
        keys, names = _columns(model)
        for line_id, start, *row in model._default_manager.values_list("line_id", "start", *keys, *names):
            if start < (until[line_id] or 0):
                key = (line_id, production_month(by_line[line_id], start)[0], *row[: len(keys)])
                so_far = found.get(key, (0,) * len(names))
                found[key] = tuple(a + b for a, b in zip(so_far, row[len(keys) :], strict=True))
    return found


def _months() -> dict[tuple[object, ...], tuple[int, ...]]:
    found: dict[tuple[object, ...], tuple[int, ...]] = {}
    for model in (MonthRollup, LossMonth):
        keys, names = _columns(model)
        for row in model._default_manager.values_list("line_id", "start", *keys, *names):
            assert row[: 2 + len(keys)] not in found
            found[row[: 2 + len(keys)]] = row[2 + len(keys) :]
    return found


def _columns(model: type[Model]) -> tuple[list[str], list[str]]:
    if issubclass(model, LossRow):
        return ["by", "key"], ["us", "stops"]
    return ["binding", "oper_id", "cycle"], list(Sums.__slots__)


class TestWhatRemakesAMonth:
    """One story; each test spoils or changes something of its finished month."""

    @pytest.fixture(autouse=True)
    def story(self, db: None) -> Days:
        return _told(0)

    @pytest.mark.parametrize(("model", "column"), [(MonthRollup, "running"), (LossMonth, "us")])
    def test_a_check_finds_a_spoiled_month(self, model: type[Added] | type[LossRow], column: str) -> None:
        row = model._default_manager.order_by("pk")[0]
        model._default_manager.filter(pk=row.pk).update(**{column: getattr(row, column) + 1})

        found = unsound()

        assert [text.split(":")[0] for text in found] == [model.__name__] * 2
        for policy in policies().values():
            rebuild.rebuild(policy, now=reporting.now_or(0))
        assert unsound() == []

    def test_a_late_fact_in_a_finished_month_changes_it_and_no_other(self, story: Days) -> None:
        first = production_month(policies()["a"].calendar, story.borders[10])[0]
        others = MonthRollup.objects.exclude(start=first, line__slug="a").order_by("pk")
        before, mine = list(others.values_list()), _of_line("a", first)

        said = {"t": "tag", "line": "a", "code": "P09", "by": "e", "tagged_at": iso(reporting.now_or(0)), "comment": ""}
        feed([said | {"at": iso(story.borders[10] + hour * HOUR)} for hour in range(72)])

        assert _of_line("a", first) != mine
        assert list(others.values_list()) == before
        assert _days_of_months() == _months()
        assert unsound() == []

    def test_days_that_begin_otherwise_make_other_months(self, story: Days) -> None:
        before = _months()

        plant.load(story.plant_toml.replace('day_start = "06:00"', 'day_start = "05:00"'), now=reporting.now_or(0))

        after = _months()
        assert {key[1] for key in before} & {key[1] for key in after} == set()
        assert _days_of_months() == after
        assert unsound() == []

    def test_another_standard_is_another_cycle(self, story: Days) -> None:
        job = next(fact for fact in story.facts if '"JobNum": "J1"' in fact and '"t": "job"' in fact)

        changed = job.replace('"ProdStandard": 120', '"ProdStandard": 77').replace('"SysRevID": 5', '"SysRevID": 6')
        assert replay.replay([changed.replace('"PartNum": "X"', '"PartNum": "Z"')]).problems == []

        assert MonthRollup.objects.filter(cycle="3600/77").exists()
        assert LossMonth.objects.filter(by="part", key="Z").exists()
        assert _days_of_months() == _months()
        assert unsound() == []

    def test_where_none_are_made_yet_days_are_read(self, story: Days) -> None:
        windows = [(story.borders[0] - DAY, story.borders[-1]), (story.borders[0] + 1, story.borders[-1] - 1)]
        before = over(windows)

        months.forget(Line.objects.values_list("pk", flat=True))
        LineLedger.objects.update(months_until=None)

        assert over(windows) == before
        assert not MonthRollup.objects.exists()
        assert not LossMonth.objects.exists()
        for policy in policies().values():
            rebuild.rebuild(policy, start=story.borders[-2], now=reporting.now_or(0))
        assert _days_of_months() == _months()


def _of_line(slug: str, first: int) -> list[object]:
    return list(MonthRollup.objects.filter(line__slug=slug, start=first).order_by("pk").values_list(*Sums.__slots__))


def test_a_line_without_months_has_none_until_one_is_over() -> None:
    told = weeks(1)
    plant.load(told.plant_toml, now=0)
    border = production_month(policies()["a"].calendar, told.borders[10])[0]
    early = [
        fact
        for fact in told.facts
        if '"sample"' not in fact or (facts_file.latest(facts_file.parse(fact)) or 0) < border - HOUR
    ]

    assert replay.replay(early).problems == []

    assert not MonthRollup.objects.exists()
    assert DayRollup.objects.exists()
    assert unsound() == []


def test_a_month_that_seemed_over_is_open_again() -> None:
    """A correction moves the last cut of a line's time back over the border of a month that was made."""
    load(plant_file("stale_after_s = 90000", shifts=""))
    key = {"LaborHedSeq": 1, "LaborDtlSeq": 1}
    data = {"JobNum": "J1", "AssemblySeq": 0, "OprSeq": 10, "ResourceID": "R", "LaborType": "P", "SysRevID": 1}
    feed(job("J1"), [sample(day * 86400, running=True, total=day) for day in range(70)])
    feed(event("operation.started", 66 * 86400, {**key, **data}, "as it seemed"))
    until = LineLedger.objects.get().months_until or 0
    assert LossMonth.objects.count() == 0
    assert MonthRollup.objects.values("start").distinct().count() == 2

    feed(event("operation.started", 20 * 86400, {**key, "SysRevID": 2}, "as it was"))

    assert (LineLedger.objects.get().months_until or 0) < until
    assert MonthRollup.objects.count() == 0
    assert unsound() == []
