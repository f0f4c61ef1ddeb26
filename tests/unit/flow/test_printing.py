"""Rows of a command as JSON, CSV or a table."""

import csv
import io
import json

from apps.flow.printing import render

ROWS = [
    {
        "line": "mill-1",
        "buckets_s": {"running": 5, "setup": 0.5},
        "oee": None,
        "losses": [{"key": "M01", "seconds": 3}],
    },
    {"line": "Säge, alt", "buckets_s": {"running": 10000, "setup": 0}, "oee": 0.74791, "losses": []},
]


def test_json_is_one_array_of_rows() -> None:
    assert json.loads(render(ROWS, "json")) == ROWS
    assert render([], "json") == "[]"
    assert "Säge" in render(ROWS, "json")


def test_csv_names_nested_values_and_leaves_empty_ones_empty() -> None:
    first, second = csv.DictReader(io.StringIO(render(ROWS, "csv")))
    assert first == {
        "line": "mill-1", "buckets_s.running": "5", "buckets_s.setup": "0.5", "oee": "",
        "losses": '[{"key": "M01", "seconds": 3}]',
    }  # fmt: skip
    assert (second["line"], second["oee"]) == ("Säge, alt", "0.74791")


def test_a_table_lines_up_and_says_where_there_is_nothing() -> None:
    head, first, second = render(ROWS, "table").splitlines()
    assert head.split()[:3] == ["line", "buckets_s.running", "buckets_s.setup"]
    assert first.split()[:4] == ["mill-1", "5", "0.5000", "–"]
    assert second.index("10000") + 5 == first.index(" 5 ") + 2
    assert render([], "table") == "No rows."
