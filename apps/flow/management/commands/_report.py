"""What the report commands share: a window, a format, one clear sentence for a bad argument."""

import gc
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.flow.printing import FORMATS, render
from apps.flow.reporting import UnknownLine, now_or
from apps.shared.clock import now_us
from apps.shared.instants import parse_us


def instant(text: str) -> int:
    """An instant from the command line."""
    try:
        return parse_us(text)
    except ValueError as wrong:
        raise ArgumentTypeError(str(wrong)) from None


class ReportCommand(BaseCommand):
    """Prints rows; exit code 0, or 1 with one sentence where the question makes no sense."""

    requires_system_checks: list[str] = []

    def add_window(self, parser: CommandParser) -> None:
        """--from and --to."""
        parser.add_argument(
            "--from", dest="start", type=instant, required=True, metavar="T", help="first instant, ISO 8601"
        )
        parser.add_argument("--to", dest="end", type=instant, required=True, metavar="T", help="first instant after it")

    def add_format(self, parser: CommandParser) -> None:
        """--format."""
        parser.add_argument("--format", choices=FORMATS, default="table", help="how to print (default: table)")

    def rows(self, *, now: int, **options: Any) -> list[dict[str, Any]]:
        """The rows to print."""
        raise CommandError("This command prints nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the rows as they are now (or at the replayed instant)."""
        if options.get("start") is not None and options["end"] <= options["start"]:
            raise CommandError("--to must be later than --from.")
        # What was loaded so far stays: not to look through it for garbage halves the time of a report of thousands of rows.
        gc.freeze()
        try:
            found = self.rows(now=now_or(now_us()), **options)
        except UnknownLine as wrong:
            raise CommandError(str(wrong)) from None
        self.stdout.write(render(found, options["format"]))
