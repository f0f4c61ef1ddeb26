"""The embedded broker: whole messages only, each taken once, whoever writes and reads at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kombu import Connection

from oee_site import broker

WRITERS, READERS, EACH = 4, 2, 50


@pytest.fixture
def options(tmp_path: Path) -> dict[str, object]:
    """A folder of its own."""
    broker.register()
    # What this process has bound is known to all its connections, whatever their folder.
    broker.Transport.global_state.clear()
    for name in ("queue", "control"):
        (tmp_path / name).mkdir()
    queue = str(tmp_path / "queue")
    return {"data_folder_in": queue, "data_folder_out": queue, "control_folder": str(tmp_path / "control")}


class TestFolder:
    def test_gives_each_message_to_one_reader_while_others_write(self, options: dict[str, object]) -> None:
        got: list[tuple[int, int]] = []
        is_over = threading.Event()

        with ThreadPoolExecutor(WRITERS + READERS) as threads:
            jobs = [threads.submit(_write, options, number) for number in range(WRITERS)]
            jobs += [threads.submit(_read, options, got, is_over) for _ in range(READERS)]
            is_over.wait(20)
            is_over.set()

        assert [job.exception() for job in jobs] == [None] * (WRITERS + READERS)
        assert sorted(got) == [(writer, number) for writer in range(WRITERS) for number in range(EACH)]

    def test_an_unfinished_message_is_not_seen(self, options: dict[str, object]) -> None:
        (Path(str(options["data_folder_in"])) / "1_x.part").write_text("")

        with _open(options) as link:
            queue = link.SimpleQueue("erp")
            with pytest.raises(queue.Empty):
                queue.get(timeout=0.1)
            queue.close()


def _open(options: dict[str, object]) -> Connection:
    return Connection("folder://localhost//", transport_options={**options, "polling_interval": 0.01})


def _write(options: dict[str, object], writer: int) -> None:
    with _open(options) as link:
        queue = link.SimpleQueue("erp")
        for number in range(EACH):
            queue.put([writer, number])
        queue.close()


def _read(options: dict[str, object], got: list[tuple[int, int]], is_over: threading.Event) -> None:
    with _open(options) as link:
        queue = link.SimpleQueue("erp")
        while not is_over.is_set():
            try:
                message = queue.get(timeout=0.2)
            except queue.Empty:
                continue
            message.ack()
            got.append(tuple(message.payload))
            if len(got) == WRITERS * EACH:
                is_over.set()
        queue.close()
