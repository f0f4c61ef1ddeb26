"""OEE over a window by line, operation, job, part, shift or plant (FORMATS.md §4)."""

from typing import Any

from django.core.management.base import CommandParser

from apps.flow.management.commands._report import ReportCommand
from apps.flow.reporting import oee_rows
from apps.oee.groups import BY


class Command(ReportCommand):
    help = (
        "Print OEE over a window: buckets in seconds, parts, and the ratios, one row a key that has any time or parts."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_window(parser)
        parser.add_argument("--by", choices=BY, default="line", help="what a row is (default: line)")
        parser.add_argument("--line", metavar="SLUG", help="only this line")
        self.add_format(parser)

    def rows(self, *, now: int, **options: Any) -> list[dict[str, Any]]:
        return oee_rows(by=options["by"], start=options["start"], end=options["end"], line=options["line"], now=now)
