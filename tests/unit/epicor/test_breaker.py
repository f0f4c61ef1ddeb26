"""When Epicor is left alone, and how fast it is asked."""

from itertools import pairwise

import pytest

from apps.epicor.breaker import OPENS_AT, Pace, State, verdict, wait_after
from apps.shared.instants import SECOND

T = 1_000 * SECOND


class TestVerdict:
    @pytest.mark.parametrize("failures", range(OPENS_AT))
    def test_a_blip_does_not_open_it(self, failures: int) -> None:
        assert verdict(failures=failures, tried_at=T, now=T, seed="A").state is State.CLOSED

    def test_opens_then_lets_one_try_through(self) -> None:
        opened = verdict(failures=OPENS_AT, tried_at=T, now=T, seed="A")

        assert opened.state is State.OPEN
        assert verdict(failures=OPENS_AT, tried_at=T, now=opened.next_try - 1, seed="A").state is State.OPEN
        assert verdict(failures=OPENS_AT, tried_at=T, now=opened.next_try, seed="A").state is State.HALF_OPEN

    def test_waits_longer_each_time_but_never_longer_than_six_minutes(self) -> None:
        waits = [wait_after(failures, "A") for failures in range(OPENS_AT, 40)]

        assert 4 * SECOND <= waits[0] <= 6 * SECOND
        assert all(later > earlier for earlier, later in pairwise(waits[:6]))
        assert max(waits) <= 360 * SECOND

    def test_companies_do_not_try_at_the_same_instant(self) -> None:
        assert len({wait_after(6, f"company {number}") for number in range(20)}) > 10

    def test_the_same_company_always_waits_the_same(self) -> None:
        assert wait_after(5, "A") == wait_after(5, "A")


class TestPace:
    def test_a_burst_is_free_and_then_it_waits(self) -> None:
        pace = Pace(per_second=10, burst=3)

        assert [pace.wait(0.0) for _ in range(3)] == [0, 0, 0]
        assert pace.wait(0.0) == pytest.approx(0.1)
        assert pace.wait(0.0) == pytest.approx(0.2)

    def test_tokens_come_back(self) -> None:
        pace = Pace(per_second=10, burst=1)
        pace.wait(0.0)

        assert pace.wait(0.1) == pytest.approx(0)

    def test_refuses_without_taking(self) -> None:
        pace = Pace(per_second=2, burst=1)

        assert pace.allows(0.0) == 0
        assert pace.allows(0.0) == pytest.approx(0.5)
        assert pace.allows(0.5) == 0

    def test_a_clock_that_goes_back_gives_nothing(self) -> None:
        pace = Pace(per_second=2, burst=1)
        pace.allows(10.0)

        assert pace.allows(9.0) > 0
