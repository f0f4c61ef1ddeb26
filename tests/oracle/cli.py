"""`python -m tests.oracle oee|pareto|slices|summaries --plant plant.toml --facts facts.jsonl …`, else as FORMATS §4."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tests.oracle import figures, pareto
from tests.oracle.instants import parse
from tests.oracle.world import World, world_of


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests.oracle")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("oee", "pareto", "slices", "summaries"):
        command = commands.add_parser(name)
        command.add_argument("--plant", required=True, type=Path)
        command.add_argument("--facts", required=True, type=Path, action="append", help="may be given again")
        command.add_argument("--format", choices=["json"], default="json")
        if name != "summaries":
            command.add_argument("--from", dest="start", required=True, type=parse)
            command.add_argument("--to", dest="end", required=True, type=parse)
            command.add_argument("--line", required=name == "slices")
        if name in ("pareto", "summaries"):
            command.add_argument("--job")
        if name == "oee":
            command.add_argument("--by", required=True, choices=list(figures.NAMES))
        if name == "pareto":
            by = ["reason", "category", "fault", "line", "part", "operation", "shift"]
            command.add_argument("--by", required=True, choices=by)
            command.add_argument("--measure", choices=["seconds", "stops"], default="seconds")
    return parser


def _rows(world: World, asked: argparse.Namespace) -> list[dict[str, Any]]:
    if asked.command == "oee":
        return figures.oee(world, asked.start, asked.end, asked.by, asked.line)
    if asked.command == "pareto":
        return pareto.pareto(
            world, asked.start, asked.end, asked.by, line=asked.line, job=asked.job, measure=asked.measure
        )
    if asked.command == "slices":
        return figures.slices(world, asked.line, asked.start, asked.end)
    return figures.summaries(world, asked.job)


def main(argv: list[str] | None = None) -> int:
    asked = _parser().parse_args(argv)
    lines = [line for path in asked.facts for line in path.read_text().splitlines()]
    sys.stdout.write(json.dumps(_rows(world_of(asked.plant.read_text(), lines), asked), indent=1) + "\n")
    return 0
