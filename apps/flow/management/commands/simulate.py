"""`manage.py simulate`: the demo plant's past as a file, its machines on ports, and a simulated Epicor."""

import asyncio
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.shared.clock import now_us
from apps.shared.instants import HOUR, iso
from apps.simulators.demo import program as demo
from apps.simulators.epicor import program as epicor


class Command(BaseCommand):
    help = "Make machines, people and an ERP out of nothing: for demonstrations, trials and tests."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        steps = parser.add_subparsers(dest="what", required=True)
        _history(steps.add_parser("history", help="write a past of the demo plant as a facts file"))
        _machines(steps.add_parser("machines", help="serve the demo plant's machines over Modbus TCP"))
        _epicor(steps.add_parser("epicor", help="REST v2, a control API, and events"))

    def handle(self, *_args: Any, what: str, **options: Any) -> None:
        try:
            getattr(self, f"_{what}")(options)
        except (OSError, ValueError) as problem:
            raise CommandError(str(problem)) from None

    def _history(self, options: dict[str, Any]) -> None:
        count = demo.write_history(_only(demo.HistoryOptions, options))
        self.stdout.write(f"{count} facts in {options['out']}")

    def _machines(self, options: dict[str, Any]) -> None:
        wanted = _only(demo.MachineOptions, options)
        with suppress(KeyboardInterrupt):
            asyncio.run(demo.serve_machines(wanted, clock=now_us, say=self.stdout.write))

    def _epicor(self, options: dict[str, Any]) -> None:
        with suppress(KeyboardInterrupt):
            asyncio.run(epicor.run(_only(epicor.Options, options), say=self.stdout.write))


def _only(kind: Any, options: dict[str, Any]) -> Any:
    """The options that a program takes, of all that Django hands over."""
    return kind(**{name: options[name] for name in kind.__slots__})


def _history(parser: ArgumentParser) -> None:
    parser.add_argument("--days", type=float, default=14)
    parser.add_argument("--end", default=iso(now_us() // HOUR * HOUR), help="the file's last instant (this full hour)")
    parser.add_argument("--out", type=Path, default=Path("facts.jsonl"))
    _plan(parser)


def _machines(parser: ArgumentParser) -> None:
    parser.add_argument("--days", type=float, default=1, help="how long ago their story began")
    parser.add_argument("--port", type=int, default=5020, help="the first port; 0 for any free ones")
    _plan(parser)


def _plan(parser: ArgumentParser) -> None:
    parser.add_argument("--lines", type=int, default=12)
    parser.add_argument("--seed", type=int, default=4512, help="another seed tells another story")
    parser.add_argument("--plant", type=Path, help="write the plant file that goes with it")


def _epicor(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--instance", default="KineticDemo")
    parser.add_argument("--user", default="jobline")
    parser.add_argument("--password", default="simulated")
    parser.add_argument("--api-key", default="simulated-key")
    parser.add_argument("--events-url", default="", help="where Jobline takes events; none are sent without it")
    parser.add_argument("--events-key", default="", help="the key that `manage.py epicor key` made")
    parser.add_argument("--events-secret", default="", help="its secret, to sign the posts")
