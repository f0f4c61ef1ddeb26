"""How fast a facts file is fed through the real path, beside parsing the same file and adding its counters up."""

import json
import random
import time

from bench import synthetic
from bench.table import Figure, report

LINES = 4
HOURS = 10
AIM = 20_000


def main() -> None:
    """Samples of four lines, one a second, into an empty database."""
    synthetic.prepare(LINES)
    facts = list(_facts())
    from apps.flow import replay

    began = time.perf_counter()
    outcome = replay.replay(facts)
    spent = time.perf_counter() - began
    began = time.perf_counter()
    again = replay.replay(facts)
    repeated = time.perf_counter() - began
    began = time.perf_counter()
    totals: dict[str, int] = {}
    for text in facts:
        row = json.loads(text)
        totals[row["line"]] = max(totals.get(row["line"], 0), row["total"])
    plain = time.perf_counter() - began
    from django.db import connection

    report(
        "replay",
        f"{len(facts)} facts of {LINES} lines on {connection.vendor}",
        [
            Figure("replay", spent, "s", plain, "parsing the file and adding up"),
            Figure("speed", outcome.taken / spent, "facts/s", AIM, "aim", is_smaller_better=False),
            Figure("the same file again", again.repeated / repeated, "facts/s", is_smaller_better=False),
        ],
    )


def _facts() -> list[str]:
    from apps.shared.instants import SECOND, iso

    dice = random.Random(4512)
    found = []
    running, totals = [True] * LINES, [0] * LINES
    for second in range(HOURS * 3600):
        for line in range(LINES):
            if dice.random() < 0.004:
                running[line] = not running[line]
            if running[line] and dice.random() < 0.2:
                totals[line] += 1
            found.append(
                json.dumps(
                    {
                        "t": "sample", "line": f"line-{line:03}", "at": iso((synthetic.START_S + second) * SECOND),
                        "running": running[line], "total": totals[line], "reject": totals[line] // 50, "fault": 0,
                    }
                )
            )  # fmt: skip
    return found
