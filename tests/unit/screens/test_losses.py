"""The losses page without a database: dates, the sentence, the Pareto and the way to good time."""

from datetime import date, time
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from apps.lines.types import Calendar
from apps.oee.pareto import Bar
from apps.oee.types import Figures
from apps.screens.losses import charts
from apps.screens.losses.address import Asked, asked_of, stretch_of
from apps.screens.losses.charts import ParetoBar
from apps.screens.losses.sentence import plain, sentence
from apps.screens.losses.waterfall import waterfall_of
from apps.shared.instants import HOUR, MINUTE, parse_us

CALENDAR = Calendar("Europe/Oslo", time(6))
NOW = parse_us("2026-05-12T10:42:00+02:00")
OSLO = ZoneInfo("Europe/Oslo")


class TestAddress:
    def test_two_weeks_end_with_today_so_far(self) -> None:
        stretch = stretch_of(Asked(), CALENDAR, NOW)

        assert stretch.start == parse_us("2026-04-29T06:00:00+02:00")
        assert stretch.end == NOW
        assert (len(stretch.days), stretch.label) == (14, "29 Apr–12 May")

    def test_before_the_day_starts_it_is_still_yesterday(self) -> None:
        early = parse_us("2026-05-12T05:00:00+02:00")

        assert stretch_of(Asked(days="1"), CALENDAR, early).days == (date(2026, 5, 11),)

    def test_own_dates_are_whole_days_and_never_in_the_future(self) -> None:
        stretch = stretch_of(Asked(days="own", start="2026-05-01", end="2026-06-30"), CALENDAR, NOW)

        assert stretch.days[0] == date(2026, 5, 1)
        assert stretch.end == NOW

    @pytest.mark.parametrize(("start", "end"), [("", ""), ("soon", "2026-13-01"), ("2026-05-20", "2026-05-02")])
    def test_dates_that_make_no_sense_end_in_some_days(self, start: str, end: str) -> None:
        assert stretch_of(Asked(days="own", start=start, end=end), CALENDAR, NOW).days

    def test_what_is_not_understood_is_left_out(self) -> None:
        asked = asked_of({"days": "999", "by": "color", "line": " mill-1 ", "more": "x"})

        assert asked == Asked(line="mill-1")

    def test_only_what_is_unusual_stands_in_it(self) -> None:
        assert Asked(line="mill-1", days="7").address("/losses/", by="line") == "/losses/?line=mill-1&days=7&by=line"
        assert Asked(line="mill-1").address("/losses/", line="") == "/losses/"

    def test_a_day_of_25_hours_is_one_day(self) -> None:
        autumn = parse_us("2026-10-26T07:00:00+01:00")
        stretch = stretch_of(Asked(days="yesterday"), CALENDAR, autumn)

        assert stretch.end - stretch.start == 24 * HOUR
        calendar = Calendar("Europe/Oslo", time(0))
        sunday = stretch_of(Asked(days="yesterday"), calendar, autumn)
        assert sunday.end - sunday.start == 25 * HOUR


def bar(key: str, minutes: int, share: Fraction) -> Bar:
    """The last bar of a Pareto, with its share."""
    return Bar(key, minutes * MINUTE, 1, share.numerator, share.denominator, share.denominator)


class TestSentence:
    STRETCH = stretch_of(Asked(), CALENDAR, NOW)
    TEXTS = {"D210": "Tool breakage", "M110": "Waiting for material", "": "Without a reason"}

    def said(self, bars: list[Bar]) -> str:
        class _Facts:
            reasons = {"D210": None, "M110": None}

        pieces = sentence(bars, lambda key: self.TEXTS[key], _Facts(), self.STRETCH)  # type: ignore[arg-type]
        return "".join(piece.text for piece in pieces)

    def test_it_names_the_two_largest_and_what_nobody_explained(self) -> None:
        bars = [
            bar("D210", 486, Fraction(26, 100)),
            bar("M110", 402, Fraction(21, 100)),
            bar("", 214, Fraction(11, 100)),
        ]

        assert self.said(bars).replace("\u202f", " ") == (
            "18 h 22 min lost to stops in 14 days. Tool breakage and waiting for material are almost half of it. "
            "3 h 34 min still have no reason."
        )

    def test_one_reason_stands_alone(self) -> None:
        assert "Tool breakage is all of it." in self.said([bar("D210", 60, Fraction(1))])

    def test_a_single_day_is_named(self) -> None:
        day = stretch_of(Asked(days="1"), CALENDAR, NOW)

        assert plain([bar("", 60, Fraction(1))], day)[1].text == " lost to stops on 12 May."


