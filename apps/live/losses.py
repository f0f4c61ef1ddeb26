"""What a shift lost most time to, and which factor of OEE that is. Pure."""

from collections import defaultdict

from apps.live.ribbon import kind_of, reason_text
from apps.live.types import BoardFacts, Row
from apps.oee.types import Bucket, Figures
from apps.shared import format as say
from apps.shared.instants import SECOND

SHOWN = 3
_FAMILY = {
    "equipment_failure": "stop",
    "setup_adjustment": "setup",
    "minor_stop": "slow",
    "process_defect": "scrap",
    "startup_reject": "scrap",
}
_LOST = {Bucket.DOWNTIME, Bucket.SETUP, Bucket.MICRO_STOP}
_FACTORS = (("availability", "Availability"), ("performance", "Performance"), ("quality", "Quality"))
_Bar = tuple[str, str, str]  # label, hue, "hollow" or ""


def loss_rows(facts: BoardFacts) -> list[Row]:
    """The three largest losses of the shift: stops by reason, changeover, micro-stops, running slow, scrap."""
    lost = _stopped(facts)
    for bar, us in _speed_and_scrap(facts):
        if us > SECOND:
            lost[bar] += us
    worst = sorted(lost.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]
    largest = worst[0][1] if worst else 1
    return [
        {"label": bar[0], "time": say.summed(us), "v": round(us / largest * 100, 1), "hue": bar[1], "state": bar[2]}
        for bar, us in worst
    ]


def _stopped(facts: BoardFacts) -> defaultdict[_Bar, int]:
    lost: defaultdict[_Bar, int] = defaultdict(int)
    for row in facts.slices:
        if row.bucket in _LOST:
            lost[_bar(facts, kind_of(row, facts.policy.no_job_reason), row.reason)] += row.end - row.start
    return lost


def _bar(facts: BoardFacts, kind: str, reason: str) -> _Bar:
    if kind == "nojob":
        return "No job", "stop", ""
    if reason:
        known = facts.reasons.get(reason)
        hue = _FAMILY.get(known.category, "stop") if known else "stop"
        return reason_text(facts, reason), "setup" if kind == "setup" else hue, ""
    if kind == "setup":
        return "Changeover", "setup", ""
    return ("Micro-stops", "slow", "") if kind == "micro" else ("Stops without a reason", "stop", "hollow")


def _speed_and_scrap(facts: BoardFacts) -> list[tuple[_Bar, int]]:
    """Microseconds: running time beyond what its parts should take, and the ideal time of the rejected ones."""
    running: defaultdict[int, int] = defaultdict(int)
    for row in facts.slices:
        if row.bucket == Bucket.RUNNING and row.oper_id is not None:
            running[row.oper_id] += row.end - row.start
    slow = scrap = 0
    for oper_id, us in running.items():
        cycle = facts.cycles.get(oper_id)
        if not cycle:
            continue
        made = [part for part in facts.parts if part.oper_id == oper_id and not part.is_blind]
        slow += max(0, us - round(cycle * SECOND * sum(part.good + part.reject for part in made)))
        scrap += round(cycle * SECOND * sum(part.reject for part in made))
    return [(("Running slow", "slow", ""), slow), (("Scrap", "scrap", ""), scrap)]


def worst_of(figures: Figures) -> str | None:
    """The lowest of the three factors; None where all are empty or none is below 1."""
    known = [(ratio, name) for name, _ in _FACTORS if (ratio := getattr(figures, name)) is not None and ratio < 1]
    return min(known)[1] if known else None


def factor_rows(figures: Figures) -> list[Row]:
    """Availability, Performance and Quality as rows with a bar; a dash where a factor is empty."""
    worst = worst_of(figures)
    rows: list[Row] = []
    for name, label in _FACTORS:
        ratio: float | None = getattr(figures, name)
        rows.append(
            {
                "name": name,
                "label": label,
                "value": say.percent(ratio),
                "known": ratio is not None,
                "v": 0 if ratio is None else round(float(min(ratio, 1)) * 100, 1),
                "state": "worst" if name == worst else "",
            }
        )
    return rows
