"""What the house rules are checked against: the tracked files, their syntax trees, and the layers of pyproject.toml."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that git tracks and that is there, relative to the root."""
    # Who runs the tests need not own the clone.
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return tuple(Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file())


def modules(*folders: str) -> Iterator[Path]:
    """The Python files below these folders, without migrations."""
    for path in tracked():
        if path.suffix == ".py" and path.parts[0] in folders and "migrations" not in path.parts:
            yield path


def source(path: Path) -> str:
    """The text of a tracked file."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(source(path), filename=str(path))


@cache
def pyproject() -> dict[str, Any]:
    """pyproject.toml, read."""
    return tomllib.loads(source(Path("pyproject.toml")))


@cache
def layers() -> tuple[frozenset[str], ...]:
    """The apps from the top down; those in one set are blind to each other."""
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    written = next(contract["layers"] for contract in contracts if contract["id"] == "apps")
    return tuple(frozenset(re.split(r"\s*\|\s*", layer)) for layer in written)
