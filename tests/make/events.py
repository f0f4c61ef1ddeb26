"""CloudEvents as FORMATS §3 has them, valid unless told otherwise. Test data only."""

import itertools
from typing import Any

from apps.shared.instants import iso, parse_us

_NUMBERS = itertools.count(1)
AT = parse_us("2026-03-08T06:00:00Z")


def event(kind: str = "dictionary.changed", *, at: int = AT, **data: Any) -> dict[str, Any]:
    """An event of EPIC06 with an id of its own: that the dictionary changed, unless told otherwise.

    `data` replaces or adds fields; `id_`, `source` and `sequence` are attributes.
    """
    given = {name.rstrip("_"): data.pop(name) for name in ("id_", "source", "sequence") if name in data}
    attributes: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"e-{next(_NUMBERS)}",
        "source": "/epicor/test",
        "type": f"epicor.{kind}",
        "time": iso(at),
    }
    return attributes | given | {"data": {"Company": "EPIC06", "Plant": "MfgSys"} | data}


def labor(edge: str = "started", *, at: int = AT, hed: int = 1, dtl: int = 1, **data: Any) -> dict[str, Any]:
    """Somebody started (or ended) production on operation 20 of job 004512 at MILL-01."""
    told = {
        "JobNum": "004512", "AssemblySeq": 0, "OprSeq": 20, "LaborHedSeq": hed, "LaborDtlSeq": dtl, "LaborType": "P",
        "ResourceID": "MILL-01", "ResourceGrpID": "MILL", "EmployeeNum": "E7",
    }  # fmt: skip
    return event(f"operation.{edge}", at=at, **(told | data))
