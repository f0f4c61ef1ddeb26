"""The options that the simulated sets understand, and those that they refuse as Epicor does."""

from datetime import date
from typing import Any

import pytest

from apps.simulators.epicor.odata import ODataError, Page, query

COLUMNS = {"JobNum": "s", "OprSeq": "i", "Qty": "n", "Active": "b", "Day": "d"}
ROWS: list[Any] = [
    {"JobNum": "A12", "OprSeq": 10, "Qty": 1.5, "Active": True, "Day": date(2026, 3, 2)},
    {"JobNum": "a13", "OprSeq": 20, "Qty": 0.0, "Active": False, "Day": date(2026, 3, 1)},
    {"JobNum": "O'Neil/1", "OprSeq": 30, "Qty": 7.0, "Active": True, "Day": None},
]


def ask(**options: str) -> Page:
    return query(ROWS, COLUMNS, {f"${name}": value for name, value in options.items()}, default_page=100)


def numbers(where: str) -> list[Any]:
    return sorted(row["OprSeq"] for row in ask(filter=where).rows)  # type: ignore[type-var]


class TestFilter:
    @pytest.mark.parametrize(
        ("where", "found"),
        [
            ("JobNum eq 'a12'", [10]),
            ("JobNum ne 'A12'", [20, 30]),
            ("JobNum eq 'O''Neil/1'", [30]),
            ("OprSeq gt 10", [20, 30]),
            ("OprSeq ge 10 and OprSeq lt 30", [10, 20]),
            ("OprSeq le 10 or OprSeq eq 30", [10, 30]),
            ("not (OprSeq le 10 or OprSeq eq 30)", [20]),
            ("not Active eq true", [20]),
            ("Active", [10, 30]),
            ("Active and OprSeq gt 10", [30]),
            ("OprSeq eq 10 or OprSeq eq 20 and Active eq true", [10]),
            ("startswith(JobNum,'A1')", [10, 20]),
            ("contains(JobNum, 'neil')", [30]),
            ("not startswith(JobNum,'a')", [30]),
            ("Day ge 2026-03-02T00:00:00Z", [10]),
            ("Day eq null", [30]),
            ("Day ne null", [10, 20]),
            ("Qty gt 1.4", [10, 30]),
        ],
    )
    def test_finds(self, where: str, found: list[int]) -> None:
        assert numbers(where) == found

    @pytest.mark.parametrize(
        "where",
        [
            "jobnum eq 'A12'", "JobNum like 'A'", "JobNum eq 12", "OprSeq eq '10'", "JobNum eq 'A", "(OprSeq eq 1",
            "OprSeq eq 1)", "OprSeq", "OprSeq eq", "substringof('A', JobNum)", "Active eq 1", "OprSeq eq 10 OprSeq eq 20",
            "Day ge '2026-03-02'", "contains(JobNum)", "§",
        ],
    )  # fmt: skip
    def test_refuses(self, where: str) -> None:
        with pytest.raises(ODataError):
            ask(filter=where)


class TestOtherOptions:
    def test_orders_by_several_columns(self) -> None:
        assert [row["OprSeq"] for row in ask(orderby="Active desc,OprSeq desc").rows] == [30, 10, 20]

    def test_null_comes_first(self) -> None:
        assert [row["OprSeq"] for row in ask(orderby="Day").rows] == [30, 20, 10]

    def test_pages_and_counts(self) -> None:
        page = ask(orderby="OprSeq", skip="1", top="1", count="true")

        assert ([row["OprSeq"] for row in page.rows], page.count) == ([20], 3)

    def test_projects(self) -> None:
        assert ask(select="JobNum, Qty", top="1", orderby="OprSeq").rows == [{"JobNum": "A12", "Qty": 1.5}]

    def test_cuts_at_the_default(self) -> None:
        rows = [{**ROWS[0], "OprSeq": number} for number in range(250)]

        assert len(query(rows, COLUMNS, {}, default_page=100).rows) == 100
        assert len(query(rows, COLUMNS, {"$top": "500"}, default_page=100, max_top=120).rows) == 120

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("select", "Nope"),
            ("orderby", "Nope"),
            ("orderby", "OprSeq up"),
            ("top", "-1"),
            ("skip", "x"),
            ("apply", "x"),
        ],
    )
    def test_refuses(self, name: str, value: str) -> None:
        with pytest.raises(ODataError):
            ask(**{name: value})
