"""What people tell Jobline on tablets: reasons for most stops some minutes later, scrap, and supervisors' decisions."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from random import Random
from typing import Any, NamedTuple

from apps.shared.instants import MINUTE, SECOND, iso
from apps.simulators.demo.crew import operator, supervisor
from apps.simulators.demo.dictionary import reasons
from apps.simulators.demo.floor import DemoLine
from apps.simulators.demo.labour import Task
from apps.simulators.demo.types import Said, Spell, Window

# A stop without a cause that a person would know is never tagged; of the others, most are.
_TAGGED, _MACHINE_TAGGED = 0.82, 0.15
_COMMENTS = {
    "D210": "Insert chipped, changed T04",
    "M110": "Truck late, next load at the half hour",
    "E130": "Drive reset, electrician informed",
    "M130": "Sheet out of flatness",
    "E190": "Controller hung, restarted",
}
_SECOND_REASONS = ("Q310", "P140", "M150", "S230", "T240")


class _Stop(NamedTuple):
    start: int
    end: int
    cause: str
    at: int
    fault: int


def sayings(line: DemoLine, window: Window, spells: Sequence[Spell], random: Random) -> tuple[Said, ...]:
    """Tags, splits, undos and scrap of one window, in no order."""
    if not window.shift:
        return ()
    emp_id = operator(line, window.shift).emp_id
    said: list[Said] = []
    for stop in _stops(spells):
        if stop.end - stop.start <= line.micro_stop_s * SECOND or stop.cause in ("", "?"):
            continue
        # Where the fault register has a reason, the machine has answered already.
        share = _MACHINE_TAGGED if str(stop.fault) in line.fault_reasons else _TAGGED
        if random.random() < share:
            said.extend(_explained(line, stop, emp_id, random))
    said.extend(_scrap(line, window, spells, emp_id, random))
    return tuple(said)


def resolutions(line: DemoLine, conflicts: Iterable[tuple[int, int, Task]], random: Random) -> tuple[Said, ...]:
    """A supervisor's answers to most of the stretches in which two operations were open; the newer one is right."""
    said = []
    for start, end, task in conflicts:
        if line.concurrent_jobs == "newest" or random.random() < 0.35 or end <= start:
            continue
        told = end + int(random.uniform(5, 90) * MINUTE)
        body = {
            "t": "resolve", "line": line.slug, "start": iso(start), "end": iso(end), "JobNum": task.job.number,
            "AssemblySeq": 0, "OprSeq": task.step.opr_seq, "by": supervisor(line.plant).emp_id, "tagged_at": iso(told),
        }  # fmt: skip
        said.append(Said(told, body))
    return tuple(said)


def _stops(spells: Sequence[Spell]) -> list[_Stop]:
    """Neighbouring spells of standing still are one stop; its cause is that of the longest spell that has one."""
    found = []
    for running, group in groupby(spells, key=lambda spell: spell.running):
        if running:
            continue
        spells_of_it = list(group)
        main = max(spells_of_it, key=lambda spell: (bool(spell.cause), spell.end - spell.start))
        fault = next((spell.fault for spell in spells_of_it if spell.fault), 0)
        middle = (main.start + main.end) // 2
        found.append(_Stop(spells_of_it[0].start, spells_of_it[-1].end, main.cause, middle, fault))
    return found


def _explained(line: DemoLine, stop: _Stop, emp_id: str, random: Random) -> list[Said]:
    # The tablet asks once the stop is longer than a micro-stop; people answer then, or when it is over.
    asked = stop.start + line.micro_stop_s * SECOND
    told = max(asked, stop.end if random.random() < 0.4 else asked) + int(random.uniform(20, 9 * 60) * SECOND)
    # Nobody points at an instant that is still to come.
    stop = stop._replace(at=min(stop.at, told - SECOND))
    comment = _COMMENTS.get(stop.cause, "") if random.random() < 0.3 else ""
    said = [_tagged(_say(line, "tag", stop.at, emp_id, told), stop.cause, comment)]
    if stop.end - stop.start > 12 * MINUTE and told > stop.end and random.random() < 0.3:
        said.extend(_split(line, stop, emp_id, told, random))
    elif random.random() < 0.04:
        said.extend(_changed_mind(line, stop, emp_id, told, random))
    return said


def _split(line: DemoLine, stop: _Stop, emp_id: str, told: int, random: Random) -> list[Said]:
    """The end of a long stop had another reason. One in six takes the cut back again."""
    # To the second: people cut at a time that a screen shows.
    cut = (stop.start + int((stop.end - stop.start) * random.uniform(0.6, 0.85))) // SECOND * SECOND
    later = (cut + stop.end) // 2
    said = [
        _say(line, "split", cut, emp_id, told + 20 * SECOND),
        _tagged(_say(line, "tag", later, emp_id, told + 35 * SECOND), random.choice(_SECOND_REASONS)),
    ]
    if random.random() < 1 / 6:
        said.append(_say(line, "unsplit", cut, emp_id, told + 3 * MINUTE))
        said.append(_tagged(_say(line, "tag", stop.at, emp_id, told + 4 * MINUTE), stop.cause))
    return said


def _changed_mind(line: DemoLine, stop: _Stop, emp_id: str, told: int, random: Random) -> list[Said]:
    said = [_say(line, "untag", stop.at, emp_id, told + 6 * SECOND)]
    if random.random() < 0.7:
        said.append(_tagged(_say(line, "tag", stop.at, emp_id, told + 15 * SECOND), random.choice(_SECOND_REASONS)))
    return said


def _scrap(line: DemoLine, window: Window, spells: Sequence[Spell], emp_id: str, random: Random) -> list[Said]:
    """Parts that the machine counted good and a person found bad, once or twice a shift."""
    made = sum(len(spell.parts) for spell in spells)
    if made < 40:
        return []
    codes = [one.code for one in reasons() if one.is_scrap and (not one.lines or line.template in one.lines)]
    found = []
    for _ in range(random.choice((0, 1, 1, 2))):
        at = window.start + int((window.end - window.start) * random.uniform(0.4, 0.97)) // SECOND * SECOND
        body = {"t": "scrap", "line": line.slug, "at": iso(at), "qty": random.randint(1, 4)}
        found.append(Said(at, body | {"code": random.choice(codes), "by": emp_id}))
    return found


def _tagged(said: Said, code: str, comment: str = "") -> Said:
    return Said(said.told, said.body | {"code": code, "comment": comment})


def _say(line: DemoLine, what: str, at: int, emp_id: str, told: int) -> Said:
    body: dict[str, Any] = {"t": what, "line": line.slug, "at": iso(at), "by": emp_id, "tagged_at": iso(told)}
    return Said(told, body)
