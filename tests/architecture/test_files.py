"""Names, sizes and docstrings of files."""

import ast
from pathlib import Path

from django.apps import apps

from tests.architecture.tree import modules, source, tracked, tree_of

LONGEST = 400
# They hold whatever nobody had a name for; each such thing has a place.
BANNED = {
    "utils",
    "util",
    "helpers",
    "helper",
    "services",
    "service",
    "constants",
    "signals",
    "managers",
    "misc",
    "common",
}
# What a person or another app calls: its docstring says what comes back, in which unit, and what it raises.
DESCRIBED = {"operations", "queries", "models", "rules", "types"}


def is_described(path: Path) -> bool:
    """Whether every public name of the module needs a docstring."""
    if path.parts[0] != "apps":
        return False
    return path.stem in DESCRIBED or (path.parts[1] == "flow" and len(path.parts) == 3 and path.stem != "apps")


def public_of(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """The functions and classes of a module whose names don't start with an underscore."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")]


class TestFiles:
    def test_no_file_is_too_long(self) -> None:
        lengths = {
            str(path): source(path).count("\n") for path in modules("apps", "oee_site", "tests", "bench", "deploy")
        }

        assert {path: length for path, length in lengths.items() if length > LONGEST} == {}

    def test_no_file_is_a_drawer_for_anything(self) -> None:
        named = [
            str(path) for path in modules("apps", "oee_site", "tests", "bench") if BANNED & {path.stem, *path.parts}
        ]

        assert named == []

    def test_each_module_says_what_it_is(self) -> None:
        everywhere = modules("apps", "oee_site", "tests", "bench", "deploy")
        silent = [str(path) for path in everywhere if path.name != "apps.py" and _is_silent(path)]

        assert silent == []

    def test_each_public_name_is_described(self) -> None:
        silent = [
            f"{path}: {node.name}"
            for path in modules("apps")
            if is_described(path)
            for node in public_of(tree_of(path))
            if not ast.get_docstring(node)
        ]

        assert silent == []

    def test_each_model_says_what_a_row_is(self) -> None:
        ours = [model for model in apps.get_models() if model.__module__.startswith("apps.")]
        # Django writes "Model(id, field, …)" where there is none.
        silent = [
            model.__name__ for model in ours if not model.__doc__ or model.__doc__.startswith(f"{model.__name__}(")
        ]

        assert ours
        assert silent == []

    def test_tests_are_named_as_pytest_finds_them(self) -> None:
        lost = [
            str(path)
            for path in tracked()
            if path.parts[0] == "tests" and path.suffix == ".py" and not path.name.startswith(("test_", "conftest"))
            if any(isinstance(node, ast.FunctionDef) and node.name.startswith("test_") for node in tree_of(path).body)
        ]

        assert lost == []


def _is_silent(path: Path) -> bool:
    """Whether a module has something in it and no docstring."""
    tree = tree_of(path)
    return bool(tree.body) and not ast.get_docstring(tree)
