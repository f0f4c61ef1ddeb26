"""Half-open intervals, and dealing out whole parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.shared.periods import merged, overlap, shares


@pytest.mark.parametrize(
    ("other", "shared"),
    [((0, 10), 0), ((0, 11), 1), ((12, 15), 3), ((19, 40), 1), ((20, 40), 0), ((0, 40), 10), ((10, 20), 10)],
)
def test_overlap_is_the_shared_time_and_never_negative(other: tuple[int, int], shared: int) -> None:
    assert overlap(10, 20, *other) == shared
    assert overlap(*other, 10, 20) == shared


def test_touching_periods_become_one_and_holes_stay() -> None:
    assert merged([(30, 40), (0, 10), (10, 20), (35, 50), (22, 25)]) == [(0, 20), (22, 25), (30, 50)]
    assert merged([(0, 100), (10, 20)]) == [(0, 100)]
    assert merged([]) == []


@pytest.mark.parametrize(
    ("parts", "weights", "dealt"),
    [
        (10, [1, 1, 1], [4, 3, 3]),  # 3.33 each: the odd one goes to the earliest
        (11, [1, 1, 1], [4, 4, 3]),
        (-10, [1, 1, 1], [-4, -3, -3]),  # as 10, with its sign
        (5, [2, 1, 1], [3, 1, 1]),  # 2.5, 1.25, 1.25
        (7, [10, 20, 30], [1, 2, 4]),  # 1.17, 2.33, 3.5
        (1, [1, 9], [0, 1]),
        (1, [5, 5], [1, 0]),
        (-1, [1, 9], [0, -1]),
        (0, [3, 4], [0, 0]),
        (9, [7], [9]),
    ],
)
def test_whole_parts_go_by_largest_remainder_ties_to_the_earlier(
    parts: int, weights: list[int], dealt: list[int]
) -> None:
    assert shares(parts, weights) == dealt


@given(st.integers(-(10**7), 10**7), st.lists(st.integers(1, 10**13), min_size=1, max_size=12))
def test_shares_add_up_and_none_is_a_whole_part_off(parts: int, weights: list[int]) -> None:
    dealt = shares(parts, weights)

    assert sum(dealt) == parts
    whole = sum(weights)
    # |share − parts × weight / whole| < 1, without a division
    assert all(abs(share * whole - parts * weight) < whole for share, weight in zip(dealt, weights, strict=True))


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda p: (p[0], p[0] + p[1])), max_size=12))
def test_merged_periods_are_the_same_instants(periods: list[tuple[int, int]]) -> None:
    found = merged(periods)

    assert {at for a, b in found for at in range(a, b)} == {at for a, b in periods for at in range(a, b)}
    assert all(found[i][1] < found[i + 1][0] for i in range(len(found) - 1))
