"""How a line stands: one of nine looks with its trouble rank, its words and since when. Pure."""

from dataclasses import dataclass

from apps.live.ribbon import kind_of, reason_text
from apps.live.types import BoardFacts, Look
from apps.oee.types import Binding, Bucket, SliceRow
from apps.shared import format as say
from apps.shared.instants import MINUTE
from apps.states.types import State

_RANK: dict[Look, int] = {
    "untag": 1, "stop": 2, "nosig": 3, "micro": 4, "setup": 5, "slow": 6, "run": 7, "planned": 8, "nojob": 9,
}  # fmt: skip
_WORD: dict[Look, tuple[str, str]] = {
    "untag": ("stopped", "Stopped"),
    "stop": ("stopped", "Stopped"),
    "nosig": ("no_signal", "No signal"),
    "micro": ("micro_stop", "Micro-stop"),
    "setup": ("changeover", "Changeover"),
    "slow": ("running", "Running"),
    "run": ("running", "Running"),
    "planned": ("planned", "Planned"),
    "nojob": ("no_job", "No job"),
}
_BANDS: dict[int, str] = {
    **dict.fromkeys((1, 2, 3), "now"),
    **dict.fromkeys((4, 5, 6), "watch"),
    7: "pace",
    **dict.fromkeys((8, 9), "unscheduled"),
}
RECENT = 30 * MINUTE


@dataclass(frozen=True, slots=True)
class Standing:
    """A line's look at an instant: `since` in microseconds, `why` the words beside the state, `reason` a code or ""."""

    look: Look
    rank: int
    since: int | None
    why: str
    reason: str = ""

    @property
    def word(self) -> str:
        """The state's word as people read it."""
        return _WORD[self.look][1]

    @property
    def word_key(self) -> str:
        """The state's word for programs."""
        return _WORD[self.look][0]

    @property
    def band(self) -> str:
        """Which band of the plant page: now, watch, pace or unscheduled."""
        return _BANDS[self.rank]


def standing(facts: BoardFacts, now: int, *, is_behind: bool) -> Standing:
    """How the line stands now: the machine's own state decides, the last slice says what kind of stop it is."""
    machine = facts.machine
    last = facts.current
    if machine.state == State.NO_SIGNAL:
        return _silent(facts, now)
    if machine.state == State.RUNNING:
        return _running(facts, last, is_behind=is_behind)
    return _stopped(facts, last, now)


def _silent(facts: BoardFacts, now: int) -> Standing:
    at = facts.machine.last_good_at
    why = "No reading yet" if at is None else f"Last reading {say.moment(at, now, facts.zone)}"
    # A machine that is switched off outside its shifts is nobody's errand.
    return Standing("nosig", 3 if facts.in_shift else 8, at, why)


def _running(facts: BoardFacts, last: SliceRow | None, *, is_behind: bool) -> Standing:
    since = facts.machine.since
    if last is None or last.binding == Binding.NONE:
        return Standing("run", 7, since, "No job in Epicor")
    if last.binding == Binding.UNRESOLVED:
        return Standing("run", 7, since, "Two jobs are open")
    return Standing("slow", 6, since, "Behind plan") if is_behind else Standing("run", 7, since, "")


def _stopped(facts: BoardFacts, last: SliceRow | None, now: int) -> Standing:
    """`last` may not be of this stop yet (a sample came ahead of the figures): then the rules are followed here."""
    began = facts.machine.since if facts.machine.since is not None else now
    if not facts.in_shift:
        return Standing("planned", 8, began, "No shift")
    kind = _kind(facts, last, began, now)
    is_told = last is not None and last.stop_start == began
    reason = last.reason if last is not None and is_told else ""
    if kind == "micro":
        return Standing("micro", 4, began, _how_often(facts, began, now))
    if kind == "untag":
        return Standing("untag", 1, began, "No reason yet")
    if kind in {"stop", "setup"}:
        look: Look = "stop" if kind == "stop" else "setup"
        return Standing(look, _RANK[look], began, reason_text(facts, reason), reason)
    at = _began(facts, kind) if is_told else began
    if kind == "nojob":
        return Standing("nojob", 9, at, "Nothing is started in Epicor", reason)
    return Standing("planned", 8, at, _planned(facts, reason, now), reason)


def _kind(facts: BoardFacts, last: SliceRow | None, began: int, now: int) -> str:
    """What kind of stop it is now: as the last slice says, but a stop grows out of being a micro-stop by itself."""
    is_short = now - began < facts.policy.micro_stop_us
    if last is not None and last.stop_start == began:
        kind = kind_of(last, facts.policy.no_job_reason)
        return kind if kind != "micro" or is_short else "untag"
    if _pause(facts, now) is not None:
        return "planned"
    if last is not None and last.kind == "setup":
        return "setup"
    if last is not None and last.binding == Binding.NONE:
        return "nojob"
    return "micro" if is_short else "untag"


def _how_often(facts: BoardFacts, began: int, now: int) -> str:
    starts = {row.stop_start for row in facts.slices if row.bucket == Bucket.MICRO_STOP and row.end > now - RECENT}
    count = len(starts | {began})
    return f"{count} in the last 30 min" if count > 1 else "First in 30 min"


def _began(facts: BoardFacts, kind: str) -> int:
    """Since when the line has looked like this without a break, as far as the window reaches."""
    at = facts.current.start if facts.current is not None else facts.window[1]
    for row in reversed(facts.slices):
        if kind_of(row, facts.policy.no_job_reason) != kind or row.end < at:
            break
        at = row.start
    return at


def _planned(facts: BoardFacts, reason: str, now: int) -> str:
    until = _pause(facts, now)
    if reason or until is None:
        return reason_text(facts, reason)
    return f"Break until {say.clock(until, facts.zone)}"


def _pause(facts: BoardFacts, now: int) -> int | None:
    """The end of the planned break at this instant, if there is one."""
    pauses = facts.shift.breaks if facts.shift is not None else ()
    return next((end for start, end in pauses if start <= now < end), None)
