"""Feed a facts file (FORMATS.md §2) through the same code as live facts."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from apps.flow import replay


class Command(BaseCommand):
    help = "Feed recorded facts. Exit code 0: all good; 1: some lines were refused or wait (named at the end)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="JSON Lines, one fact a line")
        parser.add_argument("--strict", action="store_true", help="change nothing unless every line is good")
        parser.add_argument("--speed", type=float, metavar="N", help="N times real time instead of as fast as it can")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        started = time.monotonic()
        try:
            size = path.stat().st_size
            with (
                # Bytes that are no UTF-8 come through as half pairs, and the line that has them is refused as any bad line.
                path.open(encoding="utf-8", errors="surrogateescape") as lines,
                tqdm(total=size, unit="B", unit_scale=True, file=sys.stderr, disable=None, leave=False) as bar,
            ):
                outcome = replay.replay(_shown(lines, bar), is_strict=options["strict"], speed=options["speed"])
        except OSError as wrong:
            raise CommandError(f"{path} can't be read: {wrong.strerror}.") from None
        except replay.NotAllGood as wrong:
            self._name(wrong.outcome)
            raise CommandError(str(wrong)) from None
        spent = time.monotonic() - started
        self.stdout.write(
            f"{outcome.taken} facts taken in, {outcome.repeated} repeated, {len(outcome.problems)} with a problem,"
            f" in {spent:.1f} s."
        )
        if outcome.problems:
            self._name(outcome)
            sys.exit(1)

    def _name(self, outcome: replay.Outcome) -> None:
        for number, reason in outcome.problems:
            self.stderr.write(f"line {number}: {reason}")


def _shown(lines: Iterator[str], bar: "tqdm[Any]") -> Iterator[str]:
    for line in lines:
        bar.update(len(line))
        yield line
