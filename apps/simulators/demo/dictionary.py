"""The demo companies' reason codes: downtime codes are Epicor's Indirect codes, scrap codes its Reasons."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoReason:
    """One code, with what Epicor holds (code, description) and what Jobline adds (category, group, lines)."""

    code: str
    description: str
    category: str
    group: str
    # Slugs of the demo lines (without a copy's suffix) to which it applies; () is all.
    lines: tuple[str, ...] = ()

    @property
    def is_scrap(self) -> bool:
        """Whether it is a scrap code (Epicor's Reason type S), else a downtime code (Indirect)."""
        return self.group == "Scrap"


_CUTTING = ("mill-1", "mill-2", "lathe-1", "lathe-3")
_LASER = ("laser-2",)
_PRESSES = ("press-400t", "press-160t")
_WELDING = ("weld-cell-a", "weld-cell-b")
_COATING = ("pulverbeschichtungsanlage-2",)
_FAIL, _SETUP, _MINOR, _PLANNED = "equipment_failure", "setup_adjustment", "minor_stop", "planned"
_PROCESS, _STARTUP, _OTHER = "process_defect", "startup_reject", "other"

_GROUPS: dict[str, tuple[tuple[str, str, str, tuple[str, ...]], ...]] = {
    "Machine": (
        ("E130", "Spindle fault", _FAIL, _CUTTING),
        ("E140", "Axis drive fault", _FAIL, (*_CUTTING, *_LASER)),
        ("E150", "Hydraulic pressure low", _FAIL, _PRESSES),
        ("E160", "Light curtain or guard open", _FAIL, ()),
        ("E170", "Robot fault", _FAIL, _WELDING),
        ("E180", "Air pressure low", _FAIL, ()),
        ("E190", "Control fault, restart needed", _FAIL, ()),
        ("C050", "Chip conveyor jam", _FAIL, _CUTTING),
        ("C120", "Coolant low", _MINOR, _CUTTING),
        ("C130", "Feeder or conveyor jam", _MINOR, ()),
        ("E210", "Oven temperature out of range", _FAIL, _COATING),
        ("E220", "Laser source fault", _FAIL, _LASER),
    ),
    "Tooling": (
        ("D210", "Tool breakage", _FAIL, _CUTTING),
        ("T200", "Tool change, planned", _SETUP, ()),
        ("T220", "Tool wear", _FAIL, ()),
        ("T240", "Tool missing", _OTHER, ()),
        ("T250", "Wrong offset", _SETUP, _CUTTING),
        ("T260", "Insert chipped", _FAIL, _CUTTING),
        ("T270", "Probe fault", _FAIL, _CUTTING),
        ("T280", "Collet worn", _FAIL, ("lathe-1", "lathe-3")),
        ("T290", "Die misaligned", _SETUP, _PRESSES),
        ("T300", "Contact tip or nozzle change", _MINOR, _WELDING),
    ),
    "Material": (
        ("M110", "Waiting for material", _OTHER, ()),
        ("M120", "Wrong material delivered", _OTHER, ()),
        ("M130", "Material out of specification", _OTHER, ()),
        ("M140", "Container full or missing", _OTHER, ()),
        ("M150", "Waiting for forklift or crane", _OTHER, ()),
        ("M160", "Powder or wire change", _MINOR, (*_COATING, *_WELDING)),
    ),
    "Quality": (
        ("Q310", "First-piece check", _SETUP, ()),
        ("Q320", "In-process inspection", _OTHER, ()),
        ("Q330", "Waiting for quality release", _OTHER, ()),
        ("Q340", "Sorting or rework at the line", _OTHER, ()),
        ("Q350", "Gauge missing or out of date", _OTHER, ()),
    ),
    "Changeover": (
        ("S100", "Changeover", _SETUP, ()),
        ("S210", "Program load or edit", _SETUP, ()),
        ("S220", "Fixture or die change", _SETUP, ()),
        ("S230", "Trial run", _SETUP, ()),
        ("S240", "Waiting for setter", _SETUP, ()),
    ),
    "People": (
        ("P140", "No operator", _OTHER, ()),
        ("P150", "Operator at another line", _OTHER, ()),
        ("P160", "Shift handover", _OTHER, ()),
        ("P170", "Training", _OTHER, ()),
        ("P180", "Accident or safety stop", _OTHER, ()),
    ),
    "Planned": (
        ("N100", "Planned maintenance", _PLANNED, ()),
        ("N110", "Cleaning, planned", _PLANNED, ()),
        ("N120", "Team meeting", _PLANNED, ()),
        ("N130", "No demand", _PLANNED, ()),
        ("N140", "Test for engineering", _PLANNED, ()),
        ("N150", "Stocktaking", _PLANNED, ()),
    ),
    "Scrap": (
        ("S110", "Burr over limit", _PROCESS, ()),
        ("S120", "Out of tolerance", _PROCESS, ()),
        ("S130", "Surface damage", _PROCESS, ()),
        ("S140", "Wrong position", _PROCESS, ()),
        ("S150", "Material defect", _PROCESS, ()),
        ("S160", "Set-up part", _STARTUP, ()),
        ("S170", "Weld porosity", _PROCESS, _WELDING),
        ("S180", "Coating too thin", _PROCESS, _COATING),
        ("S190", "Dropped or damaged in handling", _PROCESS, ()),
        ("S200", "Destroyed for a test", _OTHER, ()),
    ),
}

# Fault registers of the demo's controllers, and what the plant file maps them to. The others are left to people.
PLANT_FAULT_REASONS = {"31": "E180", "90": "E190"}


def reasons() -> tuple[DemoReason, ...]:
    """Every code of a demo company, in the order of the tablet's groups. Both companies use the same list."""
    return tuple(
        DemoReason(code, description, category, group, lines)
        for group, rows in _GROUPS.items()
        for code, description, category, lines in rows
    )
