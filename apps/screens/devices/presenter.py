"""The page of paired screens. Pure."""

from dataclasses import dataclass
from typing import NamedTuple


class DeviceRow(NamedTuple):
    """A paired screen."""

    id: int
    name: str
    kind: str
    plant: str
    line: str
    since: str


@dataclass(frozen=True, slots=True)
class DevicesPage:
    """Paired screens, where a new one may stand, the code just made ("" none) and what was wrong with the form."""

    rows: tuple[DeviceRow, ...]
    plants: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, str], ...]
    code: str = ""
    problem: str = ""
    typed: str = ""
