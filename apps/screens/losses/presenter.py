"""The losses page: one sentence, a Pareto, the way from planned to good time, and the table. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from apps.oee import pareto
from apps.oee.pareto import Bar, Loss
from apps.screens.losses import charts
from apps.screens.losses.address import GROUPS, PRESETS, Asked, Stretch
from apps.screens.losses.reads import LossFacts, operation_name
from apps.shared import format as say
from apps.shared.instants import from_us

SHOWN = 9
VITAL = Fraction(8, 10)
NONE = "none"
MICRO, SETUP = "~micro_stop", "~setup"
_OWN = {"": "Without a reason", MICRO: "Micro-stops", SETUP: "Changeover, untagged"}
_BIG_LOSS = {
    "equipment_failure": "Breakdowns",
    "setup_adjustment": "Setup",
    "minor_stop": "Minor stops",
    "planned": "Planned",
    "process_defect": "Rejects",
    "startup_reject": "Start-up rejects",
    "other": "Other stops",
}
_SHARES = (
    (0.97, "all"), (0.85, "most"), (0.7, "three quarters"), (0.62, "two thirds"), (0.55, "more than half"),
    (0.5, "half"), (0.45, "almost half"), (0.37, "more than a third"), (0.3, "a third"), (0.22, "a quarter"),
)  # fmt: skip


class Choice(NamedTuple):
    """An option of a filter."""

    value: str
    label: str
    is_on: bool


class Filter(NamedTuple):
    """A filter with its options; `is_set` gives it an ink border."""

    name: str
    label: str
    options: tuple[Choice, ...]
    is_set: bool


class Day(NamedTuple):
    """A bar of the small picture by day, in its 96 × 22 box."""

    x: float
    y: float
    width: float
    height: float
    is_last: bool


class Row(NamedTuple):
    """A row of the table."""

    code: str
    text: str
    was: str
    big_loss: str
    stops: str
    time: str
    per_stop: str
    share: str
    cumulative: str
    is_vital: bool
    is_need: bool
    href: str
    days: tuple[Day, ...]


class Part(NamedTuple):
    """A piece of the sentence, strong or not."""

    text: str
    is_strong: bool


@dataclass(frozen=True, slots=True)
class LossesPage:
    """Everything on the page."""

    filters: tuple[Filter, ...]
    groups: tuple[tuple[str, str, bool], ...]
    own_dates: tuple[str, str] | None
    sentence: tuple[Part, ...]
    title: str
    rows: tuple[Row, ...]
    stops: str
    read_at: str
    pareto: Mapping[str, Any]
    waterfall: Mapping[str, Any]
    waterfall_note: str
    axis_note: str
    export: str
    clear: str
    kept: tuple[tuple[str, str], ...]
    nothing: str
    group_word: str


class Names(NamedTuple):
    """The choices that don't come from the losses themselves: (value, label) of plants, lines, shifts."""

    plants: Sequence[tuple[str, str]]
    lines: Sequence[tuple[str, str]]
    shifts: Sequence[tuple[str, str]]


class Places(NamedTuple):
    """The addresses of the page and of its export."""

    path: str
    export: str


def present(
    facts: LossFacts, names: Names, asked: Asked, stretch: Stretch, *, zone: ZoneInfo, now: int, places: Places
) -> LossesPage:
    """The page."""
    bars = [bar for bar in pareto.bars(facts.found, asked.by) if bar.us or bar.stops]
    texts = _texts(facts, names, asked.by)
    rows = _rows(facts, bars, texts, asked, stretch, zone, places.path)
    waterfall = charts.waterfall(facts.figures)
    read_at = say.moment(_us(facts), now, zone) if facts.read_at else ""
    return LossesPage(
        filters=_filters(facts, names, asked, stretch),
        groups=tuple((asked.address(places.path, by=key), label, key == asked.by) for key, label, _word in GROUPS),
        own_dates=_own_dates(asked, stretch),
        sentence=_sentence(bars, texts, facts, stretch) if asked.by == "reason" else _plain(bars, stretch),
        title=f"Stop time by {_word(asked.by)}",
        rows=rows,
        stops=_count(len({(loss.policy.line_id, loss.row.stop_start) for loss in facts.found}), "stop"),
        read_at=read_at,
        pareto=charts.pareto(
            [
                charts.ParetoBar(bar.us, row.text, row.time, row.is_need, row.href)
                for bar, row in zip(bars, rows, strict=True)
            ],
            f"{_word(asked.by)}s",
        ),
        waterfall=waterfall.figure,
        waterfall_note="of everything that ran: a reason does not filter it" if asked.reason else "",
        axis_note=waterfall.note,
        export=asked.address(places.export),
        clear=Asked(plant=asked.plant).address(places.path),
        kept=(("by", asked.by),) if asked.by != "reason" else (),
        nothing=f"No line lost any time to stops, {stretch.label}, under these filters.",
        group_word=next(label for key, label, _word in GROUPS if key == asked.by),
    )


