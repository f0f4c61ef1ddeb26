"""Stops, their parts and reasons (SEMANTICS §4)."""

from dataclasses import dataclass

from tests.oracle.facts import Mark, Sample
from tests.oracle.instants import pieces
from tests.oracle.plant import Config, Line, Reason
from tests.oracle.states import State


@dataclass(frozen=True)
class Part:
    start: int
    end: int
    reason: Reason | None


@dataclass(frozen=True)
class Stop:
    id: str
    start: int
    end: int
    fault: int
    micro: bool
    parts: tuple[Part, ...]

    def part_at(self, at: int) -> Part:
        return next(part for part in self.parts if part.start <= at < part.end)


def fault_of(samples: list[Sample], start: int, end: int) -> int:
    """§4: "the first code other than 0 is the stop's fault". The code at an instant is that of the last good sample."""
    return next((s.fault for s in samples if s.good and start <= s.at < end and s.fault), 0)


def split_instants(marks: list[Mark]) -> set[int]:
    """§4: "split it at an instant …, undo either". FORMATS §2: "between split and unsplit at one instant" the greatest
    `tagged_at` stands; "unsplit over split"."""
    splits = [mark for mark in marks if mark.t in ("split", "unsplit")]
    standing = {at: max((m.tagged_at, m.t == "unsplit") for m in splits if m.at == at) for at in {m.at for m in splits}}
    return {at for at, (_, undone) in standing.items() if not undone}


def _person(config: Config, line: Line, marks: list[Mark], start: int, end: int) -> Reason | None:
    """§4: "the last tag stands". FORMATS §2: ties "untag over tag, … then the greater code. A tag with an unknown code
    waits for it"."""
    company = line.plant.company
    here = [
        mark
        for mark in marks
        if start <= mark.at < end
        and (mark.t == "untag" or (mark.t == "tag" and (company, mark.code) in config.reasons))
    ]
    last = max(here, key=lambda mark: (mark.tagged_at, mark.t == "untag", mark.code), default=None)
    return None if last is None or last.t == "untag" else config.reasons[company, last.code]


def _machine(config: Config, line: Line, fault: int) -> Reason | None:
    """§4: "A fault code may be mapped to a reason (per line or plant)": for parts without a person's tag."""
    code = line.fault_reasons.get(str(fault)) if fault else None
    return None if code is None else config.reasons.get((line.plant.company, code))


def stops(config: Config, line: Line, samples: list[Sample], marks: list[Mark], states: list[State]) -> list[Stop]:
    """§4: "A **Stop** is a maximal unbroken interval in `stopped`"; "shorter than the line's `micro_stop_s`" is a
    micro-stop; "a split outside a stop or at its edge does nothing"."""
    result = []
    splits = split_instants(marks)
    for start, end, state in states:
        if state == "stopped":
            fault = fault_of(samples, start, end)
            machine = _machine(config, line, fault)
            parts = [Part(s, e, _person(config, line, marks, s, e) or machine) for s, e in pieces(splits, start, end)]
            result.append(Stop(f"{line.slug}@{start}", start, end, fault, end - start < line.micro_stop, tuple(parts)))
    return result
