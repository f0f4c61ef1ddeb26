"""`make` on a machine that lacks something: one sentence that says what to do, and a failure; nothing left behind."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
# The Python that made .venv: a venv inside a venv would be of its kind, too.
PYTHON = os.path.realpath(sys.executable)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what set-up reads, and no .venv."""
    shutil.copytree(ROOT / "deploy", tmp_path / "clone" / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path / "clone" / name)
    return tmp_path / "clone"


def made(clone: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What `make setup` says and returns there."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "MAKE"))}
    return subprocess.run(
        ["make", "--silent", "setup"],
        cwd=clone,
        env={**kept, "PYTHON": PYTHON, "PIP_CONFIG_FILE": os.devnull, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def sentences(result: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines of stderr that are ours, not make's."""
    return [line for line in result.stderr.splitlines() if not line.startswith("make")]


class TestSetup:
    def test_python_that_is_too_old(self, clone: Path, tmp_path: Path) -> None:
        bin_dir = tmp_path / "bin"
        bin_dir.mkdir()
        for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
            (bin_dir / name).write_text("#!/bin/sh\nexit 1\n")
            (bin_dir / name).chmod(0o755)

        result = made(clone, PYTHON="", PATH=f"{bin_dir}:{os.environ['PATH']}")

        assert result.returncode
        assert len(sentences(result)) == 1
        assert "Python 3.11 or newer" in sentences(result)[0]

    def test_python_without_its_venv_module(self, clone: Path, tmp_path: Path) -> None:
        (tmp_path / "ensurepip.py").write_text("raise ImportError\n")

        result = made(clone, PYTHONPATH=str(tmp_path))

        assert result.returncode
        assert sentences(result) == [
            "Python's venv module is not installed: run `apt-get install python3-venv` as root, then make again."
        ]
        assert not (clone / ".venv").exists()

    def test_no_network(self, clone: Path) -> None:
        result = made(clone, PIP_INDEX_URL="http://127.0.0.1:9/", PIP_RETRIES="1")

        assert result.returncode
        assert sentences(result)[-1].startswith("The package index can't be reached: connect this machine")
        assert "Traceback" not in result.stderr
        assert not list((clone / ".venv").glob(".installed-*"))

    def test_lock_that_is_installed_already_costs_nothing(self, clone: Path) -> None:
        """A stamp of this lock in this folder: pip is not asked, so no network is needed."""
        (clone / ".venv" / "bin").mkdir(parents=True)
        (clone / ".venv" / "bin" / "python").symlink_to(PYTHON)
        digest = subprocess.run(
            [PYTHON, "-B", "-c", "import setup; print(setup.digest('run'), setup.VENV, sep='\\n')"],
            cwd=clone / "deploy",
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        (clone / ".venv" / ".installed-run").write_text(digest)

        result = made(clone, PIP_INDEX_URL="http://127.0.0.1:9/", PIP_RETRIES="0")

        assert (result.returncode, result.stderr) == (0, "")
