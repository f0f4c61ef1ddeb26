"""The spool file by itself: what is durable, what is thrown away, and what happens to a bad or copied file."""

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from apps.plc.feed import Entry
from apps.plc.spool import Spool, SpoolBusy


def row(n: int, slug: str = "mill-1", *, facts: bool = True) -> Entry:
    return Entry(slug, n, f'{{"n":{n}}}', f'{{"now":{n}}}', facts)


def until(holds: Callable[[], bool], within_s: float = 20) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool" / "plant.db"


@pytest.fixture
def spool(path: Path) -> Iterator[Spool]:
    spool = Spool(path)
    yield spool
    spool.close()


def numbers(spool: Spool, after: int = 0) -> list[int]:
    return [body["n"] for _, body in spool.rows_after(after)]


class TestPut:
    def test_rows_and_snapshots_are_there_after_opening_again(self, path: Path) -> None:
        first = Spool(path)
        first.put([row(1), row(2)])
        first.put([row(3, "mill-2")])
        first.close()

        again = Spool(path)

        assert again.spool_id == first.spool_id
        assert numbers(again) == [1, 2, 3]
        assert (again.snapshot("mill-1"), again.snapshot("mill-2"), again.snapshot("x")) == ({"now": 2}, {"now": 3}, {})
        again.close()

    def test_signs_of_life_do_not_pile_up(self, spool: Spool) -> None:
        for n in range(50):
            spool.put([row(n, facts=False), row(100 + n, "mill-2", facts=False)])
        until(lambda: spool.snapshot("mill-2") == {"now": 149})

        assert numbers(spool) == [49, 149]

    def test_facts_are_kept_when_a_sign_of_life_follows(self, spool: Spool) -> None:
        spool.put([row(1)])
        spool.put([row(2, facts=False)])
        spool.put([row(3)])
        until(lambda: spool.snapshot("mill-1") == {"now": 3})

        assert numbers(spool) == [1, 3]

    def test_numbers_go_on_after_everything_was_delivered(self, path: Path) -> None:
        first = Spool(path, keep_hours=0)
        first.put([row(n) for n in range(5)])
        first.ack(5)
        first.close()
        with sqlite3.connect(path) as db:
            db.execute("delete from row")
        db.close()

        again = Spool(path)
        again.put([row(9)])
        until(lambda: again.last_seq == 6)

        assert [seq for seq, _ in again.rows_after(0)] == [6]
        again.close()


class TestAck:
    def test_delivered_rows_stay_for_a_restored_server(self, spool: Spool) -> None:
        spool.put([row(1), row(2)])
        spool.ack(2)
        until(lambda: spool.acked == spool.last_seq == 2)

        assert numbers(spool) == [1, 2]

    def test_and_go_when_they_are_old(self, path: Path) -> None:
        hour = 3_600_000_000
        spool = Spool(path, keep_hours=72)
        spool.put([row(0), row(80 * hour), row(100 * hour)])
        spool.ack(3)

        until(lambda: numbers(spool) == [80 * hour, 100 * hour])
        spool.close()


class TestFile:
    def test_two_processes_can_not_share_it(self, spool: Spool, path: Path) -> None:
        with pytest.raises(SpoolBusy, match="in use by another ingester"):
            Spool(path)

    def test_a_damaged_one_is_moved_aside_and_said(self, path: Path) -> None:
        first = Spool(path)
        first.put([row(n) for n in range(500)])
        first.close()
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * 8192)

        with capture_logs() as logs:
            again = Spool(path, now=77)

        assert again.spool_id != first.spool_id
        assert numbers(again) == []
        assert path.with_name("plant.db.damaged-77").exists()
        assert any("begun anew" in entry["event"] for entry in logs)
        again.close()

    def test_so_is_one_that_is_no_database(self, path: Path) -> None:
        path.parent.mkdir()
        path.write_bytes(b"nothing like a database " * 500)

        spool = Spool(path, now=1)
        spool.put([row(1)])
        until(lambda: spool.last_seq == 1)

        spool.close()

    def test_a_copy_is_another_spool(self, path: Path, tmp_path: Path) -> None:
        first = Spool(path)
        first.put([row(1)])
        first.close()
        copy = tmp_path / "copy.db"
        shutil.copy(path, copy)

        second = Spool(copy)

        assert second.spool_id != first.spool_id
        assert numbers(second) == [1]
        second.close()

    def test_lines_are_remembered(self, path: Path) -> None:
        first = Spool(path)
        first.remember({"mill-1": {"table": {"host": "h"}}})
        first.remember({"mill-2": {"table": {"host": "i"}}})
        first.close()

        again = Spool(path)

        assert again.lines() == {"mill-2": {"table": {"host": "i"}}}
        again.close()


class TestFull:
    def test_polling_goes_on_and_nothing_is_half_kept(self, path: Path) -> None:
        """The disk takes no more: rows wait, then are dropped; with room again it goes on from what is durable."""
        spool = Spool(path, max_mb=1, max_waiting=20)
        body = "x" * 3000
        big = Entry("mill-1", 1, f'{{"n":"{body}"}}', '{"now":1}', facts=True)
        with capture_logs() as logs:
            while not spool.blocked:
                spool.put([big])
                # Not more than the disk takes: here it is to be full, not slow.
                until(lambda: spool.blocked or not spool.waiting)
            for _ in range(50):
                spool.put([big])
            assert spool.lost
            assert not spool.resume()

            spool.ack(spool.last_seq)
            with sqlite3.connect(path, timeout=5) as db:
                db.execute("delete from row")
            db.close()
            until(spool.resume)
            spool.put([row(7)])
            until(lambda: spool.snapshot("mill-1") == {"now": 7})

        assert not spool.lost
        assert [entry["event"].partition(":")[0] for entry in logs] == [
            "spool can't write",
            "spool can't keep up",
            "spool writes again",
        ]
        spool.close()
