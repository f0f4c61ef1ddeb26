"""From the spool to the server: in order, once in effect, through every kind of absence."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from apps.plc.feed import Entry
from apps.plc.forwarder import Forwarder, Rows
from apps.plc.spool import Spool


class Server:
    """What a database would do: takes rows beyond its cursor, forgets some when restored, is away when told so."""

    def __init__(self) -> None:
        self.cursors: dict[str, int] = {}
        self.taken: list[tuple[str, int]] = []
        self.batches: list[int] = []
        self.is_away = False
        self.lose_reply = False
        self.lock = threading.Lock()

    def cursor_of(self, spool_id: str) -> int:
        if self.is_away:
            raise ConnectionError("away")
        return self.cursors.get(spool_id, 0)

    def deliver(self, spool_id: str, rows: Rows) -> int:
        with self.lock:
            if self.is_away:
                raise ConnectionError("away")
            fresh = [seq for seq, _ in rows if seq > self.cursors.get(spool_id, 0)]
            self.taken += [(spool_id, seq) for seq in fresh]
            self.batches.append(len(rows))
            self.cursors[spool_id] = max([self.cursors.get(spool_id, 0), *fresh])
            if self.lose_reply:
                self.lose_reply = False
                raise ConnectionError("commit sent, reply lost")
            return self.cursors[spool_id]

    def seqs(self) -> list[int]:
        return [seq for _, seq in self.taken]


def until(holds: Callable[[], bool], within_s: float = 20) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "plant.db")
    yield spool
    spool.close()


@pytest.fixture
def forwarder(spool: Spool, server: Server) -> Iterator[Forwarder]:
    forwarder = Forwarder(spool, deliver=server.deliver, cursor_of=server.cursor_of, batch=50, backoff_s=(0.01, 0.05))
    forwarder.start()
    yield forwarder
    forwarder.stop()


def put(spool: Spool, count: int) -> None:
    spool.put([Entry("mill-1", n, "{}", "{}", facts=True) for n in range(count)])


class TestForwarder:
    def test_rows_arrive_in_order_and_in_batches(self, spool: Spool, server: Server, forwarder: Forwarder) -> None:
        put(spool, 120)
        until(lambda: len(server.taken) == 120)

        assert server.seqs() == list(range(1, 121))
        assert max(server.batches) <= 50
        until(lambda: spool.acked == 120)

    def test_a_row_arrives_soon_after_it_is_durable(self, spool: Spool, server: Server, forwarder: Forwarder) -> None:
        put(spool, 1)
        until(lambda: len(server.taken) == 1)
        started = time.monotonic()

        put(spool, 1)
        until(lambda: len(server.taken) == 2)

        assert time.monotonic() - started < 0.5

    def test_what_came_while_the_server_was_away_arrives_once(
        self, spool: Spool, server: Server, forwarder: Forwarder
    ) -> None:
        with capture_logs() as logs:
            put(spool, 10)
            until(lambda: len(server.taken) == 10)
            server.is_away = True
            put(spool, 200)
            time.sleep(0.2)
            server.is_away = False
            until(lambda: len(server.taken) == 210)

        assert server.seqs() == list(range(1, 211))
        assert [entry["event"] for entry in logs] == [
            "server does not take rows: they wait in the spool",
            "server takes rows again",
        ]

    def test_a_lost_reply_makes_no_doubles(self, spool: Spool, server: Server, forwarder: Forwarder) -> None:
        server.lose_reply = True
        put(spool, 75)
        until(lambda: spool.acked == 75)

        assert server.seqs() == list(range(1, 76))

    def test_a_server_restored_from_a_backup_is_filled_again(
        self, spool: Spool, server: Server, forwarder: Forwarder
    ) -> None:
        put(spool, 100)
        until(lambda: spool.acked == 100)
        server.is_away = True
        put(spool, 1)
        time.sleep(0.05)
        server.cursors[spool.spool_id] = 40
        server.taken = [one for one in server.taken if one[1] <= 40]

        server.is_away = False
        until(lambda: len(server.taken) == 101)

        assert server.seqs() == list(range(1, 102))

    def test_a_spool_older_than_the_server_s_cursor_renumbers_itself(self, spool: Spool, server: Server) -> None:
        before = spool.spool_id
        put(spool, 5)
        server.cursors[before] = 900
        forwarder = Forwarder(spool, deliver=server.deliver, cursor_of=server.cursor_of)
        forwarder.start()
        until(lambda: len(server.taken) == 5)
        forwarder.stop()

        assert spool.spool_id != before
        assert {spool_id for spool_id, _ in server.taken} == {spool.spool_id}

    def test_a_server_that_takes_nothing_is_not_believed(self, spool: Spool, server: Server) -> None:
        put(spool, 3)
        forwarder = Forwarder(spool, deliver=lambda _id, _rows: 0, cursor_of=server.cursor_of, backoff_s=(0.01, 0.02))
        forwarder.start()
        until(lambda: not forwarder.is_connected and spool.last_seq == 3)
        time.sleep(0.05)
        forwarder.stop()

        assert spool.acked == 0
        assert forwarder.delivered == 0
