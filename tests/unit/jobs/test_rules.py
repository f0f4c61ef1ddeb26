"""From labour messages to activities and from activities to runs (SEMANTICS.md §5, FORMATS.md §3), by hand."""

from apps.jobs.rules import Chosen, RunSpan, Stay, Told, closed_at, merge, runs
from apps.shared.periods import FOREVER

A, B = ("J1", 0, 10), ("J2", 0, 10)
IDS = {A: 1, B: 2, ("J3", 0, 10): 3}


def stay(
    start: int, end: int = FOREVER, oper: tuple[str, int, int] = A, *, kind: str = "production", seq: int = 1
) -> Stay:
    return Stay(start, end, ("C", 1, seq), IDS[oper], oper, kind)


def told(edge: str, at: int, revision: int = -1, ident: str = "e", **carried: str | int) -> Told:
    return Told(revision, at, ident, edge, carried)


class TestMerge:
    def test_the_start_is_a_started_and_the_end_an_ended(self) -> None:
        found = merge([told("ended", 50), told("started", 10, JobNum="J1", LaborType="S")])
        assert (found.start, found.end, found.kind) == (10, 50, "setup")

    def test_an_end_alone_has_no_start(self) -> None:
        assert merge([told("ended", 50)]).start is None

    def test_the_greater_revision_wins_then_the_later_time_then_the_greater_id(self) -> None:
        assert merge([told("started", 10, 5), told("started", 90, 4)]).start == 10
        assert merge([told("started", 10, 5), told("started", 90, 5)]).start == 90
        both = [told("started", 10, 5, "b", JobNum="J2"), told("started", 10, 5, "a", JobNum="J1")]
        assert merge(both).carried == merge(both[::-1]).carried == {"JobNum": "J2"}

    def test_no_revision_is_the_least(self) -> None:
        assert merge([told("started", 90), told("started", 10, 0)]).start == 10

    def test_other_fields_come_from_the_greatest_message_that_carries_them(self) -> None:
        found = merge(
            [
                told("started", 10, 5, JobNum="J1", ResourceID="R1"),
                told("ended", 50, 6, JobNum="J2"),
                told("started", 12, 4, JobNum="J9", ResourceID="R9", LaborType="P"),
            ]
        )
        assert found.carried == {"JobNum": "J2", "ResourceID": "R1", "LaborType": "P"}
        assert (found.start, found.end) == (10, 50)

    def test_indirect_labour_has_no_kind(self) -> None:
        assert merge([told("started", 10, LaborType="I")]).kind == ""
        assert merge([told("started", 10)]).kind == ""


class TestClosing:
    def test_closes_what_started_before_and_is_open(self) -> None:
        assert closed_at(10, None, [50]) == 50
        assert closed_at(10, 90, [50]) == 50

    def test_does_not_reach_what_had_ended_or_starts_then(self) -> None:
        assert closed_at(10, 40, [50]) == 40
        assert closed_at(50, None, [50]) is None
        assert closed_at(60, None, [50]) is None

    def test_the_first_of_several_stands(self) -> None:
        assert closed_at(10, None, [90, 5, 50]) == 50


class TestRuns:
    def test_several_people_on_one_operation_are_one_run(self) -> None:
        people = [stay(0, 50, seq=1), stay(30, 80, seq=2), stay(80, 90, seq=3)]
        assert runs(people, [], is_newest=False) == [RunSpan(0, 90, 1, "production")]

    def test_production_wins_over_setup_on_the_same_operation(self) -> None:
        people = [stay(0, 50, kind="setup", seq=1), stay(30, 80, seq=2)]
        assert runs(people, [], is_newest=False) == [RunSpan(0, 30, 1, "setup"), RunSpan(30, 80, 1, "production")]

    def test_a_pause_makes_two(self) -> None:
        assert runs([stay(0, 50, seq=1), stay(60, 90, seq=2)], [], is_newest=False) == [
            RunSpan(0, 50, 1, "production"), RunSpan(60, 90, 1, "production"),
        ]  # fmt: skip

    def test_an_activity_without_time_binds_nothing(self) -> None:
        assert runs([stay(10, 10), stay(20, 5, seq=2)], [], is_newest=False) == []
        assert runs([stay(0, 50), stay(20, 20, B, seq=2)], [], is_newest=False) == [RunSpan(0, 50, 1, "production")]

    def test_two_operations_are_ambiguous(self) -> None:
        assert runs([stay(0, 50), stay(30, 80, B, seq=2)], [], is_newest=False) == [
            RunSpan(0, 30, 1, "production"), RunSpan(30, 50, None, ""), RunSpan(50, 80, 2, "production"),
        ]  # fmt: skip

    def test_the_newest_wins_where_the_line_says_so_ties_by_the_greater_key(self) -> None:
        found = runs([stay(0, 90), stay(30, 60, B, seq=2)], [], is_newest=True)
        assert [run[:3] for run in found] == [(0, 30, 1), (30, 60, 2), (60, 90, 1)]
        tie = runs([stay(0, 50, A, seq=3), stay(0, 50, B, seq=2)], [], is_newest=True)
        assert [run[:3] for run in tie] == [(0, 50, 1)]

    def test_newest_takes_the_kind_of_its_own_operation(self) -> None:
        people = [stay(0, 90), stay(30, 60, B, kind="setup", seq=2)]
        assert [run.kind for run in runs(people, [], is_newest=True)] == ["production", "setup", "production"]

    def test_an_open_stay_makes_an_open_run(self) -> None:
        assert runs([stay(0)], [], is_newest=False) == [RunSpan(0, FOREVER, 1, "production")]


class TestChoices:
    BOTH = (stay(0, 100), stay(50, 150, B, seq=2))

    def found(self, *choices: Chosen, is_newest: bool = False) -> list[tuple[int, int, int | None]]:
        return [run[:3] for run in runs(self.BOTH, choices, is_newest=is_newest)]

    def test_holds_only_where_the_line_is_ambiguous(self) -> None:
        assert self.found(Chosen(9, A, 0, 150)) == [(0, 100, 1), (100, 150, 2)]

    def test_holds_only_within_its_interval(self) -> None:
        assert self.found(Chosen(9, B, 60, 80)) == [
            (0, 50, 1),
            (50, 60, None),
            (60, 80, 2),
            (80, 100, None),
            (100, 150, 2),
        ]

    def test_one_whose_operation_is_not_open_says_nothing(self) -> None:
        assert self.found(Chosen(9, ("J3", 0, 10), 0, 150)) == [(0, 50, 1), (50, 100, None), (100, 150, 2)]

    def test_the_last_word_stands_even_where_a_later_one_can_not_hold(self) -> None:
        words = [Chosen(1, A, 0, 150), Chosen(2, B, 70, 90), Chosen(3, ("J3", 0, 10), 0, 150)]
        assert self.found(*words) == [(0, 70, 1), (70, 90, 2), (90, 100, 1), (100, 150, 2)]

    def test_of_equal_words_the_greater_operation_stands(self) -> None:
        assert self.found(Chosen(1, B, 0, 150), Chosen(1, A, 0, 150)) == [(0, 50, 1), (50, 150, 2)]

    def test_says_nothing_where_the_newest_wins(self) -> None:
        assert self.found(Chosen(1, A, 0, 150), is_newest=True) == [(0, 50, 1), (50, 150, 2)]
