"""The partition of one line's time (FORMATS.md §4)."""

from typing import Any

from django.core.management.base import CommandParser

from apps.flow.management.commands._report import ReportCommand
from apps.flow.reporting import slice_rows


class Command(ReportCommand):
    help = "Print how a line's time was cut: every instant has one bucket, with its operation, reason and stop."

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_window(parser)
        parser.add_argument("--line", metavar="SLUG", required=True, help="which line")
        self.add_format(parser)

    def rows(self, *, now: int, **options: Any) -> list[dict[str, Any]]:
        return slice_rows(line=options["line"], start=options["start"], end=options["end"], now=now)
