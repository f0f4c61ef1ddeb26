"""Stops, their parts, and whose word on a reason stands (SEMANTICS.md §4, FORMATS.md §2), by hand."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.downtime.rules import standing_cuts, stops_of
from apps.downtime.types import Cut, PhysicalStop, StateSpan, TagMark

KNOWN = frozenset({"M01", "N01", "P09"})


def tag(tagged: int, code: str, at: int, by: str = "e") -> TagMark:
    return TagMark(tagged, False, code, at, by, "")


def untag(tagged: int, at: int) -> TagMark:
    return TagMark(tagged, True, "", at, "e", "")


def split(tagged: int, at: int) -> Cut:
    return Cut(tagged, is_unsplit=False, at=at)


def unsplit(tagged: int, at: int) -> Cut:
    return Cut(tagged, is_unsplit=True, at=at)


def stops(
    *tags: TagMark, cuts: tuple[Cut, ...] = (), fault: int = 0, faults: dict[int, str] | None = None
) -> list[PhysicalStop]:
    """The stops of a line that ran until 100, stood until 200, ran until 300 and stood until 400."""
    spans = [
        StateSpan(0, 100, "running", 0), StateSpan(100, 200, "stopped", fault), StateSpan(200, 300, "running", 0),
        StateSpan(300, 400, "stopped", 0),
    ]  # fmt: skip
    return stops_of(spans, sorted(tags, key=lambda one: one.at), cuts, known_codes=KNOWN, fault_reasons=faults or {})


def reasons(
    *tags: TagMark, cuts: tuple[Cut, ...] = (), fault: int = 0, faults: dict[int, str] | None = None
) -> list[tuple[int, int, str, str]]:
    """(start, end, reason, by) of the parts of the first stop."""
    return [part[:4] for part in stops(*tags, cuts=cuts, fault=fault, faults=faults)[0].parts]


class TestTags:
    def test_a_stop_without_a_word_has_no_reason(self) -> None:
        assert reasons() == [(100, 200, "", "")]

    @pytest.mark.parametrize(("at", "is_inside"), [(99, False), (100, True), (199, True), (200, False)])
    def test_a_tag_belongs_to_the_stop_that_holds_its_instant(self, at: int, is_inside: bool) -> None:
        assert (reasons(tag(500, "M01", at))[0][2] == "M01") is is_inside

    def test_the_last_tag_stands_in_whatever_order_they_came_and_wherever_they_point(self) -> None:
        words = [tag(500, "M01", 110), tag(502, "N01", 190), tag(501, "P09", 150)]
        for order in permutations(words):
            assert reasons(*order) == [(100, 200, "N01", "e")]

    def test_an_untag_takes_back_and_a_later_tag_stands_again(self) -> None:
        assert reasons(tag(500, "M01", 110), untag(501, 190)) == [(100, 200, "", "")]
        assert reasons(tag(500, "M01", 110), untag(501, 190), tag(502, "N01", 110))[0][2] == "N01"
        assert reasons(untag(499, 110), tag(500, "M01", 110))[0][2] == "M01"

    def test_ties_go_to_untag_then_to_the_greater_code(self) -> None:
        assert reasons(tag(500, "M01", 110), tag(500, "N01", 110))[0][2] == "N01"
        assert reasons(tag(500, "M01", 120), tag(500, "N01", 110))[0][2] == "N01"
        assert reasons(tag(500, "N01", 110), untag(500, 105))[0][2] == ""

    def test_a_code_that_nobody_knows_waits_as_if_it_were_not_there(self) -> None:
        assert reasons(tag(500, "M01", 110), tag(501, "Z99", 110))[0][2] == "M01"
        assert reasons(tag(501, "Z99", 110))[0][2] == ""


class TestSplits:
    def test_make_parts_and_a_tag_belongs_to_the_part_that_holds_it_now(self) -> None:
        # the tag was there before the split
        found = reasons(tag(500, "M01", 110), tag(499, "P09", 190), cuts=(split(600, 150),))
        assert found == [(100, 150, "M01", "e"), (150, 200, "P09", "e")]

    def test_at_an_edge_or_outside_a_stop_do_nothing(self) -> None:
        assert reasons(cuts=(split(1, 100), split(1, 200), split(1, 250), split(1, 50))) == [(100, 200, "", "")]
        assert [part[:2] for part in stops(cuts=(split(1, 101), split(1, 199)))[0].parts] == [
            (100, 101), (101, 199), (199, 200),
        ]  # fmt: skip

    def test_the_last_word_at_an_instant_stands_unsplit_over_split(self) -> None:
        assert standing_cuts([split(5, 150), unsplit(6, 150)]) == []
        assert standing_cuts([unsplit(6, 150), split(5, 150)]) == []
        assert standing_cuts([split(7, 150), unsplit(6, 150), split(5, 150)]) == [150]
        assert standing_cuts([split(6, 150), unsplit(6, 150)]) == []
        assert standing_cuts([split(6, 150), unsplit(6, 151), split(1, 120)]) == [120, 150]

    def test_undone_the_parts_are_one_and_its_last_tag_stands(self) -> None:
        tags = tag(500, "M01", 110), tag(501, "P09", 190)
        assert reasons(*tags, cuts=(split(5, 150), unsplit(6, 150))) == [(100, 200, "P09", "e")]

    def test_a_stop_is_no_shorter_for_being_split(self) -> None:
        assert [(stop.start, stop.end) for stop in stops(cuts=(split(1, 150),))] == [(100, 200), (300, 400)]

    @given(
        st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.integers(95, 205)), max_size=12),
        st.lists(st.tuples(st.integers(0, 9), st.integers(95, 205), st.sampled_from(["M01", "Z99", ""])), max_size=8),
    )
    def test_splitting_keeps_every_second(
        self, cuts: list[tuple[int, bool, int]], words: list[tuple[int, int, str]]
    ) -> None:
        tags = [tag(at, code, place) if code else untag(at, place) for at, place, code in words]
        (first, second) = stops(*tags, cuts=tuple(Cut(*cut) for cut in cuts))

        edges = [first.start, *(part.end for part in first.parts)]
        assert [part.start for part in first.parts] == edges[:-1]
        assert (edges[0], edges[-1], len(second.parts)) == (100, 200, 1)
        assert all(part.start < part.end for part in first.parts)


class TestMachine:
    def test_tags_what_nobody_has_tagged_by_the_fault_of_the_stop(self) -> None:
        assert reasons(fault=12, faults={12: "M01"}) == [(100, 200, "M01", "machine")]
        assert reasons(fault=7, faults={12: "M01"}) == [(100, 200, "", "")]
        assert reasons(fault=0, faults={0: "M01"}) == [(100, 200, "", "")]

    def test_tags_every_part_that_no_person_has_tagged_or_whose_tag_was_undone(self) -> None:
        found = reasons(tag(500, "N01", 110), cuts=(split(1, 150),), fault=12, faults={12: "M01"})
        assert found == [(100, 150, "N01", "e"), (150, 200, "M01", "machine")]
        undone = reasons(tag(500, "N01", 110), untag(501, 110), fault=12, faults={12: "M01"})
        assert undone == [(100, 200, "M01", "machine")]

    def test_says_nothing_with_a_code_that_the_dictionary_lacks(self) -> None:
        assert reasons(fault=12, faults={12: "Z99"}) == [(100, 200, "", "")]
