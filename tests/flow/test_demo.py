"""The one command: it lives within seconds, ends at once, leaves nothing behind, and says in a sentence what is in the way."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from tests.make.processes import ROOT, free_port
from tests.make.sockets import open_socket
from tests.make.visitors import Visitor

pytestmark = pytest.mark.slow
LINES = 2


class Demo:
    """`manage.py demo` as somebody starts it in a terminal."""

    def __init__(self, data: Path, *more: str) -> None:
        self.data, self.port = data, free_port()
        self.log = data.with_suffix(".log")
        command = [sys.executable, "manage.py", "demo", "--port", str(self.port), "--data", str(data)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--lines", str(LINES), *more], cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        for pid in self.family():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def wait(self, within: float = 120) -> None:
        """Until it says where it is."""
        until = time.monotonic() + within
        while "Ctrl-C ends it" not in self.log.read_text(encoding="utf-8"):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.05)

    def board(self, slug: str = "mill-1") -> dict[str, object]:
        """What the board of a line hears first, once somebody has signed in."""
        visitor = Visitor(self.port)
        logins = json.loads((self.data / "demo.json").read_text())["logins"]
        visitor.sign_in("supervisor", logins["supervisor"])

        async def listen() -> dict[str, object]:
            async with open_socket(self.port, f"/ws/board/{slug}/", cookie=visitor.cookie) as socket:
                return await socket.message()

        return asyncio.run(listen())

    def family_of(self, count: int, within: float = 30) -> list[int]:
        """The same, once they are so many."""
        until = time.monotonic() + within
        while len(found := self.family()) < count:
            assert time.monotonic() < until, found
            time.sleep(0.05)
        return found

    def family(self) -> list[int]:
        """Its process and everything that it started, however deep."""
        found, waiting = [], [self.process.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            children = Path(f"/proc/{pid}/task/{pid}/children")
            waiting += [int(child) for child in children.read_text().split()] if children.exists() else []
        return found


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A folder for a demo."""
    return tmp_path / "var"


def _gone(pids: list[int], within: float) -> bool:
    until = time.monotonic() + within
    while any(_lives(pid) for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


class TestDemo:
    def test_lives_ends_goes_on_and_leaves_nothing(self, data: Path) -> None:
        with Demo(data) as first:
            first.wait()
            assert first.board()["line"] == "mill-1"
            # Itself, the two workers, and the beat of one.
            family = first.family_of(4)
            first.process.send_signal(signal.SIGINT)
            assert first.process.wait(10) == 0
            assert _gone(family, 3)

        began = time.monotonic()
        with Demo(data) as second:
            second.wait(30)
            took = time.monotonic() - began
            board = second.board()
            family = second.family_of(4)
            second.process.send_signal(signal.SIGKILL)
            second.process.wait()

        assert board["line"] == "mill-1"
        assert took < 20, "the history is not told twice"
        # Nobody could end the workers: they noticed by themselves that their parent is gone.
        assert _gone(family, 5)


class TestInTheWay:
    def _says(self, *options: str) -> str:
        command = [sys.executable, "manage.py", "demo", *options]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
        assert ended.returncode == 2
        assert ended.stderr.count("\n") == 1, ended.stderr
        return ended.stderr

    def test_a_busy_port(self, data: Path) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])

            assert self._says("--data", str(data), "--port", port).startswith(f"Port {port} can't be used")

    def test_no_port_at_all(self, data: Path) -> None:
        assert "Port 99999 can't be used" in self._says("--data", str(data), "--port", "99999")

    def test_a_folder_that_is_a_file(self, data: Path) -> None:
        data.write_text("")

        assert "can't be written" in self._says("--data", str(data))

    def test_a_folder_in_which_nobody_may_write(self) -> None:
        assert "can't be written" in self._says("--data", "/proc/jobline")
