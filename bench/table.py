"""How every measurement is shown and kept: a table of figure, baseline and ratio, and the same as JSON."""

import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number beside what it is compared with.

    `baseline` is a target, a plainer way of doing the same or an earlier figure, as `against` says; the ratio is
    value / baseline, and there is none without a baseline. `is_smaller_better` tells how to read it.
    """

    name: str
    value: float
    unit: str
    baseline: float | None = None
    against: str = ""
    is_smaller_better: bool = True
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """value / baseline."""
        return self.value / self.baseline if self.baseline else None

    @property
    def verdict(self) -> str:
        """What the ratio says: "better", "worse" or "" where there is nothing to compare with."""
        if self.ratio is None:
            return ""
        return "better" if (self.ratio <= 1) == self.is_smaller_better else "worse"


def report(name: str, question: str, figures: Sequence[Figure]) -> Path:
    """Print the table and write bench/results/NAME.json; the path of that file."""
    print(f"{name}: {question}")
    for line in lines(figures):
        print(f"  {line}")
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    body = {
        "name": name,
        "question": question,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cpus": os.cpu_count(), "arch": platform.machine(), "python": platform.python_version()},
        "figures": [{**asdict(figure), "ratio": figure.ratio, "verdict": figure.verdict} for figure in figures],
    }
    path.write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    sys.stdout.flush()
    return path


def lines(figures: Sequence[Figure]) -> list[str]:
    """The table as text: the names to the left, the numbers under each other."""
    rows = [("", "figure", "baseline", "ratio", "against")]
    for figure in figures:
        baseline = "" if figure.baseline is None else f"{number(figure.baseline)} {figure.unit}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        against = " ".join(part for part in (figure.against, f"({figure.verdict})" if figure.verdict else "") if part)
        said = "; ".join(part for part in (against, figure.note) if part)
        rows.append((figure.name, f"{number(figure.value)} {figure.unit}", baseline, ratio, said))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return [
        f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:>{widths[3]}}  {row[4]}".rstrip()
        for row in rows
    ]


def number(value: float) -> str:
    """Three figures that mean something: 0.0123, 4.56, 78.9, 1 234."""
    if value and abs(value) < 1:
        return f"{value:.3g}"
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}"
