"""Which state a machine is in (SEMANTICS.md §3): debounce, no_signal, and how changes are dated."""

from apps.downtime.rules import state_spans
from apps.shared.instants import SECOND
from apps.states.rules import step, tail
from apps.states.types import Change, Limits, LineNow, Sample, State

Seen = tuple[float, bool] | tuple[float, bool, int] | tuple[float, None]


def fold(*seen: Seen, debounce: float = 0, stale: float = 100) -> tuple[list[Change], LineNow, Limits]:
    """The certain changes, and what is known after them; (at, None) is a poll that failed."""
    limits = Limits(debounce_us=round(debounce * SECOND), stale_after_us=round(stale * SECOND))
    now = LineNow()
    changes: list[Change] = []
    for row in seen:
        at = round(row[0] * SECOND)
        sample = Sample(at, good=False) if row[1] is None else Sample(at, running=row[1], fault=(*row, 0)[2])
        done = step(now, sample, limits)
        now = done.now
        changes += done.changes
    return changes, now, limits


def states(*seen: Seen, until: float, debounce: float = 0, stale: float = 100) -> list[tuple[float, float, str]]:
    """The whole timeline up to an instant, in seconds, as a report at that instant shows it."""
    changes, now, limits = fold(*seen, debounce=debounce, stale=stale)
    end = round(until * SECOND)
    told = sorted([*changes, *tail(now, end, limits)], key=lambda change: change.at)
    return [(span.start / SECOND, span.end / SECOND, span.state) for span in state_spans(told, end)]


class TestNoSignal:
    def test_silence_of_stale_after_is_still_known(self) -> None:
        assert states((0, True), (100, False), until=110) == [(0, 100, "running"), (100, 110, "stopped")]

    def test_a_microsecond_more_is_unknown_from_the_earlier_sample_on(self) -> None:
        assert states((0, True), (100.000001, True), until=110) == [
            (0, 100.000001, "no_signal"), (100.000001, 110, "running"),
        ]  # fmt: skip

    def test_failed_polls_do_not_end_a_silence(self) -> None:
        assert states((0, True), (60, None), (120, True), until=120.5) == [
            (0, 120, "no_signal"), (120, 120.5, "running"),
        ]  # fmt: skip

    def test_silence_until_now_is_dated_from_the_last_good_sample(self) -> None:
        assert states((0, True), (50, True), (90, None), until=150) == [(0, 150, "running")]
        assert states((0, True), (50, True), (90, None), until=150.000001) == [
            (0, 50, "running"), (50, 150.000001, "no_signal"),
        ]  # fmt: skip

    def test_nothing_is_known_before_the_first_good_sample(self) -> None:
        changes, now, limits = fold((0, None), (10, None))
        assert (changes, now.first_good_at, tail(now, 500 * SECOND, limits)) == ([], None, ())
        assert states((0, None), (10, True), until=20) == [(10, 20, "running")]

    def test_the_first_state_after_a_silence_counts_at_once(self) -> None:
        assert states((0, True), (200, False), (202, True), until=210, debounce=5) == [
            (0, 200, "no_signal"), (200, 202, "stopped"), (202, 210, "running"),
        ]  # fmt: skip


class TestDebounce:
    def test_a_change_that_holds_is_dated_to_its_first_sample(self) -> None:
        seen = [(0, True), (20, False), (22, False), (25, True), (60, True)]
        assert states(*seen, until=60, debounce=5) == [
            (0, 20, "running"), (20, 25, "stopped"), (25, 60, "running"),
        ]  # fmt: skip

    def test_a_shorter_one_leaves_the_state_as_it_was(self) -> None:
        assert states((0, True), (20, False), (24.999999, True), until=60, debounce=5) == [(0, 60, "running")]

    def test_holding_up_to_the_next_sample_is_enough(self) -> None:
        # seen once at 20, and nothing else until 25: it has held for 5 s
        assert states((0, True), (20, False), (25, True), (40, True), until=40, debounce=5)[1] == (20, 25, "stopped")

    def test_holding_until_now_is_enough(self) -> None:
        assert states((0, True), (20, False), until=24.999999, debounce=5) == [(0, 24.999999, "running")]
        assert states((0, True), (20, False), until=25, debounce=5) == [(0, 20, "running"), (20, 25, "stopped")]

    def test_the_interval_starts_again_after_a_change_that_was_withdrawn(self) -> None:
        seen = [(0, True), (10, False), (12, True), (13, False), (16, True), (30, True)]
        assert states(*seen, until=30, debounce=5) == [(0, 30, "running")]

    def test_a_pending_change_dies_in_a_silence(self) -> None:
        # stopped was seen once, at 99, and then nothing for longer than 100 s
        assert states((0, True), (98, True), (99, False), (300, True), until=310, debounce=5) == [
            (0, 99, "running"), (99, 300, "no_signal"), (300, 310, "running"),
        ]  # fmt: skip


class TestFaults:
    def test_a_code_that_changes_makes_a_change_of_its_own_and_a_running_machine_has_none(self) -> None:
        changes, *_ = fold((0, False, 0), (5, False, 7), (6, False, 7), (9, False, 12), (12, True, 12), (15, False))
        assert changes == [
            Change(0, State.STOPPED, 0), Change(5 * SECOND, State.STOPPED, 7), Change(9 * SECOND, State.STOPPED, 12),
            Change(12 * SECOND, State.RUNNING, 0), Change(15 * SECOND, State.STOPPED, 0),
        ]  # fmt: skip

    def test_codes_seen_while_a_stop_was_pending_belong_to_it(self) -> None:
        changes, *_ = fold((0, True), (10, False, 0), (12, False, 7), (16, False, 9), debounce=5)
        assert changes[1:] == [
            Change(10 * SECOND, State.STOPPED, 0), Change(12 * SECOND, State.STOPPED, 7),
            Change(16 * SECOND, State.STOPPED, 9),
        ]  # fmt: skip

    def test_codes_seen_while_a_start_was_pending_belong_to_the_stop_that_went_on(self) -> None:
        changes, *_ = fold((0, False, 0), (10, True, 7), (12, False, 7), (30, False, 7), debounce=5)
        assert changes == [Change(0, State.STOPPED, 0), Change(10 * SECOND, State.STOPPED, 7)]


class TestSpans:
    def test_a_fault_does_not_cut_a_stop_and_the_first_code_is_its_own(self) -> None:
        changes = [Change(0, State.STOPPED, 0), Change(5, State.STOPPED, 7), Change(9, State.STOPPED, 12)]
        assert state_spans(changes, 20) == [(0, 20, "stopped", 7)]

    def test_a_state_without_time_before_a_silence_is_left_out(self) -> None:
        changes = [Change(0, State.RUNNING, 0), Change(5, State.STOPPED, 7), Change(5, State.NO_SIGNAL, 0)]
        assert [span[:3] for span in state_spans(changes, 20)] == [(0, 5, "running"), (5, 20, "no_signal")]

    def test_silences_that_touch_are_one(self) -> None:
        changes = [Change(0, State.NO_SIGNAL, 0), Change(5, State.RUNNING, 0), Change(5, State.NO_SIGNAL, 0)]
        assert [span[:3] for span in state_spans(changes, 20)] == [(0, 20, "no_signal")]

    def test_nothing_lies_beyond_until(self) -> None:
        assert [span[:3] for span in state_spans([Change(0, State.RUNNING, 0), Change(9, State.STOPPED, 0)], 9)] == [
            (0, 9, "running")
        ]
