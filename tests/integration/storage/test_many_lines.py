"""Reports of many lines: the same number of statements as for one, and the same figures as line by line."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.flow import reporting
from apps.lines.models import Line
from apps.lines.queries import policies
from apps.oee import stretches, timeline
from apps.oee.groups import BY
from apps.oee.models import HourRollup, LineLedger, Slice
from apps.oee.tails import tails
from apps.shared import spans
from apps.shared.instants import HOUR, MINUTE, SECOND, parse_us
from apps.shared.spans import Span, ending, holding, starting
from tests.make import boards
from tests.make.sisters import sisters

pytestmark = pytest.mark.django_db

START = parse_us("2026-01-28T06:10:00Z")
NOW = START + 52 * HOUR
WINDOW = (START + 25 * MINUTE, NOW)
SLUGS = ("mill-1", "mill-2", "mill-3")


@pytest.fixture(autouse=True)
def floor() -> None:
    """Three lines that began one after the other, so that each has ends of its own."""
    boards.plant(*SLUGS, round_the_clock=True)
    for number, slug in enumerate(SLUGS):
        first = START + number * 61 * MINUTE
        boards.run(slug, [(2900, True, 0), (700, False, 7)] * (50 - 2 * number) + [(600, True, 0)], start=first)
        boards.tell(
            [boards.job(f"A-{number}")], [boards.sign_on(slug, f"A-{number}", first + HOUR, seq=number)], now=NOW
        )


def _reports(line: str | None) -> dict[str, Callable[[], list[dict[str, Any]]]]:
    start, end = WINDOW
    found: dict[str, Callable[[], list[dict[str, Any]]]] = {
        f"oee {by}": lambda by=by: reporting.oee_rows(by=by, start=start, end=end, line=line, now=NOW)  # type: ignore[misc]
        for by in BY
    }
    return found | {
        f"pareto {by}": lambda by=by: reporting.pareto_rows(  # type: ignore[misc]
            by=by, start=start, end=end, line=line, job=None, measure="seconds", now=NOW
        )
        for by in ("reason", "line", "operation", "category")
    }


@pytest.mark.parametrize("name", sisters(_reports(None), everywhere=["oee operation", "pareto reason"]))
def test_statements_do_not_grow_with_lines(name: str) -> None:
    of_each = []
    for slug in SLUGS:
        with CaptureQueriesContext(connection) as of_one:
            assert _reports(slug)[name]()
        of_each.append(len(of_one))
    with CaptureQueriesContext(connection) as of_all:
        assert _reports(None)[name]()

    assert len(of_all) <= max(of_each)


def test_many_lines_say_what_each_says_alone() -> None:
    together = _reports(None)["oee line"]()

    assert together == [row for slug in SLUGS for row in _reports(slug)["oee line"]()]


def test_slices_and_parts_of_many_are_those_of_each() -> None:
    by_id = {policy.line_id: policy for policy in policies().values()}
    known = tails(list(by_id.values()), NOW)
    asked = [
        Span(line_id, START + first, START + last)
        for line_id in by_id
        for first, last in ((0, HOUR), (7 * MINUTE + 1, 49 * HOUR + 3 * SECOND), (50 * HOUR, 52 * HOUR), (5, 5))
    ]

    for buckets in (None, {"downtime", "micro_stop"}):
        only = {"buckets": buckets} if buckets else {}
        for span, rows in zip(asked, stretches.slices_of(by_id, known, asked, **only), strict=True):  # type: ignore[arg-type]
            alone = timeline.slices(by_id[span.line_id], known[span.line_id], span.start, span.end)
            assert rows == [row for row in alone if buckets is None or row.bucket in buckets]
    for span, parts in zip(asked, stretches.parts_of(by_id, asked), strict=True):
        assert sorted(parts, key=repr) == sorted(timeline.parts(by_id[span.line_id], span.start, span.end), key=repr)


class TestSpans:
    def test_a_span_begins_with_the_row_that_holds_its_start(self) -> None:
        line_id = Line.objects.get(slug="mill-1").pk
        first, second, third = Slice.objects.filter(line_id=line_id).order_by("start")[:3]
        asked = [
            Span(line_id, second.start + 1, third.start), Span(line_id, first.start - 5, first.start + 1),
            Span(line_id, third.start, third.start + 1), Span(line_id + 9999, 0, NOW),
        ]  # fmt: skip

        found = spans.rows(Slice, ("start",), asked, holding(Slice, "start"))

        assert found == [[(second.start,)], [(first.start,)], [(third.start,)], []]
        assert spans.rows(Slice, ("start",), asked[:1], starting("start")) == [[]]

    def test_what_ends_in_a_span_ends_after_its_start_and_by_its_end(self) -> None:
        row = Slice.objects.order_by("start")[0]
        asked = [Span(row.line_id, row.end - 1, row.end), Span(row.line_id, row.end, row.end + 1)]

        assert spans.rows(Slice, ("end",), asked, ending("end")) == [[(row.end,)], []]

    def test_sums_are_the_same_however_many_stretches_there_are(self) -> None:
        ids = list(Line.objects.order_by("pk").values_list("pk", flat=True))
        until = min(LineLedger.objects.values_list("rolled_until", flat=True)) or 0
        first = START // HOUR * HOUR
        hours = [Span(line_id, first + hour * HOUR, first + (hour + 1) * HOUR) for line_id in ids for hour in range(40)]
        whole = [Span(line_id, first, first + 40 * HOUR) for line_id in ids]
        assert until > first + 40 * HOUR

        by_hour = sorted(spans.sums(HourRollup, ["t.line_id"], ["running", "good"], hours))

        assert by_hour == sorted(spans.sums(HourRollup, ["t.line_id"], ["running", "good"], whole))
        assert len(by_hour) == len(ids)
        assert spans.sums(HourRollup, ["t.line_id"], ["running"], []) == []
