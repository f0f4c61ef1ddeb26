"""What people read where settled figures are restated: what was said or told, in a short sentence without its full stop.

Times are the plant's own; a date stands before those of another day than the one on which it was said.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from apps.downtime.models import ReasonTag, SplitMark
from apps.jobs.types import Choice, Closing, ErpFacts, JobState, LaborFact
from apps.lines.types import LinePolicy
from apps.shared.instants import from_us

# As long as the column that keeps it.
LONGEST = 120
# Asked only where something is restated, with the line on which it is.
Why = Callable[[LinePolicy], str]


def short(text: str, room: int = LONGEST) -> str:
    """No longer than there is room for."""
    return text if len(text) <= room else f"{text[: room - 1]}…"


def clock(policy: LinePolicy, at: int, now: int) -> str:
    """10:38, or 2026-03-02 10:38 where that is another day than today in the plant."""
    zone = ZoneInfo(policy.calendar.time_zone)
    then, today = from_us(at).astimezone(zone), from_us(now).astimezone(zone)
    return f"{then:%H:%M}" if then.date() == today.date() else f"{then:%Y-%m-%d %H:%M}"


def mark(action: str, at: int, code: str, by: str, now: int) -> Why:
    """A tag, a split, or that one of them was taken back."""
    words: dict[str, str] = {
        ReasonTag.Action.TAG: f"Stop at {{at}} tagged {code}",
        ReasonTag.Action.UNTAG: "Tag of the stop at {at} taken back",
        SplitMark.Action.SPLIT: "Stop split at {at}",
        SplitMark.Action.UNSPLIT: "Split at {at} taken back",
    }
    said = words[action]
    return lambda policy: short(said.replace("{at}", clock(policy, at, now)) + _by(by))


def scrap(at: int, qty: int, code: str, by: str, now: int) -> Why:
    """Parts that were called scrap."""
    reason = f" ({code})" if code else ""
    parts = "1 part" if qty == 1 else f"{qty} parts"
    return lambda policy: short(f"{parts} before {clock(policy, at, now)} reported as scrap{reason}{_by(by)}")


def choice(made: Choice, now: int) -> Why:
    """A supervisor's choice among operations."""
    oper = f"{made.job_num} {made.assembly_seq}/{made.opr_seq}"

    def why(policy: LinePolicy) -> str:
        start, end = (clock(policy, at, now) for at in (made.start, made.end))
        return short(f"{oper} chosen from {start} to {end}{_by(made.by)}")

    return why


def machine(now: int) -> Why:
    """Facts of machines that came after figures had been made."""
    return lambda policy: short(f"Facts of the machine came at {clock(policy, now, now)}")


def first_of(said: Mapping[str, Sequence[Why]], otherwise: Why) -> Why:
    """The first that was said of a line, and how much more was; `otherwise` where nothing was said of it."""

    def why(policy: LinePolicy) -> str:
        own = said.get(policy.slug, ())
        return _with_more(own[0](policy), own) if own else otherwise(policy)

    return why


def erp(facts: ErpFacts, now: int) -> Why:
    """What Epicor told: the first of it that can bind a line or end a binding, and how much more there was."""

    def why(policy: LinePolicy) -> str:
        told: list[LaborFact | Closing | JobState] = [*facts.labor, *facts.closings, *facts.jobs]
        if not told:
            codes = [row.code for row in facts.reasons]
            return _with_more(f"Reason {codes[0]} told by Epicor", codes) if codes else "Epicor told it later"
        return _with_more(_told(told[0], policy, now), told)

    return why


def _told(fact: LaborFact | Closing | JobState, policy: LinePolicy, now: int) -> str:
    if isinstance(fact, LaborFact):
        job = f" of {fact.carried['JobNum']}" if "JobNum" in fact.carried else ""
        return f"Labor {fact.labor_hed_seq}/{fact.labor_dtl_seq}{job} {fact.edge} at {clock(policy, fact.at, now)}"
    if isinstance(fact, Closing):
        if fact.opr_seq is None:
            return f"Job {fact.job_num} closed at {clock(policy, fact.at, now)}"
        return f"{fact.job_num} {fact.assembly_seq}/{fact.opr_seq} completed at {clock(policy, fact.at, now)}"
    if len(fact.operations) == 1:
        oper = fact.operations[0]
        standard = f"{oper.prod_standard:g} {oper.std_format}".rstrip()
        return f"Standard of {fact.job_num} {oper.assembly_seq}/{oper.opr_seq} is {standard} now"
    return f"Job {fact.job_num} is another one in Epicor now"


def configuration(differences: Iterable[str]) -> Why:
    """What was configured otherwise, as `plant load` says it."""
    found = list(differences)

    def why(_policy: LinePolicy) -> str:
        return _with_more(f"Configured: {found[0]}", found) if found else "The plant was configured otherwise"

    return why


def always(text: str) -> Why:
    """The same sentence for every line."""
    return lambda _policy: short(text)


def _by(by: str) -> str:
    return f" by {by}" if by else ""


def _with_more(text: str, told: Sequence[object]) -> str:
    rest = f" and {len(told) - 1} more" if len(told) > 1 else ""
    return short(text, LONGEST - len(rest)) + rest
