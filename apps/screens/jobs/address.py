"""Addresses of a job and of one of its operations. Pure."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urlencode

TABS = (("process", "In process"), ("next", "Next"), ("closed", "Closed in 7 days"))


class Asked(NamedTuple):
    """What the address of the list says."""

    plant: str = ""
    tab: str = "process"
    find: str = ""

    def address(self, path: str, **changes: str) -> str:
        """The same address with something else in it; what is usual is left out."""
        usual = Asked()._asdict()
        wanted = {name: value for name, value in (self._asdict() | changes).items() if value != usual[name]}
        return f"{path}?{urlencode(wanted)}" if wanted else path


def asked_of(query: Mapping[str, str]) -> Asked:
    """What a query string asks for; what is not understood is as if it were not there."""
    tab = query.get("tab", "")
    known = tab if tab in dict(TABS) else Asked().tab
    return Asked(query.get("plant", "").strip(), known, query.get("find", "").strip()[:80])


def job_address(company: str, job_num: str, oper: str = "", *, part: str = "jobs") -> str:
    """Where a job is shown, with one operation chosen; `part` is "job-parts" for that operation's parts alone."""
    path = f"/{part}/{quote(company, safe='')}/{quote(job_num)}/"
    return f"{path}?{urlencode({'op': oper})}" if oper else path


def oper_text(assembly_seq: int, opr_seq: int) -> str:
    """An operation as an address names it: "20", and "1.20" in assembly 1."""
    return f"{assembly_seq}.{opr_seq}" if assembly_seq else str(opr_seq)
