"""Kombu's broker in a folder, without its race: a message there is always a whole one.

Kombu opens a message's file and writes it afterwards; a reader in between takes an empty file away, the message is lost
and the worker dies of it (seen within six minutes of a demo). Here a message gets its name once it is written, and
queues are bound, and tables of bindings read, under one lock for all threads and processes.
"""

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

SCHEME = "folder"


class Channel(filesystem.Channel):
    """Messages as files that appear whole, in the order of the clock."""

    def _put(self, queue: str, payload: Any, **_more: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        name = f"{time_ns() // 1_000_000}_{uuid.uuid4()}"
        unfinished = folder / f"{name}.part"
        unfinished.write_text(dumps(payload), encoding="utf-8")  # type: ignore[no-untyped-call]
        unfinished.rename(folder / f"{name}.{queue}.msg")

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder = Path(self.data_folder_in)
        for path in sorted(folder.glob(f"*.{queue}.msg")):
            taken = path.with_suffix(".taken")
            try:
                # Whoever renames it has it; kombu would move it to the machine's folder for everybody's scraps.
                path.rename(taken)
            except FileNotFoundError:
                continue
            text = taken.read_text(encoding="utf-8")
            taken.unlink()
            return loads(text)  # type: ignore[no-untyped-call]
        raise Empty

    def queue_bind(self, *binding: Any, **more: Any) -> None:
        """Bind a queue. One thread at a time: kombu notes the binding first and writes it to the table afterwards, so a
        second thread would publish in between, by a table without the queue, and the message would be gone."""
        with self._alone():
            super().queue_bind(*binding, **more)  # type: ignore[no-untyped-call]

    def get_table(self, exchange: str) -> Any:
        """The bindings of an exchange."""
        with self._alone():
            return super().get_table(exchange)  # type: ignore[no-untyped-call]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        Path(self.control_folder).mkdir(parents=True, exist_ok=True)
        handle = os.open(Path(self.control_folder) / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


class Transport(filesystem.Transport):
    """The folder transport of kombu with our channel."""

    Channel = Channel


def register() -> None:
    """Make `folder://` known to kombu."""
    TRANSPORT_ALIASES[SCHEME] = "oee_site.broker:Transport"
