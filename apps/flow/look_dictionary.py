"""The dictionary of reasons: downtime codes from the indirect labour codes, scrap codes from the reasons of type S.

Both lists are read whole: a code that is no longer among them is retired. A reason that Epicor deleted shows only so.
"""

from collections.abc import Iterable

from apps.epicor import mapping, reader
from apps.flow import known
from apps.flow.look import Look
from apps.jobs.types import ErpFacts
from apps.reasons.types import ReasonState


def read_downtime_codes(look: Look) -> None:
    """Take over the codes for stops."""
    rows = reader.downtime_codes(look.client)
    look.put_aside(rows.bad)
    _take(look, "downtime", [mapping.downtime_reason(look.company, row) for row in rows.good], unread=bool(rows.bad))


def read_scrap_codes(look: Look) -> None:
    """Take over the codes for scrap."""
    rows = reader.scrap_codes(look.client)
    look.put_aside(rows.bad)
    _take(look, "scrap", [mapping.scrap_reason(look.company, row) for row in rows.good], unread=bool(rows.bad))


def _take(look: Look, kind: str, states: Iterable[ReasonState], *, unread: bool) -> None:
    told = {state.code: state for state in states}
    in_use = known.codes_in_use(look.company, kind)
    new = [state for state in told.values() if in_use.get(state.code) != state.description]
    # Where a row could not be read, a code that seems gone may be that row.
    gone = [] if unread else [
        ReasonState(look.company, code, description, kind, is_retired=True)
        for code, description in sorted(in_use.items())
        if code not in told
    ]  # fmt: skip
    look.apply(ErpFacts(reasons=(*new, *gone)))
