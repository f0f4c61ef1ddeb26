"""What people are promised about the project itself: reasons, pins, settings, commands, a tree without leftovers."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import modules, pyproject, source, tracked, tree_of

TEXT = {".py", ".md", ".toml", ".lock", ".sh", ".html", ".css", ".js", ".yaml", ".yml", ".conf", ".service", ".txt", ""}
VENDORED = ("static", "vendor")
READERS = {"text", "flag", "number", "months", "secret", "names"}


def texts() -> list[Path]:
    """Every tracked file that people wrote."""
    return [path for path in tracked() if path.suffix in TEXT and path.parts[:2] != VENDORED]


def pins_of(lock: str) -> dict[str, str]:
    """Name and version of each package in a lock."""
    return dict(re.findall(r"^([a-z0-9][a-z0-9.-]*)==([^ ;\\]+)", source(Path(lock)), re.MULTILINE))


def normal(requirement: str) -> str:
    """The name of a requirement as the locks write it."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    return re.sub(r"[-_.]+", "-", found.group()).lower() if found else requirement


def variables_of(path: Path) -> Iterator[str]:
    """The names that a settings module gives to the readers of oee_site/env.py."""
    for node in ast.walk(tree_of(path)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="env"), attr=reader), args=[ast.Constant(value=str(name)), *_]
            ):
                if reader in READERS:
                    yield name


class TestDependencies:
    def test_each_has_a_reason(self) -> None:
        """A comment on its line: who adds one says why."""
        declared = pyproject()["project"]["dependencies"] + pyproject()["dependency-groups"]["dev"]
        lines = source(Path("pyproject.toml")).splitlines()
        bare = [name for name in declared if not any(f'"{name}",' in line and " # " in line for line in lines)]

        assert declared
        assert bare == []

    def test_each_ignored_rule_has_a_reason(self) -> None:
        block = source(Path("pyproject.toml")).partition("\nignore = [\n")[2].partition("\n]")[0]

        assert [line for line in block.splitlines() if " # " not in line] == []

    def test_locks_hold_what_is_declared(self) -> None:
        run, dev = pins_of("requirements.lock"), pins_of("requirements-dev.lock")

        assert {normal(each) for each in pyproject()["project"]["dependencies"]} <= run.keys()
        assert {normal(each) for each in pyproject()["dependency-groups"]["dev"]} <= dev.keys()
        assert run.items() <= dev.items()

    def test_each_pin_has_hashes(self) -> None:
        for lock in ("requirements.lock", "requirements-dev.lock"):
            entries = re.split(r"(?m)^(?=[a-z0-9])", source(Path(lock)))[1:]

            assert len(entries) == len(pins_of(lock))
            assert all("--hash=sha256:" in entry for entry in entries)


class TestTree:
    def test_no_leftovers(self) -> None:
        words = "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "NotImplemented" + "Error"])
        where = ("apps", "oee_site", "static", "templates", "deploy", "bench")
        found = [
            f"{path}:{number}"
            for path in texts()
            if path.parts[0] in where
            for number, line in enumerate(source(path).splitlines(), 1)
            if re.search(rf"\b({words})\b", line)
        ]

        assert found == []

    def test_no_path_of_a_machine_and_no_package_index(self) -> None:
        """A clone must work anywhere: no home, no scratch folder, no address of one mirror."""
        homes = "|".join(["work", "farm", "root", "tmp", "home", "Users"])
        index = "|".join(["index" + "-url", "extra" + "-index", r"/simple/", "find" + "-links"])
        pattern = re.compile(rf"(?<![\w.])/({homes})/[\w.]|({index})|\.pythonhosted\.|https?://[^ \"]*/debian[/ ]")
        found = [
            f"{path}:{number}: {line.strip()[:80]}"
            for path in texts()
            for number, line in enumerate(source(path).splitlines(), 1)
            if path != Path("tests/architecture/test_project.py") and pattern.search(line)
        ]

        assert found == []

    def test_no_test_is_skipped(self) -> None:
        """What a machine lacks makes a test wait (tests/waiting.py), aloud."""
        marks = re.compile(r"mark\.(skip|skipif|xfail)\b|pytest\.(skip|xfail|importorskip)\(|unittest\.skip")
        found = [
            str(path)
            for path in texts()
            if path.parts[0] == "tests" and path.suffix == ".py" and marks.search(source(path))
        ]

        assert [path for path in found if path != "tests/architecture/test_project.py"] == []


class TestPromises:
    def test_ci_runs_what_the_readme_says(self) -> None:
        ci, readme = source(Path(".ci/run")), source(Path("README.md"))

        for command in ("make test", "make check"):
            assert command in ci
            assert command in readme
        assert "make demo" in readme

    def test_each_environment_variable_is_documented_and_each_documented_one_is_read(self) -> None:
        read = {name for path in modules("oee_site") for name in variables_of(path)}
        written = set(re.findall(r"^\| `([A-Z_]+)`", source(Path("docs/reference/settings.md")), re.MULTILINE))

        assert written == read

    def test_links_between_docs_lead_somewhere(self) -> None:
        there = {str(path) for path in tracked()}
        folders = {str(parent) for path in tracked() for parent in path.parents}
        broken = []
        for path in texts():
            for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", source(path)) if path.suffix == ".md" else ():
                parts = Path(target.rstrip("/")).parts
                folder = list(path.parent.parts)
                for part in parts:
                    folder = folder[:-1] if part == ".." else [*folder, part]
                if "/".join(folder) not in there | folders:
                    broken.append(f"{path}: {target}")

        assert broken == []
