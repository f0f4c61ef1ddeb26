"""Jobs and their operations, and which state of them stands (SEMANTICS §10)."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.oracle.plant import Line

OpKey = tuple[str, str, int, int]
BASIS = {"E": 1, "C": 100, "M": 1000, "T": 10000}


@dataclass(frozen=True)
class Operation:
    key: OpKey
    plant: str | None
    part: str | None
    piece_s: Fraction | None


def _number(row: dict[str, Any], name: str, default: int = 0) -> Fraction:
    value = row.get(name)
    return Fraction(default) if value is None else Fraction(value)


def piece_seconds(row: dict[str, Any]) -> Fraction | None:
    """§8: "the JobOper's ProdStandard read by its StdFormat", by the table of Epicor's formulas.

    A standard of 0, an unknown format or a divisor of 0 gives no rate.
    """
    std = _number(row, "ProdStandard")
    basis = BASIS.get(row.get("StdBasis") or "E", 1)
    per_op, per_cycle = _number(row, "OpsPerPart", 1), _number(row, "QtyPerCycle", 1)
    fraction = {
        "HP": (3600 * std, Fraction(basis)),
        "MP": (60 * std, Fraction(basis)),
        "PH": (Fraction(3600), std),
        "PM": (Fraction(60), std),
        "OH": (Fraction(3600), std * per_op),
        "OM": (Fraction(60), std * per_op),
        "CH": (Fraction(3600), std * per_cycle),
        "CM": (Fraction(60), std * per_cycle),
        "HR": (3600 * std, _number(row, "RunQty")),
    }.get(row.get("StdFormat") or "")
    if fraction is None or std <= 0 or fraction[1] <= 0:
        return None
    return fraction[0] / fraction[1]


def operations(jobs: list[dict[str, Any]]) -> dict[OpKey, Operation]:
    """§10: "of two states of a job or operation the greater `SysRevID` stands, and holds for all of its time".

    The job's own fields are those of its greatest state, an operation's those of the greatest state that lists it.
    """
    result: dict[OpKey, Operation] = {}
    ranked = sorted(jobs, key=lambda job: -1 if job.get("SysRevID") is None else job["SysRevID"])
    heads = {(job["company"], job["JobNum"]): job for job in ranked}
    for job in ranked:
        head = heads[job["company"], job["JobNum"]]
        for row in job["operations"]:
            key = (job["company"], job["JobNum"], row["AssemblySeq"], row["OprSeq"])
            result[key] = Operation(key, head.get("plant"), head.get("PartNum"), piece_seconds(row))
    return result


def ideal_cycle(line: Line, operation: Operation | None) -> Fraction | None:
    """§8: "the line's override for the part, else the JobOper's ProdStandard read by its StdFormat, else the line's
    default, else unknown"; time bound to no operation counts "with the line's default cycle"."""
    if operation is None:
        return line.cycle_s
    if operation.part in line.part_cycles:
        return line.part_cycles[operation.part]
    return line.cycle_s if operation.piece_s is None else operation.piece_s
