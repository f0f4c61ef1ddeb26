"""What the tablet shows: the stops that wait for a reason, those that have one, and the reasons in two levels. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from apps.oee.types import Bucket, PartView, StopView
from apps.reasons.types import ReasonView
from apps.screens.tablet.reads import PersonView, TabletFacts
from apps.shared import format as say
from apps.shared.instants import MINUTE

USUAL = "Usual here"
OTHER = "Other"
KINDS = 8
PLACES = 9
LONG = 22
PHRASES = ("Called maintenance", "Waiting for spare", "Second time today", "Changed the tool", "Cleaned and restarted")


class PartItem(NamedTuple):
    """A stop part: `at` is an instant inside it (microseconds), which is how a tag names it."""

    at: int
    start: int
    end: int
    title: str
    sub: str
    asks: str
    reason: str
    reason_text: str
    by: str
    comment: str
    is_open: bool
    may_split: bool
    is_cut: bool

    @property
    def span(self) -> int:
        """Its length in microseconds."""
        return self.end - self.start


class ReasonButton(NamedTuple):
    """A reason to tap; a text is the code itself where Epicor gives none, and carries the code where two are alike."""

    code: str
    text: str
    is_long: bool


class Kind(NamedTuple):
    """A first-level button with its pages of at most nine places."""

    key: str
    label: str
    pages: tuple[tuple[ReasonButton, ...], ...]


class Person(NamedTuple):
    """A name to tap."""

    id: int
    name: str
    initials: str
    sub: str
    has_pin: bool


@dataclass(frozen=True, slots=True)
class LeftPage:
    """The left column: the open stop if it can be tagged, those that wait, those that are done (latest first)."""

    current: PartItem | None
    need: tuple[PartItem, ...]
    done: tuple[PartItem, ...]
    rest: str


@dataclass(frozen=True, slots=True)
class TabletPage:
    """The whole tablet. `seal` goes with what is tapped and says who tapped it."""

    left: LeftPage
    kinds: tuple[Kind, ...]
    scrap_reasons: tuple[ReasonButton, ...]
    people: tuple[Person, ...]
    seal: str
    who: str
    initials: str
    scrap: int
    phrases: tuple[str, ...] = PHRASES


def left_page(facts: TabletFacts, now: int) -> LeftPage:
    """The stops of the shift as the left column shows them."""
    items = [item for stop in facts.stops for item in _items(facts, stop, now)]
    current = next((item for item in items if item.is_open and not item.reason), None)
    need = [item for item in items if not item.reason and item is not current]
    done = [item for item in items if item.reason]
    limit = say.span(facts.policy.micro_stop_us)
    return LeftPage(
        current=current,
        need=tuple(reversed(need)),
        done=tuple(reversed(done)),
        rest=f"If the line stops for more than {limit}, the question comes up here by itself.",
    )


def _items(facts: TabletFacts, stop: StopView, now: int) -> Iterator[PartItem]:
    """The parts of a stop that people may speak about: downtime, and whatever has a reason already."""
    last = len(stop.parts) - 1
    for index, part in enumerate(stop.parts):
        bucket = _bucket(facts, part)
        if part.reason or bucket in {Bucket.DOWNTIME, Bucket.SETUP}:
            is_open = stop.is_open and index == last
            yield _item(facts, part, bucket, now, is_open=is_open, is_cut=index > 0)


def _bucket(facts: TabletFacts, part: PartView) -> str:
    """The bucket of most of a part's time; "" where nobody has to explain it (a micro-stop, a break, no job)."""
    time: dict[str, int] = {}
    for row in facts.slices:
        shared = min(row.end, part.end) - max(row.start, part.start)
        # A slice that got its reason from the line's rule for time without a job needs nobody.
        if shared > 0 and (not row.reason or part.reason):
            time[row.bucket] = time.get(row.bucket, 0) + shared
    return max(time, key=lambda bucket: time[bucket]) if time else ""


def _item(facts: TabletFacts, part: PartView, bucket: str, now: int, *, is_open: bool, is_cut: bool) -> PartItem:
    start = say.clock(part.start, facts.zone)
    times = start if is_open else say.clock_range(part.start, part.end, facts.zone)
    # Changeover in a setup run explains itself.
    is_setup = not part.reason and bucket == Bucket.SETUP
    known = facts.reasons.get(part.reason)
    text = "Changeover" if is_setup else (known.description or part.reason) if known else part.reason
    return PartItem(
        at=part.start,
        start=part.start,
        end=now if is_open else part.end,
        title=times,
        sub=_says(text, part) if text else _job_at(facts, part),
        asks=f"{start}, still stopped" if is_open else times,
        reason=part.reason or ("~setup" if is_setup else ""),
        reason_text=text,
        by=part.by,
        comment=part.comment,
        is_open=is_open,
        may_split=part.end - part.start >= 2 * MINUTE,
        is_cut=is_cut,
    )