def _us(facts: LossFacts) -> int:
    from apps.shared.instants import to_us

    return to_us(facts.read_at) if facts.read_at else 0


def _word(by: str) -> str:
    return next(word for key, _label, word in GROUPS if key == by)


def _count(number: int, noun: str) -> str:
    return f"{say.whole(number)} {noun}{'' if number == 1 else 's'}"


def _texts(facts: LossFacts, names: Names, by: str) -> Callable[[str], str]:
    """The words of a bar by its key. Two reasons with one text carry their codes."""
    if by == "reason":
        said = [reason.description for reason in facts.reasons.values()]
        texts = {
            code: (f"{reason.description} ({code})" if said.count(reason.description) > 1 else reason.description)
            or code
            for code, reason in facts.reasons.items()
        } | _OWN
    elif by == "line":
        texts = dict(names.lines)
    elif by == "operation":
        texts = {_oper_key(loss): _oper_text(loss) for loss in facts.found if loss.oper}
    else:
        texts = {}
    unknown = {"part": "No job", "operation": "No job", "shift": "Outside shifts", "fault": "No fault code"}.get(by, "")
    return lambda key: texts.get(key) or key or unknown


def _oper_key(loss: Loss) -> str:
    return f"{loss.oper.job_num}/{loss.oper.assembly_seq}/{loss.oper.opr_seq}" if loss.oper else ""


def _oper_text(loss: Loss) -> str:
    return f"{loss.oper.job_num} {operation_name(loss.oper)}" if loss.oper else ""


