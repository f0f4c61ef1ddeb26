"""A test that needs what this machine lacks waits, is listed at the end, and is never skipped in silence.

Tests of storage, locking, broker and layer run on SQLite always, and again on PostgreSQL and Redis where DATABASE_URL
and REDIS_URL name them. `postgres` and `redis` mark what can only run there, `browser` what needs a Chromium.
"""

import os
import shutil
from collections import Counter

import pytest

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_serialized_rollback", "live_server", "client_as"}
HOW = {"Chromium": "have one on the PATH"}


def chromium() -> str | None:
    """The path of a Chromium on this machine, or None."""
    return next((path for name in CHROMIUMS if (path := shutil.which(name))), None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the two options that `deploy/test.sh` and `.ci/run` use."""
    group = parser.getgroup("jobline")
    group.addoption("--nothing-waits", action="store_true", help="fail if a test waits or is skipped (CI)")
    group.addoption("--servers-done", action="store_true", help="PostgreSQL and Redis had a run of their own")


def pytest_configure(config: pytest.Config) -> None:
    """Watch this run."""
    config.pluginmanager.register(Waiting(config))


class Waiting:
    """Sets aside the tests that this machine can't run, and says so at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self.is_strict = config.getoption("--nothing-waits")
        self.servers_done = config.getoption("--servers-done")
        self.waiting: dict[str, list[str]] = {}
        self.skipped: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Mark what the folder or the fixtures say, and set aside what must wait."""
        missing = {marker: what for marker, what in _needs().items() if what}
        kept, aside = [], []
        for item in items:
            _mark(item)
            lacks = next((what for marker, what in missing.items() if item.get_closest_marker(marker)), None)
            if lacks is None:
                kept.append(item)
                continue
            aside.append(item)
            if not (self.servers_done and lacks in {"PostgreSQL", "Redis"}):
                self.waiting.setdefault(lacks, []).append(item.nodeid)
        if aside:
            config.hook.pytest_deselected(items=aside)
            items[:] = kept

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember what was skipped."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped.append(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Where nothing may wait, a test that waits or was skipped is a failure."""
        if self.is_strict and (self.waiting or self.skipped) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The last lines: what waits, and for what."""
        for name in self.skipped if self.is_strict else ():
            terminalreporter.line(f"skipped, and nothing may be: {name}", red=True)
        if not _is_set("DATABASE_URL") and not self.servers_done:
            terminalreporter.line("Storage ran on SQLite, broker and layer without a server; `make services` has both.")
        for what, names in self.waiting.items():
            how = HOW.get(what, "see `make services`")
            tests = "1 test waits" if len(names) == 1 else f"{len(names)} tests wait"
            terminalreporter.line(f"{tests} for {what} ({how}):", yellow=True)
            for path, count in sorted(Counter(name.partition("::")[0] for name in names).items()):
                terminalreporter.line(f"{count:6d}  {path}")


def _needs() -> dict[str, str]:
    """For each marker what this machine lacks for it; empty where it has it."""
    return {
        "postgres": "" if _is_set("DATABASE_URL") else "PostgreSQL",
        "redis": "" if _is_set("REDIS_URL") else "Redis",
        "browser": "" if chromium() else "Chromium",
    }


def _is_set(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def _mark(item: pytest.Item) -> None:
    if item.nodeid.startswith("tests/browser/"):
        item.add_marker("browser")
    if item.get_closest_marker("once"):
        return
    uses = set(getattr(item, "fixturenames", ()))
    if uses & DATABASE_FIXTURES or any(item.get_closest_marker(name) for name in ("django_db", "postgres", "redis")):
        item.add_marker("servers")