def _says(text: str, part: PartView) -> str:
    return " · ".join(word for word in (text, "by the machine" if part.by == "machine" else "", part.comment) if word)


def _job_at(facts: TabletFacts, part: PartView) -> str:
    """The job that the line was on when the part began."""
    for row in facts.slices:
        if row.start < part.end and row.end > part.start and row.oper_id in facts.opers:
            oper = facts.opers[row.oper_id]
            return f"{oper.job_num} Op {oper.opr_seq}"
    return "No job"


def kinds_of(facts: TabletFacts) -> tuple[Kind, ...]:
    """Eight kinds at most: what is usual here, then the dictionary's groups in its order, the last one taking the rest."""
    chosen = list(reasons_for(facts.reasons.values(), facts.policy.slug, "downtime"))
    groups: dict[str, list[ReasonView]] = {}
    for reason in chosen:
        groups.setdefault(reason.group or OTHER, []).append(reason)
    names = sorted(groups, key=lambda name: (min(reason.order for reason in groups[name]), name))
    if len(names) > KINDS - 1:
        kept, rest = names[: KINDS - 2], names[KINDS - 2 :]
        groups[OTHER] = [reason for name in rest for reason in groups[name]]
        names = [*(name for name in kept if name != OTHER), OTHER]
    known = {reason.code: reason for reason in chosen}
    usual = [known[code] for code in facts.usual if code in known]
    usual += [reason for reason in chosen if reason not in usual]
    alike = _alike(chosen)
    first = Kind("usual", USUAL, (tuple(_button(reason, alike) for reason in usual[:PLACES]),))
    return first, *(
        Kind(f"kind-{index}", name, _pages([_button(reason, alike) for reason in groups[name]]))
        for index, name in enumerate(names)
    )


def scrap_buttons(facts: TabletFacts) -> tuple[ReasonButton, ...]:
    """The reasons for scrap, at most nine, with the words that they have as such."""
    chosen = [
        reason._replace(description=reason.scrap_description or reason.description)
        for reason in reasons_for(facts.reasons.values(), facts.policy.slug, "scrap")
        if _is_for_scrap(reason)
    ]
    alike = _alike(chosen)
    return tuple(_button(reason, alike) for reason in chosen[:PLACES])


def _is_for_scrap(reason: ReasonView) -> bool:
    """Whether somebody said so: a plant file that says nothing of the kind means stops, unless the category is scrap's."""
    return reason.kind == "scrap" or reason.is_told or reason.category in {"process_defect", "startup_reject"}


def reasons_for(dictionary: Iterable[ReasonView], slug: str, kind: str) -> list[ReasonView]:
    """The codes that may be chosen at this line, in the dictionary's order."""
    found = [
        reason
        for reason in dictionary
        if not reason.is_retired and reason.kind in {kind, "any"} and (not reason.lines or slug in reason.lines)
    ]
    return sorted(found, key=lambda reason: (reason.order, reason.code))


def _alike(reasons: Iterable[ReasonView]) -> frozenset[str]:
    texts = [reason.description for reason in reasons]
    return frozenset(text for text in texts if texts.count(text) > 1)


def _button(reason: ReasonView, alike: frozenset[str]) -> ReasonButton:
    text = reason.description or reason.code
    text = f"{text} ({reason.code})" if reason.description in alike else text
    return ReasonButton(reason.code, text, len(text.replace("\u00ad", "")) > LONG)


def _pages(buttons: list[ReasonButton]) -> tuple[tuple[ReasonButton, ...], ...]:
    """Nine places, or eight and "More"."""
    if len(buttons) <= PLACES:
        return (tuple(buttons),)
    step = PLACES - 1
    return tuple(tuple(buttons[at : at + step]) for at in range(0, len(buttons), step))


def people_of(facts: TabletFacts, people: Iterable[PersonView], now: int) -> tuple[Person, ...]:
    """The names to tap."""
    return tuple(_person(facts, person, now) for person in people)


def _person(facts: TabletFacts, person: PersonView, now: int) -> Person:
    words = person.name.split()
    since = "" if person.since is None else say.moment(person.since, now, facts.zone)
    return Person(
        id=person.id,
        name=person.name,
        initials="".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper(),
        sub=f"On a job in Epicor since {since}" if since else "Not on a job in Epicor",
        has_pin=person.has_pin,
    )
