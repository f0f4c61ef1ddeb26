"""How measurements are shown: ratio, verdict, columns under each other, and the same as JSON."""

import json
from pathlib import Path

import pytest

from bench import table
from bench.table import Figure


class TestFigure:
    @pytest.mark.parametrize(
        ("figure", "ratio", "verdict"),
        [
            (Figure("time", 2.0, "ms", 4.0), 0.5, "better"),
            (Figure("time", 4.0, "ms", 2.0), 2.0, "worse"),
            (Figure("rows", 4.0, "rows/s", 2.0, is_smaller_better=False), 2.0, "better"),
            (Figure("rows", 1.0, "rows/s", 2.0, is_smaller_better=False), 0.5, "worse"),
            (Figure("alone", 4.0, "ms"), None, ""),
            (Figure("against nothing", 4.0, "ms", 0.0), None, ""),
        ],
    )
    def test_says_how_it_compares(self, figure: Figure, ratio: float | None, verdict: str) -> None:
        assert (figure.ratio, figure.verdict) == (ratio, verdict)

    @pytest.mark.parametrize(
        ("value", "shown"), [(0.0, "0"), (0.01234, "0.0123"), (4.567, "4.57"), (78.94, "78.9"), (123456.0, "123 456")]
    )
    def test_shows_three_figures(self, value: float, shown: str) -> None:
        assert table.number(value) == shown


class TestReport:
    def test_prints_a_table_and_keeps_the_same_as_json(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(table, "RESULTS", tmp_path / "results")

        path = table.report(
            "probe", "how fast?", [Figure("read", 2.0, "ms", 4.0, "the target"), Figure("write", 30.0, "ms")]
        )

        assert capsys.readouterr().out.splitlines() == [
            "probe: how fast?",
            "         figure  baseline  ratio  against",
            "  read     2 ms      4 ms   0.50  the target (better)",
            "  write   30 ms",
        ]
        kept = json.loads(path.read_text(encoding="utf-8"))
        assert [(row["name"], row["value"], row["ratio"]) for row in kept["figures"]] == [
            ("read", 2.0, 0.5),
            ("write", 30.0, None),
        ]