class TestPareto:
    def drawn(self, count: int, *, need_at: int = 99) -> charts.Figure:
        bars = [ParetoBar((count - i) * HOUR, f"Reason {i}", f"{count - i} h", i == need_at, "") for i in range(count)]
        return charts.pareto(bars, "reasons")

    def test_nothing_lost_is_no_figure(self) -> None:
        assert charts.pareto([], "reasons") == {}

    def test_one_scale_both_axes_end_at_the_total(self) -> None:
        figure = self.drawn(4)
        total = sum(figure["data"][0]["x"])

        assert figure["layout"]["xaxis"]["range"] == figure["layout"]["xaxis2"]["range"] == [0, total]
        assert figure["data"][1]["x"][0] == figure["data"][0]["x"][0]
        assert figure["data"][1]["x"][-1] == pytest.approx(total)

    def test_nine_bars_and_one_for_the_others(self) -> None:
        figure = self.drawn(14)
        texts = [note["text"] for note in figure["layout"]["annotations"]]

        assert len(figure["data"][0]["x"]) == 10
        assert "All other, 5 reasons" in texts

    def test_what_nobody_explained_is_hollow_and_never_among_the_others(self) -> None:
        figure = self.drawn(14, need_at=12)
        marker = figure["data"][0]["marker"]

        assert marker["line"]["color"].count("--stop") == 1
        assert marker["color"][marker["line"]["color"].index("--stop")] == "transparent"

    def test_the_vital_few_are_ink(self) -> None:
        colors = self.drawn(5)["data"][0]["marker"]["color"]

        assert colors == ["--ink-2", "--ink-2", "--ink-2", "--run", "--run"]

    def test_labels_hold_no_markup(self) -> None:
        figure = charts.pareto([ParetoBar(HOUR, "<b>x</b>", "1 h", is_need=False, href="")], "reasons")

        assert "<" not in figure["layout"]["annotations"][0]["text"]


def figures(**changes: object) -> Figures:
    """Mill 1 of the design: 267 planned minutes, 58.5 stopped of them 20 in setup, 1 258 parts at 6.75 a minute."""
    buckets = dict.fromkeys(("unscheduled", "no_signal", "planned"), 0) | {
        "running": int(203.5 * MINUTE), "micro_stop": 5 * MINUTE, "setup": 20 * MINUTE, "downtime": int(38.5 * MINUTE),
    }  # fmt: skip
    ideal_s = Fraction(1258 * 60 * 100, 675)
    usual = {
        "buckets": buckets, "total": 1258, "good": 1240, "reject": 18, "ideal_s": ideal_s,
        "availability": Fraction(2085, 2670), "performance": ideal_s / Fraction(12510), "quality": Fraction(1240, 1258),
        "oee": Fraction(1240 * 100, 675) / 267, "yield_": Fraction(1240, 1258), "coverage": Fraction(1),
        "performance_basis": Fraction(1),
    }  # fmt: skip
    return Figures(**(usual | changes))  # type: ignore[arg-type]


class TestWaterfall:
    def test_the_steps_lead_from_planned_to_good_time(self) -> None:
        figure = waterfall_of(figures()).figure
        heights, bases = figure["data"][0]["y"], figure["data"][0]["base"]

        # Planned 267 min, and good time is OEE of it: 1240 / 6.75 min.
        assert heights[0] + bases[0] == pytest.approx(267 / 60)
        assert heights[-1] + bases[-1] == pytest.approx(1240 / 6.75 / 60)
        assert sum(heights[1:-1]) == pytest.approx(267 / 60 - 1240 / 6.75 / 60)

    def test_the_brackets_name_the_factors(self) -> None:
        texts = [
            note["text"].replace("\u202f", " ") for note in waterfall_of(figures()).figure["layout"]["annotations"]
        ]

        assert texts[-4:] == ["Availability<br>78.1 %", "Performance<br>89.4 %", "Quality<br>98.6 %", "OEE<br>68.8 %"]

    def test_the_axis_is_cut_only_where_a_loss_would_vanish(self) -> None:
        assert waterfall_of(figures(quality=Fraction(95, 100))).note == "hours"
        # Of 267 min the rejects took 3: less than 4 px of the panel.
        assert waterfall_of(figures()).note == "hours, axis starts at 2"

    def test_time_without_a_standard_is_a_step_of_its_own(self) -> None:
        half = waterfall_of(figures(performance_basis=Fraction(1, 2), ideal_s=Fraction(5000))).figure

        assert "No<br>standard" in half["layout"]["xaxis"]["ticktext"]

    def test_without_planned_time_there_is_none(self) -> None:
        nothing = dict.fromkeys(figures().buckets, 0)

        assert waterfall_of(figures(buckets=nothing)).figure == {}
