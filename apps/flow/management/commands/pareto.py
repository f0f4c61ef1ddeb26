"""The Pareto of losses over a window (FORMATS.md §4)."""

from typing import Any

from django.core.management.base import CommandParser

from apps.flow.management.commands._report import ReportCommand
from apps.flow.reporting import pareto_rows
from apps.oee.pareto import BY


class Command(ReportCommand):
    help = "Print the Pareto of micro-stops, setup and downtime: seconds and stops by reason, category, fault, …"

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_window(parser)
        parser.add_argument("--by", choices=BY, default="reason", help="what a bar is (default: reason)")
        parser.add_argument("--line", metavar="SLUG", help="only this line")
        parser.add_argument("--job", metavar="JobNum", help="only this job")
        parser.add_argument("--measure", choices=("seconds", "stops"), default="seconds", help="what is shared out")
        self.add_format(parser)

    def rows(self, *, now: int, **options: Any) -> list[dict[str, Any]]:
        return pareto_rows(
            by=options["by"], start=options["start"], end=options["end"], line=options["line"], job=options["job"],
            measure=options["measure"], now=now,
        )  # fmt: skip
