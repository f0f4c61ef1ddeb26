"""What must hold for every history, and that the generator does not miss what it is for."""

from collections import Counter
from typing import Any

import pytest

from tests.make.histories import history, orders
from tests.oracle import figures
from tests.oracle.compare import differences
from tests.oracle.instants import parse
from tests.oracle.pareto import pareto
from tests.oracle.world import World, world_of

PARETOS = ("reason", "category", "fault", "line", "part", "operation", "shift")


def everything(made: World, lines: list[str], start: int, end: int) -> dict[str, list[dict[str, Any]]]:
    told = {f"oee {by}": figures.oee(made, start, end, by) for by in figures.NAMES}
    told |= {f"pareto {by}": pareto(made, start, end, by) for by in PARETOS}
    told |= {f"slices {line}": figures.slices(made, line, start, end) for line in lines}
    return told | {"summaries": figures.summaries(made)}


@pytest.mark.parametrize("seed", range(25))
def test_any_order_and_any_repetition_end_in_the_same_figures(seed: int) -> None:
    told = history(seed)
    start, end = parse(told.start), parse(told.end)
    expected = everything(world_of(told.plant_toml, told.facts), told.lines, start, end)
    for files in orders(told, seed).values():
        found = everything(world_of(told.plant_toml, [line for file in files for line in file]), told.lines, start, end)
        assert {
            name: differences(rows, found[name]) for name, rows in expected.items() if differences(rows, found[name])
        } == {}


@pytest.mark.parametrize("seed", range(25, 50))
def test_buckets_and_operations_add_up(seed: int) -> None:
    told = history(seed)
    made = world_of(told.plant_toml, told.facts)
    start, end = parse(told.start), parse(told.end)
    for row in figures.oee(made, start, end, "line"):
        own = made.stories[row["line"]]
        whole = (own.slices[-1].end - own.slices[0].start) / 1e6
        assert sum(row["buckets_s"].values()) == pytest.approx(whole, abs=1e-5)
        of_operations = figures.oee(made, start, end, "operation", row["line"])
        bound = sum(sum(each["buckets_s"].values()) for each in of_operations)
        assert bound + row["unbound_s"] + row["unresolved_s"] == pytest.approx(whole, abs=1e-5)


def test_the_same_seed_is_the_same_history() -> None:
    assert history(7) == history(7)
    assert history(7) != history(8)
    assert all(len(history(seed, size="tiny").facts) < 80 for seed in range(20))


def test_small_histories_hit_every_bucket_binding_and_kind() -> None:
    seen: Counter[str] = Counter()
    for seed in range(40):
        told = history(seed)
        for story in world_of(told.plant_toml, told.facts).stories.values():
            for piece in story.slices:
                seen.update([piece.bucket, piece.binding.what, str(piece.binding.kind)])
            seen.update("negative" for share in story.shares if share.good < 0 or share.reject < 0)
            seen.update("over no_signal" for share in story.shares if not share.ideal)
    wanted = {"running", "unscheduled", "no_signal", "planned", "micro_stop", "setup", "downtime", "run", "none"}
    wanted |= {"unresolved", "production", "negative", "over no_signal"}
    assert {name for name in wanted if seen[name] < 5} == set()
