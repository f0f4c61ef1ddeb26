"""The stops of an operation, latest first, each with its reason, and who said so. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from apps.live.ribbon import kind_of
from apps.oee.types import PartView, SliceRow
from apps.reasons.types import ReasonView
from apps.screens.jobs.detail_reads import OperFacts
from apps.screens.jobs.spine import ELSEWHERE, Ground
from apps.shared import format as say
from apps.shared.instants import DAY

_GLYPHS = {"untag": "untag", "stop": "stop", "micro": "micro", "setup": "setup", "planned": "planned", "nojob": "nojob"}
_OWN = {
    "untag": "Without a reason",
    "micro": "Micro-stop",
    "setup": "Changeover",
    "planned": "Planned",
    "nojob": "No job",
}
MACHINE = "machine"


class StopRow(NamedTuple):
    """A stretch of a stop with one reason. `since_ms` is set while it lasts."""

    when: str
    span: int
    since_ms: int | None
    kind: str
    glyph: str
    reason: str
    comment: str
    who: str
    line: str


def reason_text(reasons: Mapping[str, ReasonView], code: str) -> str:
    """Epicor's text to the letter; the code where there is none, and both where two codes read alike."""
    known = reasons.get(code)
    if known is None or not known.description:
        return code
    is_alike = any(row.description == known.description for row in reasons.values() if row.code != code)
    return f"{known.description} ({code})" if is_alike else known.description


def who_of(names: Mapping[str, str], by: str) -> str:
    """A person by name (the number where nobody has it), the machine, or nobody."""
    return "The machine" if by == MACHINE else names.get(by, by)


def stop_rows(ground: Ground, detail: OperFacts, now: int) -> tuple[StopRow, ...]:
    """A row for each stretch of a stop with one reason, as the slices tell them."""
    return tuple(_row(ground, detail, line_id, piece, now) for line_id, piece in _whole(detail.stops))


def _whole(pieces: Sequence[tuple[int, SliceRow]]) -> list[tuple[int, SliceRow]]:
    """Neighbours of one stop, reason and bucket as one: a shift's end cuts slices, and is no news here."""
    found: list[tuple[int, SliceRow]] = []
    for line_id, piece in pieces:
        if found and _continues(found[-1], (line_id, piece)):
            found[-1] = (line_id, piece._replace(end=found[-1][1].end))
        else:
            found.append((line_id, piece))
    return found


def _continues(later: tuple[int, SliceRow], earlier: tuple[int, SliceRow]) -> bool:
    one, two = later[1], earlier[1]
    same = (one.stop_start, one.reason, one.bucket, one.start) == (two.stop_start, two.reason, two.bucket, two.end)
    return same and later[0] == earlier[0]


def _row(ground: Ground, detail: OperFacts, line_id: int, piece: SliceRow, now: int) -> StopRow:
    policy = ground.facts.lines[line_id]
    kind = kind_of(piece, policy.no_job_reason)
    part = _part(detail, line_id, piece)
    is_open = piece.end >= now
    reason = reason_text(detail.reasons, piece.reason) if piece.reason else _OWN.get(kind, "Stopped")
    return StopRow(
        when=_when(piece.start, piece.end, now, ground.zone, is_open=is_open),
        span=piece.end - piece.start,
        since_ms=piece.start // 1000 if is_open else None,
        kind=kind,
        glyph=_GLYPHS.get(kind, "stop"),
        reason=reason,
        comment=part.comment if part else "",
        who=who_of(detail.names, part.by) if part else "",
        line=policy.name if policy.slug in ground.seen else ELSEWHERE,
    )


def _part(detail: OperFacts, line_id: int, piece: SliceRow) -> PartView | None:
    held = detail.parts.get((line_id, piece.stop_start or 0), ())
    return next((part for part in held if part.start <= piece.start < part.end), None)


def _when(start: int, end: int, now: int, zone: ZoneInfo, *, is_open: bool) -> str:
    """ "10:27–now", "09:41–09:53", and before today with its day."""
    clock = say.clock(start, zone)
    moment = say.moment(start, now, zone)
    day = "" if moment == clock else f"{moment.removesuffix(clock).strip()} "
    last = "now" if is_open else say.clock(end, zone)
    return f"{day}{clock}{say.EN_DASH}{last}" if end - start < DAY else f"{day}{clock} to {say.moment(end, now, zone)}"
