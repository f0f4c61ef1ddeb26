"""The filtered losses as CSV, for people and for programs: raw seconds, ISO times, codes and descriptions. Pure."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from apps.oee.pareto import Loss
from apps.reasons.types import ReasonView
from apps.shared.instants import SECOND, iso

COLUMNS = (
    "company", "plant", "line", "start", "end", "seconds", "bucket", "reason", "description", "category", "fault",
    "stop_start", "JobNum", "AssemblySeq", "OprSeq", "PartNum", "shift_date", "shift",
)  # fmt: skip
# A cell that begins like a formula is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """The text itself."""
        return text


def lines(losses: Iterable[Loss], reasons: Mapping[str, ReasonView]) -> Iterator[str]:
    """The lines of the file, the names of the columns first; one line for each lost slice."""
    writer = csv.writer(_Echo())
    # A byte order mark: without it Excel reads UTF-8 as something else.
    yield "\ufeff" + writer.writerow(COLUMNS)
    for loss in losses:
        yield writer.writerow(_row(loss, reasons))


def _row(loss: Loss, reasons: Mapping[str, ReasonView]) -> list[str]:
    row, oper, policy = loss.row, loss.oper, loss.policy
    known = reasons.get(row.reason)
    return [
        _text(policy.company),
        _text(policy.plant),
        policy.slug,
        iso(row.start),
        iso(row.end),
        f"{(Decimal(row.end - row.start) / SECOND).normalize():f}",
        str(row.bucket),
        _text(row.reason),
        _text(known.description if known else ""),
        loss.category,
        str(row.fault or ""),
        "" if row.stop_start is None else iso(row.stop_start),
        _text(oper.job_num if oper else ""),
        str(oper.assembly_seq) if oper else "",
        str(oper.opr_seq) if oper else "",
        _text(oper.part_num if oper else ""),
        "" if row.shift_date is None else row.shift_date.isoformat(),
        _text(row.shift),
    ]


def _text(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value
