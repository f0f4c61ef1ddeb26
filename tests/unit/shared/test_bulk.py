"""What is written so that the rows of a table become those that are wanted."""

from apps.shared.bulk import difference

THERE = [(1, ("a", 10, "x")), (2, ("b", 20, "x")), (3, ("c", 30, "y"))]


def test_equal_rows_are_left_alone() -> None:
    found = difference(THERE, [row for _pk, row in reversed(THERE)], keys=2)

    assert not found
    assert (found.before, found.after) == ([], [])


def test_rows_are_told_apart_by_their_keys() -> None:
    found = difference(THERE, [("a", 10, "z"), ("b", 21, "x"), ("c", 30, "y")], keys=2)

    assert found.changed == [(1, ("a", 10, "x"), ("a", 10, "z"))]
    assert found.gone == [(2, ("b", 20, "x"))]
    assert found.fresh == [("b", 21, "x")]
    assert found.before == [("b", 20, "x"), ("a", 10, "x")]
    assert found.after == [("a", 10, "z"), ("b", 21, "x")]


def test_nothing_wanted_drops_what_is_there() -> None:
    assert [pk for pk, _row in difference(THERE, [], keys=2).gone] == [1, 2, 3]
