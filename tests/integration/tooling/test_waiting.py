"""A test that this machine can't run is named at the end, and fails the run where nothing may wait."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CASES = """
import pytest

def test_plain(): ...

@pytest.mark.postgres
def test_exclusion(): ...

@pytest.mark.redis
def test_pubsub(): ...

@pytest.mark.browser
def test_screen(): ...
"""


def run_of(folder: Path, *options: str, path: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """What pytest says of the cases above."""
    (folder / "test_cases.py").write_text(CASES)
    without = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_URL", "REDIS_URL"))}
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", folder, "-p", "no:django"]
    return subprocess.run(
        [*command, "-p", "tests.waiting", "-p", "no:cacheprovider", *options, folder / "test_cases.py"],
        cwd=ROOT,
        env={**without, "PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


class TestWaiting:
    def test_says_which_tests_wait_and_for_what(self, tmp_path: Path) -> None:
        result = run_of(tmp_path)

        assert result.returncode == pytest.ExitCode.OK
        assert "1 passed, 3 deselected" in result.stdout
        for what in ("PostgreSQL", "Redis", "Chromium"):
            assert f"1 test waits for {what}" in result.stdout

    def test_runs_them_where_the_machine_has_it(self, tmp_path: Path) -> None:
        result = run_of(tmp_path, DATABASE_URL="postgresql://x@127.0.0.1/x", REDIS_URL="redis://127.0.0.1")

        assert "3 passed, 1 deselected" in result.stdout
        assert "waits for PostgreSQL" not in result.stdout

    def test_fails_where_nothing_may_wait(self, tmp_path: Path) -> None:
        result = run_of(tmp_path, "--nothing-waits")

        assert result.returncode == pytest.ExitCode.TESTS_FAILED

    def test_keeps_quiet_of_servers_that_had_their_run(self, tmp_path: Path) -> None:
        result = run_of(tmp_path, "--servers-done")

        assert "PostgreSQL" not in result.stdout
        assert "1 test waits for Chromium" in result.stdout
