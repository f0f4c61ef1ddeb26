"""What a demo remembers between its starts: its plan, how far its past was told, its ports and its people's words."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from apps.shared.instants import DAY, HOUR
from apps.simulators.demo.plan import HISTORY_DAYS, DemoPlan, make_plan

SEED = 4512


@dataclass(slots=True)
class DemoState:
    """`told_until`: up to there the story has been told, by the history or by the demo running (µs)."""

    seed: int
    start: int
    lines: int
    told_until: int
    has_history: bool = False
    ports: dict[str, int] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)

    @property
    def plan(self) -> DemoPlan:
        """The same story at every start."""
        return make_plan(seed=self.seed, start=self.start, count=self.lines)


def first_state(*, lines: int, now: int) -> DemoState:
    """A demo that begins now: its story began a fortnight ago, at a full hour."""
    start = (now - HISTORY_DAYS * DAY) // HOUR * HOUR
    return DemoState(seed=SEED, start=start, lines=lines, told_until=start)


def read_state(path: Path) -> DemoState | None:
    """What an earlier start left; None where there was none."""
    try:
        return DemoState(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def write_state(path: Path, state: DemoState) -> None:
    """Replace the file in one step, for its owner only: a kill at any moment leaves the old one or the new one."""
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(state), file)
    fresh.replace(path)
