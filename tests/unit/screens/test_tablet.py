"""The tablet without a database: which stops wait, which kinds and reasons can be tapped."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from apps.lines.types import ShiftSpan
from apps.live.read import Frame
from apps.oee.types import Bucket, PartView, SliceRow, StopView
from apps.reasons.types import ReasonView
from apps.screens.tablet.presenter import KINDS, PLACES, kinds_of, left_page, reasons_for, scrap_buttons
from apps.screens.tablet.reads import TabletFacts
from apps.shared.instants import MINUTE, to_us

START = to_us(datetime(2026, 5, 12, 6, tzinfo=UTC))
NOW = START + 282 * MINUTE


class _Policy:
    slug = "mill-1"
    micro_stop_us = 2 * MINUTE


def reason(code: str, text: str = "", *, group: str = "Machine", order: int = 0, **more: object) -> ReasonView:
    """A code of the dictionary."""
    usual = {"kind": "downtime", "category": "equipment_failure", "icon": "", "lines": (), "is_retired": False}
    return ReasonView(**({"code": code, "description": text, "group": group, "order": order} | usual | more))  # type: ignore[arg-type]


def slice_of(start: int, end: int, bucket: str, why: str = "") -> SliceRow:
    """A slice without a job, in minutes of the shift."""
    return SliceRow(
        START + start * MINUTE, START + end * MINUTE, bucket, "none", None, "", why, START + start * MINUTE, 0,
        date(2026, 5, 12), "Early",
    )  # fmt: skip


def stop(start: int, end: int, why: str = "", *, by: str = "", is_open: bool = False) -> StopView:
    """A stop of one part, in minutes of the shift."""
    first, last = START + start * MINUTE, START + end * MINUTE
    return StopView(1, first, last, is_open, 0, False, (PartView(first, last, why, by, ""),))


def facts(
    stops: tuple[StopView, ...] = (),
    slices: tuple[SliceRow, ...] = (),
    reasons: tuple[ReasonView, ...] = (),
    usual: tuple[str, ...] = (),
) -> TabletFacts:
    """Facts of a shift."""
    shift = ShiftSpan(START, START + 480 * MINUTE, "Early", date(2026, 5, 12), ())
    return TabletFacts(
        policy=_Policy(),  # type: ignore[arg-type]
        zone=ZoneInfo("UTC"),
        frame=Frame(shift, START, NOW, in_shift=True),
        stops=stops,
        slices=slices,
        opers={},
        reasons={one.code: one for one in reasons},
        usual=usual,
        scrap=0,
    )


class TestLeft:
    def test_the_open_stop_comes_first_and_the_latest_of_the_others_on_top(self) -> None:
        stops = (stop(72, 80, "D210", by="1041"), stop(175, 179), stop(221, 233), stop(267, 282, is_open=True))
        slices = (
            slice_of(72, 80, Bucket.DOWNTIME, "D210"), slice_of(175, 179, Bucket.DOWNTIME),
            slice_of(221, 233, Bucket.DOWNTIME), slice_of(267, 282, Bucket.DOWNTIME),
        )  # fmt: skip
        left = left_page(facts(stops, slices, (reason("D210", "Tool breakage"),)), NOW)

        assert left.current is not None
        assert (left.current.title, left.current.asks) == ("10:27", "10:27, still stopped")
        assert [item.title for item in left.need] == ["09:41–09:53", "08:55–08:59"]
        assert [(item.title, item.sub) for item in left.done] == [("07:12–07:20", "Tool breakage")]

    def test_nobody_is_asked_about_micro_stops_breaks_and_time_without_a_job(self) -> None:
        stops = (stop(10, 11), stop(20, 40), stop(50, 90))
        slices = (
            slice_of(10, 11, Bucket.MICRO_STOP),
            slice_of(20, 40, Bucket.PLANNED),
            slice_of(50, 90, Bucket.PLANNED, "P09"),
        )
        left = left_page(facts(stops, slices), NOW)

        assert (left.current, left.need, left.done) == (None, (), ())

    def test_a_changeover_explains_itself(self) -> None:
        left = left_page(facts((stop(0, 20),), (slice_of(0, 20, Bucket.SETUP),)), NOW)

        assert [(item.sub, item.reason) for item in left.done] == [("Changeover", "~setup")]

    def test_what_the_machine_said_is_told_apart(self) -> None:
        slices = (slice_of(0, 20, Bucket.DOWNTIME, "E130"),)
        left = left_page(facts((stop(0, 20, "E130", by="machine"),), slices, (reason("E130", "Spindle fault"),)), NOW)

        assert left.done[0].sub == "Spindle fault · by the machine"

    def test_a_reason_without_a_text_is_its_code(self) -> None:
        slices = (slice_of(0, 20, Bucket.DOWNTIME, "X1"),)

        assert left_page(facts((stop(0, 20, "X1", by="1041"),), slices, (reason("X1"),)), NOW).done[0].sub == "X1"


class TestKinds:
    def test_usual_here_is_the_most_used_and_then_the_dictionary(self) -> None:
        known = (reason("A", "One", order=1), reason("B", "Two", order=2), reason("C", "Three", order=3))
        usual = kinds_of(facts(reasons=known, usual=("C", "GONE", "B")))[0]

        assert [button.code for button in usual.pages[0]] == ["C", "B", "A"]

    def test_there_are_eight_at_most_and_the_last_takes_the_rest(self) -> None:
        known = tuple(
            reason(f"R{number}", f"Text {number}", group=f"Group {number}", order=number) for number in range(12)
        )
        kinds = kinds_of(facts(reasons=known))

        assert len(kinds) == KINDS
        assert kinds[-1].label == "Other"
        assert sum(len(page) for kind in kinds[1:] for page in kind.pages) == 12

    def test_more_than_nine_reasons_turn_the_page(self) -> None:
        known = tuple(reason(f"R{number:02d}", f"Text {number}") for number in range(20))
        pages = kinds_of(facts(reasons=known))[1].pages

        assert [len(page) for page in pages] == [8, 8, 4]
        assert all(len(page) < PLACES for page in pages)

    def test_two_with_one_text_show_their_codes(self) -> None:
        known = (reason("A", "Jam"), reason("B", "Jam"), reason("C", "Wear"))

        assert [button.text for button in kinds_of(facts(reasons=known))[1].pages[0]] == ["Jam (A)", "Jam (B)", "Wear"]

    def test_what_is_retired_or_for_another_line_or_for_scrap_is_not_offered(self) -> None:
        known = (
            reason("A", "One"), reason("B", "Two", is_retired=True), reason("C", "Three", lines=("press-9",)),
            reason("D", "Four", kind="scrap"), reason("E", "Five", kind="any", lines=("mill-1",)),
        )  # fmt: skip

        assert [one.code for one in reasons_for(known, "mill-1", "downtime")] == ["A", "E"]

    def test_scrap_has_reasons_of_its_own(self) -> None:
        known = (
            reason("A", "One", kind="any"), reason("S1", "Burr", kind="scrap"),
            reason("S2", "Scratch", kind="any", category="process_defect"),
        )  # fmt: skip

        assert [button.code for button in scrap_buttons(facts(reasons=known))] == ["S1", "S2"]

    def test_a_code_that_epicor_told_for_both_is_offered_for_scrap_with_the_words_of_scrap(self) -> None:
        known = (
            reason("M1", "Spindle", kind="any", is_told=True, scrap_description="Burnt"),
            reason("M2", "Tool", kind="any", is_told=True), reason("M3", "Power", is_told=True),
            reason("S1", "Burnt", kind="scrap", is_told=True),
        )  # fmt: skip
        shown = facts(reasons=known)

        assert [button.text for button in scrap_buttons(shown)] == ["Burnt (M1)", "Tool", "Burnt (S1)"]
        assert [button.text for button in kinds_of(shown)[1].pages[0]] == ["Spindle", "Tool", "Power"]
