"""The messages that screens show, for views and for the hub: read, then compose."""

from collections.abc import Iterable, Mapping

from apps.lines.models import Line
from apps.live.compose import compose
from apps.live.read import board_facts
from apps.live.types import BoardFacts, BoardMessage, PlantMessage
from apps.live.words import plant_words
from apps.oee.reports import Window, figures_of
from apps.oee.types import Cells, Figures

_COUNTED = ("stop", "micro", "setup", "run", "planned", "nojob", "nosig")
_COUNTS_AS = {"untag": "stop", "slow": "run"}


def board_message(slug: str, now: int) -> BoardMessage | None:
    """The whole board of a line at `now`; None where there is no such line."""
    return board_messages([slug], now).get(slug)


def board_messages(slugs: Iterable[str], now: int) -> dict[str, BoardMessage]:
    """The boards of several lines, by slug, in the queries of one."""
    return {slug: compose(facts, boot="", now=now) for slug, facts in board_facts(slugs, now).items()}


def plant_picture(company: str, plant: str, now: int) -> tuple[PlantMessage, list[BoardMessage]]:
    """A plant page at `now`: its head, and its lines in the order of their trouble."""
    facts = board_facts(lines_of(company, plant), now)
    boards = {slug: compose(one, boot="", now=now) for slug, one in facts.items()}
    head = plant_message(f"{company}/{plant}", facts, boards, boot="", now=now)
    return head, [boards[slug] for slug, _rank in head["order"]]


def lines_of(company: str, plant: str) -> list[str]:
    """The slugs of a plant's lines."""
    found = Line.objects.filter(plant__company__code=company, plant__code=plant)
    return list(found.order_by("slug").values_list("slug", flat=True))


def plant_message(
    plant: str, facts: Mapping[str, BoardFacts], boards: Mapping[str, BoardMessage], *, boot: str, now: int
) -> PlantMessage:
    """The head of a plant page, from the facts and boards of its lines."""
    ordered = sorted(boards.values(), key=lambda board: (board["rank"], -board["weight"], board["name"], board["line"]))
    counts = dict.fromkeys(_COUNTED, 0)
    for board in ordered:
        counts[_COUNTS_AS.get(board["state"], board["state"])] += 1
    counts["untag"] = sum(board["need"]["count"] for board in ordered)
    oee = together(facts.values()).oee
    shift = next((board["k"]["shift"] for board in ordered), "")
    return {
        "kind": "plant",
        "boot": boot,
        "rev": 0,
        "t": now // 1000,
        "plant": plant,
        "order": [(board["line"], board["rank"]) for board in ordered],
        "counts": counts,
        "oee": None if oee is None else round(float(oee), 6),
        "k": plant_words(counts, len(ordered), oee, shift),
    }


def together(facts: Iterable[BoardFacts]) -> Figures:
    """The figures of several lines in their present shift: seconds and parts add up, ratios divide once."""
    known = list(facts)
    cells: Cells = {}
    window = Window({one.policy.line_id: one.policy for one in known}, cells, {})
    opers = {oper_id: oper for one in known for oper_id, oper in one.opers.items()}
    for one in known:
        cells.update(one.cells)
    return figures_of(window._replace(opers=opers), cells.items())
