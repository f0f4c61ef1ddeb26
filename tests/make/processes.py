"""Jobline's processes as a site runs them: each started for real, on the database of the tests, and ended by its pid."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
_WORKERS = (("worker", "erp"), ("worker", "inbox"), ("worker", "rollup"))
# What the one command does for its workers, without the rest of it.
_EMBEDDED = """
import asyncio
from pathlib import Path
from apps.flow import worker

async def live():
    await asyncio.gather(*(worker.supervise(name, Path.cwd(), Path({data!r})) for name in worker.WORKERS))

asyncio.run(live())
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Site:
    """The processes of one site. A context manager: at the end all of them are gone."""

    def __init__(self, **more_env: str) -> None:
        self.data = Path(tempfile.mkdtemp(prefix="jobline-site-"))
        self.port = free_port()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.env = {
            **os.environ,
            **_database_env(self.data),
            "JOBLINE_DATA": str(self.data),
            "SITE_PREFIX": self.data.name,
        }
        # The browser tests' permission is theirs alone: a web process refuses to start with it.
        self.env.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
        self.env |= {"SECRET_KEY": settings.SECRET_KEY, "LOG_LEVEL": "INFO", **more_env}
        for folder in ("queue/control", "queue/done", "spool"):
            (self.data / folder).mkdir(parents=True)

    def __enter__(self) -> "Site":
        return self

    def __exit__(self, *_problem: object) -> None:
        for process in self.processes.values():
            _end(process)
        shutil.rmtree(self.data, ignore_errors=True)

    def web(self) -> None:
        """Daphne with the options of deploy/web, without its check; returns once it answers."""
        options = ["--websocket_timeout=-1", "--ping-interval", "15", "--ping-timeout", "20"]
        options += ["--websocket-max-message-size", "65536", "--websocket-max-frame-size", "65536"]
        self._start(
            "web", "-m", "daphne", "-b", "127.0.0.1", "-p", str(self.port), *options, "oee_site.asgi:application"
        )
        self._wait_for_web()

    def ingester(self) -> None:
        """The poller with its spool."""
        self._start("ingester", "manage.py", "ingest", "--spool", str(self.data / "spool" / "all.db"))

    def as_deployed(self) -> None:
        """Web, the workers and beat by the very scripts that unit files and containers run."""
        self.env |= {"PORT": str(self.port), "PATH": f"{Path(sys.executable).parent}:{self.env['PATH']}"}
        for name, *arguments in (("web",), *_WORKERS, ("beat",)):
            self._open(" ".join((name, *arguments)), [str(ROOT / "deploy" / name), *arguments])
        self._wait_for_web()

    def worker(self) -> None:
        """Celery, one process."""
        self._start("worker", "-m", "celery", "--quiet", "-A", "oee_site", "worker", "-P", "solo", "-l", "WARNING")

    def embedded_workers(self) -> None:
        """The workers of the one command, kept alive as there; they die with the process that keeps them."""
        self._start("workers", "-c", _EMBEDDED.format(data=str(self.data)))

    def beat(self) -> None:
        """Celery's clock."""
        schedule = str(self.data / "beat")
        self._start("beat", "-m", "celery", "--quiet", "-A", "oee_site", "beat", "-s", schedule, "-l", "WARNING")

    def kill(self, name: str) -> None:
        """kill -9, as a power cut would."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def log(self, name: str) -> str:
        """What a process has said."""
        return (self.data / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def _start(self, name: str, *arguments: str) -> None:
        self._open(name, [sys.executable, *arguments])

    def _open(self, name: str, command: list[str]) -> None:
        with (self.data / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )

    def _wait_for_web(self, within: float = 30) -> None:
        until = time.monotonic() + within
        while time.monotonic() < until:
            with (
                contextlib.suppress(urllib.error.URLError, ConnectionError),
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/login/", timeout=5),
            ):
                return
            assert self.processes["web"].poll() is None, self.log("web")
            time.sleep(0.05)
        raise AssertionError(self.log("web"))


def _database_env(data: Path) -> dict[str, str]:
    """The tests' own database, for another process: its URL, or its file under the name that a data folder has."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "postgresql":
        parts = urlsplit(settings.DATABASE_URL)
        return {"DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}"))}
    (data / "jobline.sqlite3").symlink_to(name)
    return {}


def _end(process: "subprocess.Popen[bytes]") -> None:
    """SIGTERM, and after a while SIGKILL, to the process and whatever it started."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
