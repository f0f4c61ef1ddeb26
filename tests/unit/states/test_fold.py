"""Properties of the fold, and of the wire format that carries what it makes."""

import itertools
import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.shared.instants import SECOND
from apps.states.rules import step
from apps.states.types import Alert, Change, Delta, Limits, LineFacts, LineNow, Sample, Stepped
from apps.states.wire import decode, decode_now, encode, encode_now

LIMITS = Limits(debounce_us=3 * SECOND, stale_after_us=20 * SECOND, max_rate_per_s=Fraction(2), bits={"total": 16})


@st.composite
def samples(draw: st.DrawFn) -> list[Sample]:
    """Samples of one line in order, a few of them failed, with counters that wrap, jump and restart."""
    at, total = 0, draw(st.sampled_from([0, 65530]))
    found = []
    for _ in range(draw(st.integers(1, 25))):
        at += draw(st.sampled_from([1, SECOND, 2 * SECOND, 3 * SECOND, 11 * SECOND, 20 * SECOND, 20 * SECOND + 1]))
        if draw(st.integers(0, 9)) == 0:
            found.append(Sample(at, good=False))
            continue
        total = (total + draw(st.sampled_from([0, 1, 2, 3, 40, 900]))) % 65536
        shown = draw(st.sampled_from([total, total, total, 0, 3]))
        found.append(
            Sample(
                at, running=draw(st.booleans()), fault=draw(st.sampled_from([0, 0, 7])), total=shown,
                reject=draw(st.sampled_from([None, 0, 1])), restarted=draw(st.integers(0, 12)) == 0,
            )
        )  # fmt: skip
    return found


def fold(seen: list[Sample]) -> tuple[LineNow, list[Stepped]]:
    now, found = LineNow(), []
    for sample in seen:
        done = step(now, sample, LIMITS)
        now = done.now
        found.append(done)
    return now, found


def facts(done: list[Stepped]) -> tuple[list[Change], list[Delta], list[Alert]]:
    return (
        [change for one in done for change in one.changes],
        [delta for one in done for delta in one.deltas],
        [alert for one in done for alert in one.alerts],
    )


@given(samples(), st.data())
def test_repeated_samples_change_nothing(seen: list[Sample], data: st.DataObject) -> None:
    again = []
    for index, sample in enumerate(seen):
        again.append(sample)
        again += [seen[i] for i in data.draw(st.lists(st.integers(0, index), max_size=2))]

    now, done = fold(seen)
    now_again, done_again = fold(again)

    assert now_again == now
    assert facts(done_again) == facts(done)
    assert sum(one.dropped for one in done_again) == len(again) - len(seen)


@given(samples())
def test_a_snapshot_kept_on_the_way_makes_no_difference(seen: list[Sample]) -> None:
    now, made = LineNow(), []
    for sample in seen:
        done = step(decode_now(json.loads(json.dumps(encode_now(now)))), sample, LIMITS)
        now = done.now
        made.append(done)

    assert (now, made) == fold(seen)


@given(samples())
def test_changes_are_in_order_and_each_says_something_new(seen: list[Sample]) -> None:
    changes, deltas, _alerts = facts(fold(seen)[1])

    assert [change.at for change in changes] == sorted(change.at for change in changes)
    assert all(a[1:] != b[1:] or a.at == b.at for a, b in itertools.pairwise(changes))
    assert all(delta.start < delta.end for delta in deltas)


@given(samples())
def test_the_wire_carries_facts_there_and_back(seen: list[Sample]) -> None:
    now, done = fold(seen)
    changes, deltas, alerts = facts(done)
    told = LineFacts("mill-1", tuple(changes), tuple(deltas), tuple(alerts), now)

    assert decode(json.loads(json.dumps(encode(told)))) == told


def test_an_empty_snapshot_is_a_line_of_which_nothing_is_known() -> None:
    assert decode_now({}) == LineNow()
    assert decode_now(encode_now(LineNow())) == LineNow()


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"line": "l", "changes": [], "deltas": [], "alerts": []},
        {"line": "l", "changes": [[1, "running"]], "deltas": [], "alerts": [], "now": {}},
        {"line": "l", "changes": [], "deltas": [[1, 2, 3]], "alerts": [], "now": {}},
        {"line": "l", "changes": [], "deltas": [["a", 2, 3, 4]], "alerts": [], "now": {}},
        {"line": "l", "changes": [], "deltas": [], "alerts": [], "now": {"state": "running"}},
    ],
)
def test_what_is_no_row_of_facts_is_refused_with_a_sentence(broken: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a row of line facts"):
        decode(broken)
