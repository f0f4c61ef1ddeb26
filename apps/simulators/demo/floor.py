"""The demo's companies, plants, shifts and lines; how many lines there are is free, the rest is fixed."""

from dataclasses import dataclass, field, replace
from datetime import time
from fractions import Fraction

from apps.shared.instants import SECOND
from apps.states.types import Limits


@dataclass(frozen=True, slots=True)
class DemoShift:
    """A shift of a demo plant in local time; `days` as in the plant file (Monday is 0 here)."""

    name: str
    days: tuple[int, ...]
    start: time
    end: time
    breaks: tuple[tuple[str, time, time], ...]


@dataclass(frozen=True, slots=True)
class DemoPlant:
    """A site of a demo company."""

    company: str
    company_name: str
    code: str
    name: str
    time_zone: str
    epicor_zone: str
    day_start: time
    shifts: tuple[DemoShift, ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A kind of longer stop: the reason that a person would give, how long it lasts, and the fault register then."""

    reason: str
    weight: float
    minutes: tuple[float, float]
    fault: int = 0


@dataclass(frozen=True, slots=True)
class Traits:
    """How a machine and its crew behave. Rates are per hour of running."""

    slowness: float = 1.08
    scatter: float = 0.06
    micro_per_h: float = 1.6
    stops_per_h: float = 0.55
    scrap: float = 0.012
    setup_minutes: tuple[float, float] = (14, 42)
    troubles: tuple[Trouble, ...] = ()
    runs_through_breaks: bool = False
    # Names of the shifts with a crew; () is all.
    crews: tuple[str, ...] = ()
    silences_per_day: float = 0.0
    reboots_per_day: float = 0.0
    overtime: bool = False
    forgets: float = 0.05
    overlaps: float = 0.2


@dataclass(frozen=True, slots=True)
class DemoLine:
    """A line of the demo: its row of the plant file, its controller's signals, and its character."""

    slug: str
    name: str
    area: str
    plant: DemoPlant
    resource: str
    resource_group: str
    traits: Traits
    template: str = ""
    copy: int = 0
    index: int = 0
    maps_group: bool = False
    good_counter: bool = False
    counter_bits: int = 32
    first_count: int = 0
    micro_stop_s: int = 120
    debounce_s: int = 0
    ideal_cycle_s: float | None = None
    part_cycles: dict[str, float] = field(default_factory=dict)
    concurrent_jobs: str = "flag"
    no_job_reason: str = ""
    fault_reasons: dict[str, str] = field(default_factory=dict)

    @property
    def limits(self) -> Limits:
        """How its samples are read; the same as what its row of the plant file says."""
        return Limits(
            debounce_us=self.debounce_s * SECOND,
            stale_after_us=STALE_AFTER,
            max_rate_per_s=Fraction(MAX_RATE_PER_S),
            bits=dict.fromkeys(("good" if self.good_counter else "total", "reject"), self.counter_bits),
        )

    @property
    def poll_phase(self) -> int:
        """Where in the polling grid this line's samples lie, in microseconds: real ones never coincide."""
        return self.index * 37_000 % POLL


POLL = 500_000
STALE_AFTER = 30 * SECOND
MAX_RATE_PER_S = 5
_ALL_DAYS = (0, 1, 2, 3, 4, 5, 6)
_WORKDAYS = (0, 1, 2, 3, 4)


def _shift(name: str, days: tuple[int, ...], hours: tuple[int, int], *breaks: tuple[str, str, str]) -> DemoShift:
    return DemoShift(
        name,
        days,
        time(hours[0]),
        time(hours[1]),
        tuple((label, time.fromisoformat(start), time.fromisoformat(end)) for label, start, end in breaks),
    )


NORTH = DemoPlant(
    "NVK", "Norvik Metalworks", "North", "Norvik North", "America/Chicago", "Central Standard Time", time(6),
    (
        _shift("Early", _ALL_DAYS, (6, 14), ("Break", "09:00", "09:15"), ("Lunch", "11:30", "12:00")),
        _shift("Late", _ALL_DAYS, (14, 22), ("Break", "17:00", "17:15"), ("Supper", "19:30", "20:00")),
        _shift("Night", _ALL_DAYS, (22, 6), ("Break", "01:00", "01:15"), ("Meal", "03:30", "04:00")),
    ),
)  # fmt: skip
WERK_2 = DemoPlant(
    "HBG", "Halberg Präzisionstechnik", "Werk2", "Halberg Werk 2", "Europe/Berlin", "W. Europe Standard Time", time(6),
    (
        _shift("Früh", _WORKDAYS, (6, 14), ("Pause", "09:00", "09:15"), ("Mittag", "11:30", "12:00")),
        _shift("Spät", _WORKDAYS, (14, 22), ("Pause", "17:00", "17:15"), ("Abendbrot", "19:30", "20:00")),
        _shift("Nacht", _WORKDAYS, (22, 6), ("Pause", "01:00", "01:15"), ("Essen", "03:30", "04:00")),
    ),
)  # fmt: skip

_ANYWHERE = (
    Trouble("M110", 5, (4, 24)),
    Trouble("M140", 2, (3, 9)),
    Trouble("M150", 1.5, (3, 12)),
    Trouble("Q310", 2.5, (3, 8)),
    Trouble("Q320", 1, (3, 7)),
    Trouble("Q330", 0.6, (6, 25)),
    Trouble("P140", 1.5, (3, 16)),
    Trouble("P150", 1, (3, 12)),
    Trouble("N110", 0.7, (6, 14)),
    Trouble("N100", 0.25, (25, 70)),
    Trouble("E160", 0.8, (2.5, 6), 21),
    Trouble("E180", 0.5, (3, 15), 31),
    Trouble("", 1.2, (3, 9)),
)
_CUTTING = (
    *_ANYWHERE,
    Trouble("D210", 6, (5, 21)),
    Trouble("T220", 4, (3, 8)),
    Trouble("T200", 2, (3, 8)),
    Trouble("T260", 1.5, (3, 8)),
    Trouble("T250", 0.8, (4, 10)),
    Trouble("C050", 2, (3, 8), 14),
    Trouble("C120", 1.4, (2.5, 5), 15),
    Trouble("E130", 0.9, (14, 45), 12),
    Trouble("E140", 0.4, (12, 50), 13),
)
_PRESSING = (*_ANYWHERE, Trouble("T290", 3, (5, 20)), Trouble("E150", 2, (4, 25), 41), Trouble("C130", 3, (2.5, 7), 42))
_WELDING = (*_ANYWHERE, Trouble("T300", 5, (2.5, 6)), Trouble("M160", 2.5, (4, 9)), Trouble("E170", 2, (5, 30), 51))
_COATING = (*_ANYWHERE, Trouble("E210", 3, (8, 35), 61), Trouble("M160", 2.5, (6, 18)), Trouble("C130", 2, (3, 8), 62))
_LASER = (*_ANYWHERE, Trouble("E220", 1.6, (6, 35), 71), Trouble("T300", 2, (3, 6)), Trouble("C130", 2, (3, 7), 72))
_BY_HAND = (*_ANYWHERE, Trouble("M120", 2, (5, 18)), Trouble("T240", 1.5, (3, 9)), Trouble("Q340", 1.5, (5, 18)))

# Ordered so that a small plant (LINES=2, LINES=4) still has both companies and unlike machines.
_LINES = (
    DemoLine("mill-1", "Mill 1", "Machining", NORTH, "MILL-01", "MILL",
             Traits(slowness=1.11, stops_per_h=0.7, troubles=_CUTTING, forgets=0.08),
             ideal_cycle_s=30.0, part_cycles={"BRKT-2210": 28.5}, fault_reasons={"12": "E130"}),
    DemoLine("assembly-1", "Assembly 1", "Assembly", WERK_2, "ASSY-01", "ASSY",
             Traits(slowness=1.2, scatter=0.16, micro_per_h=2.4, troubles=_BY_HAND, crews=("Früh", "Spät"),
                    overtime=True),
             no_job_reason="N130", debounce_s=2),
    DemoLine("press-400t", "Press 400 t", "Pressing", NORTH, "PRESS-400", "PRESS",
             Traits(slowness=1.04, scatter=0.02, micro_per_h=2.0, stops_per_h=0.5, scrap=0.006, troubles=_PRESSING,
                    silences_per_day=2.5, runs_through_breaks=True)),
    DemoLine("lathe-3", "Lathe 3", "Machining", NORTH, "LATHE-03", "LATHE",
             Traits(slowness=1.06, setup_minutes=(22, 58), troubles=_CUTTING, overlaps=0.45),
             concurrent_jobs="newest", fault_reasons={"12": "E130", "14": "C050"}),
    DemoLine("weld-cell-a", "Weld Cell A", "Welding", NORTH, "WELD-A", "WELD",
             Traits(slowness=1.09, scatter=0.1, troubles=_WELDING, scrap=0.015, overlaps=0.3)),
    DemoLine("pulverbeschichtungsanlage-2", "Pulverbeschichtungsanlage 2", "Coating", WERK_2, "PAINT-02", "PAINT",
             Traits(slowness=1.03, scatter=0.02, stops_per_h=0.3, troubles=_COATING, runs_through_breaks=True),
             maps_group=True, fault_reasons={"61": "E210"}),
    DemoLine("mill-2", "Mill 2", "Machining", NORTH, "MILL-02", "MILL",
             Traits(slowness=1.05, troubles=_CUTTING, stops_per_h=0.45), good_counter=True),
    DemoLine("laser-2", "Laser 2", "Machining", NORTH, "LASER-02", "LASER",
             Traits(slowness=1.08, micro_per_h=7.0, stops_per_h=0.4, troubles=_LASER), micro_stop_s=180),
    DemoLine("press-160t", "Press 160 t", "Pressing", NORTH, "PRESS-160", "PRESS",
             Traits(slowness=1.05, scatter=0.03, micro_per_h=2.2, troubles=_PRESSING, crews=("Early", "Late"),
                    scrap=0.008),
             counter_bits=16, first_count=61_900, no_job_reason="N130"),
    DemoLine("lathe-1", "Lathe 1", "Machining", NORTH, "LATHE-01", "LATHE",
             Traits(slowness=1.04, troubles=_CUTTING, reboots_per_day=0.4, stops_per_h=0.4)),
    DemoLine("weld-cell-b", "Weld Cell B", "Welding", NORTH, "WELD-B", "WELD",
             Traits(slowness=1.05, scatter=0.1, troubles=_WELDING, stops_per_h=0.4, forgets=0.1)),
    DemoLine("pack-2", "Pack 2", "Assembly", WERK_2, "PACK-02", "PACK",
             Traits(slowness=1.1, scatter=0.12, micro_per_h=3.0, troubles=_BY_HAND, scrap=0.003, setup_minutes=(5, 14)),
             no_job_reason="N130", ideal_cycle_s=40.0),
)  # fmt: skip


def lines(count: int) -> tuple[DemoLine, ...]:
    """The first `count` lines; beyond the twelve, copies of them with new slugs, names and resources."""
    return tuple(_line(index) for index in range(count))


def _line(index: int) -> DemoLine:
    copy, base = divmod(index, len(_LINES))
    line = replace(_LINES[base], template=_LINES[base].slug, index=index, copy=copy)
    if not copy:
        return line
    suffix = copy + 1
    return replace(
        line,
        slug=f"{line.slug}-no-{suffix}",
        name=f"{line.name} no. {suffix}",
        resource=f"{line.resource}-{suffix}",
        resource_group=f"{line.resource_group}-{suffix}",
    )
