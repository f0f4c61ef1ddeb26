"""What has one door: the clock at the entry points, the crossing into async, effects without signals."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import modules, tree_of

ANNOUNCE = Path("apps/shared/announce.py")


def imports_of(path: Path) -> Iterator[str]:
    """The full names that a module imports, wherever in it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


class TestDoors:
    def test_nothing_hangs_on_model_signals(self) -> None:
        banned = ("django.db.models.signals", "django.dispatch", "django.core.signals")
        users = [str(path) for path in modules("apps") if any(name.startswith(banned) for name in imports_of(path))]

        assert users == []

    def test_only_announce_crosses_into_async(self) -> None:
        users = [
            str(path)
            for path in modules("apps")
            if "asgiref.sync.async_to_sync" in imports_of(path) and path != ANNOUNCE
        ]

        assert users == []

    def test_no_model_overrides_save_or_delete(self) -> None:
        overrides = [
            f"{path}: {node.name}.{method.name}"
            for path in modules("apps")
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.ClassDef) and path.stem == "models"
            for method in node.body
            if isinstance(method, ast.FunctionDef) and method.name in {"save", "delete"}
        ]

        assert overrides == []

    def test_tasks_and_commands_only_call_down(self) -> None:
        """They reach the database through a query or a flow function, never by a manager of their own."""
        entries = [path for path in modules("apps") if path.stem == "tasks" or "commands" in path.parts]
        touching = [
            f"{path}:{node.lineno}"
            for path in entries
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.Attribute) and node.attr == "objects"
        ]

        assert touching == []