def _rows(
    facts: LossFacts, bars: Sequence[Bar], texts: Callable[[str], str], asked: Asked, stretch: Stretch,
    zone: ZoneInfo, path: str,
) -> tuple[Row, ...]:  # fmt: skip
    by_day = _by_day(facts.found, asked.by, stretch, zone)
    before = Fraction(0)
    rows = []
    for bar in bars:
        is_vital = before < VITAL
        before = bar.cumulative or Fraction(0)
        is_need = asked.by == "reason" and bar.key == ""
        reason = facts.reasons.get(bar.key) if asked.by == "reason" else None
        rows.append(
            Row(
                code=bar.key if reason else "",
                text=texts(bar.key),
                was="",
                big_loss=_big_loss(bar.key, reason.category if reason else "") if asked.by == "reason" else "",
                stops=say.whole(bar.stops),
                time=say.summed_hours(bar.us),
                per_stop=say.summed_hours(bar.us // bar.stops) if bar.stops else say.NOTHING,
                share=say.percent_sign(bar.share, 1),
                cumulative=say.percent_sign(bar.cumulative, 1),
                is_vital=is_vital,
                is_need=is_need,
                href=_href(asked, bar.key, path),
                days=_days(by_day.get(bar.key, {}), stretch),
            )
        )
    return tuple(rows)


def _big_loss(key: str, category: str) -> str:
    if key == MICRO:
        return "Minor stops"
    return "Setup" if key == SETUP else _BIG_LOSS.get(category, "Not known" if not key else "")


def _href(asked: Asked, key: str, path: str) -> str:
    """Clicking a bar sets its filter; a second click takes it away."""
    field = {"reason": "reason", "line": "line", "part": "part", "shift": "shift"}.get(asked.by)
    if field is None or (not key and field != "reason"):
        return ""
    value = key or NONE
    return asked.address(path, **{field: "" if getattr(asked, field) == value else value})


def _by_day(losses: Iterable[Loss], by: str, stretch: Stretch, zone: ZoneInfo) -> dict[str, dict[date, int]]:
    """Microseconds by bar and production day; time outside shifts goes to its local date."""
    found: dict[str, dict[date, int]] = {}
    key_of = pareto.key_of(by)
    for loss in losses:
        day = loss.row.shift_date or from_us(loss.row.start).astimezone(zone).date()
        days = found.setdefault(key_of(loss), {})
        days[day] = days.get(day, 0) + loss.row.end - loss.row.start
    return found


def _days(days: Mapping[date, int], stretch: Stretch) -> tuple[Day, ...]:
    wanted = stretch.days[-31:]
    if len(wanted) < 2:
        return ()
    top = max([days.get(day, 0) for day in wanted] + [1])
    step = 96 / len(wanted)
    made = []
    for index, day in enumerate(wanted):
        height = round(days.get(day, 0) / top * 21 + (1 if days.get(day) else 0), 1)
        width = max(1.5, round(step - 2, 1))
        made.append(Day(round(index * step, 1), round(22 - height, 1), width, height, index == len(wanted) - 1))
    return tuple(made)


def _sentence(bars: Sequence[Bar], texts: Callable[[str], str], facts: LossFacts, stretch: Stretch) -> tuple[Part, ...]:
    """What was lost, what most of it was, and what nobody has explained; from the same rows as the chart."""
    parts = list(_plain(bars, stretch))
    named = [bar for bar in bars if bar.key in facts.reasons and bar.us]
    if named:
        first = named[: 2 if len(named) > 1 else 1]
        share = sum((bar.share or Fraction(0) for bar in first), Fraction(0))
        words = _share_words(share)
        parts.append(Part(" ", is_strong=False))
        parts.append(Part(texts(first[0].key), is_strong=True))
        if len(first) > 1:
            parts += [Part(" and ", is_strong=False), Part(_lower(texts(first[1].key)), is_strong=True)]
        parts.append(Part(f" {'are' if len(first) > 1 else 'is'} {words} of it.", is_strong=False))
    open_time = next((bar.us for bar in bars if bar.key == ""), 0)
    if open_time:
        parts.append(Part(f" {say.summed_hours(open_time)} still have no reason.", is_strong=False))
    return tuple(parts)


def _plain(bars: Sequence[Bar], stretch: Stretch) -> tuple[Part, ...]:
    whole = sum(bar.us for bar in bars)
    when = "today" if len(stretch.days) == 1 and stretch.label else f"in {len(stretch.days)} days"
    when = f"on {stretch.label}" if len(stretch.days) == 1 else when
    return Part(say.summed_hours(whole), is_strong=True), Part(f" lost to stops {when}.", is_strong=False)


def _share_words(share: Fraction) -> str:
    return next((words for least, words in _SHARES if share >= least), say.percent_sign(share))


def _lower(text: str) -> str:
    """A reason inside a sentence: its first letter small, unless the word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _filters(facts: LossFacts, names: Names, asked: Asked, stretch: Stretch) -> tuple[Filter, ...]:
    opers = [loss.oper for loss in facts.every if loss.oper]
    reasons = _texts(facts, names, "reason")
    keys = sorted({pareto.reason_bar(loss.row) for loss in facts.every}, key=reasons)
    dates = [(value, stretch.label if value == "own" and asked.days == "own" else label) for value, label in PRESETS]
    return (
        _filter("plant", "Plant", names.plants, asked.plant, ""),
        _filter("line", "Line", names.lines, asked.line, "All lines"),
        _filter("job", "Job", _same(oper.job_num for oper in opers), asked.job, "All jobs"),
        _filter("part", "Part", _same(oper.part_num for oper in opers if oper.part_num), asked.part, "All parts"),
        _filter("op", "Operation", _same(operation_name(oper) for oper in opers), asked.op, "All operations"),
        _filter("reason", "Reason", [(key or NONE, reasons(key)) for key in keys], asked.reason, "All reasons"),
        _filter("shift", "Shift", names.shifts, asked.shift, "All shifts"),
        Filter("days", "Dates", tuple(Choice(v, label, v == asked.days) for v, label in dates), is_set=True),
    )


def _same(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(value, value) for value in sorted(set(values))]


def _filter(name: str, label: str, options: Sequence[tuple[str, str]], chosen: str, everything: str) -> Filter:
    choices = [Choice(value, text, value == chosen) for value, text in options]
    if chosen and not any(choice.is_on for choice in choices):
        texts = dict(options)
        several = ", ".join(texts.get(value, value) for value in chosen.split(","))
        choices.insert(0, Choice(chosen, several, is_on=True))
    if everything:
        choices.insert(0, Choice("", everything, not chosen))
    return Filter(name, label, tuple(choices), is_set=bool(chosen))


def _own_dates(asked: Asked, stretch: Stretch) -> tuple[str, str] | None:
    if asked.days != "own":
        return None
    return stretch.days[0].isoformat(), stretch.days[-1].isoformat()
