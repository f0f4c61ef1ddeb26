"""One line's polls folded into rows for the spool."""

import json

from apps.plc.decode import Reading
from apps.plc.feed import Entry, LineFeed
from apps.plc.tables import read_table
from apps.shared.instants import SECOND
from apps.states.types import Limits, LineNow
from apps.states.wire import decode

T0 = 1_772_000_000 * SECOND
TABLE = {"host": "h", "signals": {"running": {"coil": 0}, "total": {"holding": 0}, "restarted": {"coil": 1}}}


def feed(**more: object) -> LineFeed:
    return LineFeed("mill-1", read_table(TABLE | more), Limits())


def said(total: int = 0, *, running: bool = True, fault: int = 0, boot: int = 0, beat: int | None = None) -> Reading:
    return Reading(running, fault, total, None, None, boot, beat)


def parts(entries: list[Entry | None]) -> int:
    return sum(delta.good for entry in entries if entry for delta in decode(json.loads(entry.body)).deltas)


class TestCollect:
    def test_a_change_of_state_is_due_at_once(self) -> None:
        one = feed()
        one.take(T0, said(), 0.0)

        entry = one.collect(0.01)

        assert entry is not None
        assert decode(json.loads(entry.body)).changes == ((T0, "running", 0),)

    def test_counts_wait_for_company_and_go_as_one_row(self) -> None:
        one = feed()
        one.take(T0, said(), 0.0)
        one.collect(0.0)
        for n in range(1, 5):
            one.take(T0 + n * SECOND // 10, said(n), n / 10)
            assert one.collect(n / 10) is None

        entry = one.collect(1.2)

        assert entry is not None
        assert [delta.good for delta in decode(json.loads(entry.body)).deltas] == [1, 1, 1, 1]

    def test_a_line_with_no_news_says_every_two_seconds_that_it_lives(self) -> None:
        one = feed()
        one.take(T0, said(), 0.0)
        one.collect(0.0)
        rows = []
        for tenth in range(1, 101):
            one.take(T0 + tenth * SECOND // 10, said(), tenth / 10)
            rows.append(one.collect(tenth / 10))

        alive = [row for row in rows if row]

        assert len(alive) == 5
        assert not any(row.facts for row in alive)

    def test_a_silent_line_says_nothing(self) -> None:
        one = feed()
        one.take(T0, said(), 0.0)
        one.collect(0.0)

        one.take(T0 + 5 * SECOND, None, 5.0)

        assert one.collect(5.0) is None


class TestRestore:
    def test_what_was_not_spooled_is_told_again_in_one_piece(self) -> None:
        one = feed()
        one.take(T0, said(100), 0.0)
        durable = one.collect(0.0)
        assert durable is not None
        for n in range(1, 8):
            one.take(T0 + n * SECOND, said(100 + n), float(n))

        again = feed()
        again.restore(json.loads(durable.snapshot))
        again.take(T0 + 8 * SECOND, said(108), 8.0)

        assert parts([again.collect(8.0, all_of_it=True)]) == 8

    def test_the_server_s_knowledge_counts_where_the_spool_is_new(self) -> None:
        one = feed()
        one.restore({}, LineNow(first_good_at=5, last_at=T0, last_good_at=T0, state="stopped", fault=12))

        one.take(T0 + SECOND, said(running=False, fault=12), 0.0)
        entry = one.collect(3.0, all_of_it=True)

        assert entry is not None
        facts = decode(json.loads(entry.body))
        assert facts.changes == ()
        assert facts.now.first_good_at == 5

    def test_a_counter_that_moved_begins_with_a_new_baseline(self) -> None:
        one = feed()
        one.take(T0, said(100), 0.0)
        durable = one.collect(0.0)
        assert durable is not None

        moved = feed(signals=TABLE["signals"] | {"total": {"holding": 50}})  # type: ignore[operator]
        moved.restore(json.loads(durable.snapshot))
        moved.take(T0 + SECOND, said(104), 1.0)

        assert parts([moved.collect(1.0, all_of_it=True)]) == 0


class TestRestarted:
    def test_a_level_that_stays_on_is_one_restart(self) -> None:
        one = feed()
        one.take(T0, said(100), 0.0)
        for n, total in enumerate((1, 2, 2, 3), start=1):
            one.take(T0 + n * SECOND, said(total, boot=1), float(n))
        one.take(T0 + 5 * SECOND, said(4), 5.0)

        assert parts([one.collect(5.0, all_of_it=True)]) == 4

    def test_a_boot_number_that_changed_is_a_restart(self) -> None:
        one = feed(signals=TABLE["signals"] | {"restarted": {"holding": 7}})  # type: ignore[operator]
        one.take(T0, said(100, boot=41), 0.0)
        one.take(T0 + SECOND, said(3, boot=42), 1.0)
        one.take(T0 + 2 * SECOND, said(4, boot=42), 2.0)

        assert parts([one.collect(2.0, all_of_it=True)]) == 4


class TestTime:
    def test_never_goes_back_when_the_clock_does(self) -> None:
        one = feed()
        one.take(T0, said(100), 0.0)
        one.take(T0 - 3600 * SECOND, said(101), 0.5)
        one.take(T0 - 3599 * SECOND, said(102), 1.0)

        assert one.now.last_at == T0 + 2
        assert parts([one.collect(1.0, all_of_it=True)]) == 2

    def test_a_heartbeat_that_stands_is_no_signal(self) -> None:
        one = feed(heartbeat_ms=2000)
        news = [one.take(T0 + n * SECOND, said(beat=min(n, 2)), float(n)) for n in range(20)]

        assert one.now.last_good_at == T0 + 4 * SECOND
        assert [(item.state, item.since) for item in news if item] == [("running", T0), ("no_signal", T0 + 4 * SECOND)]


class TestLive:
    def test_tells_changes_and_new_parts_only(self) -> None:
        one = feed()
        shown = [
            one.take(T0, said(5), 0.0),
            one.take(T0 + 1 * SECOND, said(5), 1.0),
            one.take(T0 + 2 * SECOND, said(7), 2.0),
            one.take(T0 + 3 * SECOND, said(7, running=False, fault=12), 3.0),
            one.take(T0 + 4 * SECOND, said(7, running=False, fault=13), 4.0),
        ]

        assert [item and (item.state, item.since - T0, item.fault, item.good) for item in shown] == [
            ("running", 0, 0, 0),
            None,
            ("running", 0, 0, 2),
            ("stopped", 3 * SECOND, 12, 0),
            ("stopped", 3 * SECOND, 13, 0),
        ]
