"""The summaries of completed operations (FORMATS.md §4)."""

from typing import Any

from django.core.management.base import CommandParser

from apps.flow.management.commands._report import ReportCommand
from apps.flow.reporting import summary_rows


class Command(ReportCommand):
    help = "Print the summaries in force: figures, first losses and runs of every completed operation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--job", metavar="JobNum", help="only this job")
        self.add_format(parser)

    def rows(self, *, now: int, **options: Any) -> list[dict[str, Any]]:
        return summary_rows(job=options["job"], now=now)
