"""What the demo plants make: products with routings, and the jobs that Epicor releases for them, round after round."""

from dataclasses import dataclass

from apps.shared.instants import HOUR, SECOND


@dataclass(frozen=True, slots=True)
class DemoStep:
    """One operation of a routing. `template` is the line that makes it, "" where nobody measures it.

    The standard is written as a planner would in Epicor; `cycle_s` is what it means in seconds a piece
    (0: the standard says nothing).
    """

    opr_seq: int
    op_code: str
    op_desc: str
    template: str
    standard: float
    std_format: str
    cycle_s: float
    std_basis: str = "E"
    ops_per_part: float = 1.0
    qty_per_cycle: float = 1.0


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """A part that is made to jobs of `qty` pieces."""

    company: str
    plant: str
    part_num: str
    description: str
    qty: int
    steps: tuple[DemoStep, ...]


@dataclass(frozen=True, slots=True)
class DemoJob:
    """One job: the product's `round`-th, for the lines of one copy of the plant; released at `released_at`."""

    product: DemoProduct
    number: str
    round: int
    copy: int
    released_at: int

    @property
    def due_at(self) -> int:
        """An instant of the day on which it is wanted: a day after its round should be through."""
        return self.released_at + ROUND + len(self.product.steps) * STEP_LAG + 24 * HOUR


# Each round of jobs keeps every line busy for about this long.
ROUND = 108 * HOUR
# An operation can't begin before the one ahead of it has pieces: each step of a routing waits this much longer.
STEP_LAG = 5 * HOUR

_NORTH = ("NVK", "North")
_WERK_2 = ("HBG", "Werk2")
_MILL, _TURN, _BLNK, _LASR, _WELD = "MILL", "TURN", "BLNK", "LASR", "WELD"

PRODUCTS = (
    DemoProduct(*_NORTH, "BRKT-2210", "Bracket, hinge LH", 4000, (
        DemoStep(10, _BLNK, "Blanking", "press-160t", 5, "PM", 12),
        DemoStep(20, _MILL, "CNC Mill", "mill-1", 120, "PH", 30),
        DemoStep(30, "DEBR", "Deburr by hand", "", 0.4, "MP", 24),
    )),
    DemoProduct(*_NORTH, "BRKT-2211", "Bracket, hinge RH", 4800, (
        DemoStep(10, _BLNK, "Blanking", "press-160t", 5, "PM", 12),
        DemoStep(20, _MILL, "CNC Mill", "mill-2", 0.55, "MP", 33),
    )),
    DemoProduct(*_NORTH, "SHF-0410", "Drive shaft, short", 3200, (
        DemoStep(10, _TURN, "Turn, rough", "lathe-1", 100, "PH", 36),
        DemoStep(20, _TURN, "Turn, finish", "lathe-3", 1.1111, "HP", 40, std_basis="C"),
        DemoStep(30, _MILL, "Mill keyway", "mill-2", 150, "PH", 24),
    )),
    DemoProduct(*_NORTH, "SHF-0415", "Drive shaft", 2000, (
        DemoStep(10, _TURN, "Turn, rough", "lathe-1", 75, "PH", 48),
        DemoStep(20, _TURN, "Turn", "lathe-3", 1, "MP", 60),
        DemoStep(30, _MILL, "Mill keyway", "mill-1", 60, "PH", 60),
        DemoStep(40, "WASH", "Wash", "", 0, "PH", 0),
    )),
    DemoProduct(*_NORTH, "PLT-0733", "Gusset plate 6 mm", 6000, (
        DemoStep(10, _BLNK, "Blanking", "press-400t", 75, "CH", 24, qty_per_cycle=2),
        DemoStep(20, "STRT", "Straighten", "press-160t", 300, "PH", 12),
    )),
    DemoProduct(*_NORTH, "PNL-5502", "Side panel, left", 1500, (
        DemoStep(10, _LASR, "Laser Cut", "laser-2", 30, "OH", 60, ops_per_part=2),
        DemoStep(20, "FOLD", "Fold", "press-400t", 2, "PM", 30),
        DemoStep(40, _WELD, "Weld", "weld-cell-b", 0.025, "HP", 90),
    )),
    DemoProduct(*_NORTH, "FRM-1180", "Base frame, welded", 460, (
        DemoStep(10, _LASR, "Laser Cut", "laser-2", 24, "PH", 150),
        DemoStep(40, _WELD, "Weld", "weld-cell-a", 8, "MP", 480),
    )),
    DemoProduct(*_NORTH, "FRM-1175", "Side frame", 760, (
        DemoStep(10, _LASR, "Laser Cut", "laser-2", 0.6, "CM", 100),
        DemoStep(20, "FORM", "Form", "press-160t", 180, "PH", 20),
        DemoStep(40, _WELD, "Weld", "weld-cell-b", 30, "PH", 120),
    )),
    DemoProduct(*_WERK_2, "GEH-7040-RAL9005", "Gehäuseunterteil, tiefschwarz seidenmatt", 1300, (
        DemoStep(50, "PAINT", "Pulverbeschichten", "pulverbeschichtungsanlage-2", 55.385, "PH", 65),
        DemoStep(70, "PACK", "Verpacken", "pack-2", 0, "PH", 0),
    )),
    DemoProduct(*_WERK_2, "GBX-300", "Gearbox, 3:1", 800, (
        DemoStep(40, "PAINT", "Pulverbeschichten", "pulverbeschichtungsanlage-2", 0.75, "OM", 80),
        DemoStep(60, "ASSY", "Assemble", "assembly-1", 2.5, "MP", 150),
        DemoStep(70, "PACK", "Verpacken", "pack-2", 18, "HR", 81),
    )),
)  # fmt: skip


def cycle_of(step: DemoStep) -> float:
    """Seconds a piece that the machine aims at: the standard's, or one that nobody wrote down."""
    return step.cycle_s or 45.0


def job_of(product: DemoProduct, copy: int, round_: int, start: int) -> DemoJob:
    """The product's job number `round_` for one copy of the lines; the first is released before the story starts."""
    index = PRODUCTS.index(product)
    number = 4477 + round_ * len(PRODUCTS) + index + copy * 20_000
    label = f"{number:06d}-1" if product.company == "NVK" else f"H{number + 60_000}"
    # Spread over the round's first hours so that not every line changes over at once.
    released_at = (start + (round_ - 1) * ROUND + ROUND // 2 + index * 2 * HOUR) // SECOND * SECOND
    return DemoJob(product, label, round_, copy, released_at)


def steps_on(template: str) -> tuple[tuple[DemoProduct, DemoStep], ...]:
    """What a line makes in each round, in the order in which it is due."""
    return tuple((product, step) for product in PRODUCTS for step in product.steps if step.template == template)


def ready_at(job: DemoJob, step: DemoStep) -> int:
    """From when on the step may begin."""
    measured = [one for one in job.product.steps if one.template]
    return job.released_at + measured.index(step) * STEP_LAG
