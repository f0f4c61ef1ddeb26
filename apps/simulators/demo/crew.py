"""The people of the demo plants: one operator for each line and shift, a setter and a supervisor for each plant."""

from dataclasses import dataclass

from apps.simulators.demo.floor import DemoLine, DemoPlant

_FIRST = (
    "Ana", "Jonas", "Piotr", "Mareike", "Tomás", "Yusuf", "Ingrid", "Malik", "Chiara", "Nikolai", "Aiko", "Samuel",
    "Leila", "Henrik", "Rosa", "Viktor", "Amara", "Paulo", "Sinead", "Darius",
)  # fmt: skip
_LAST = (
    "Kovač", "Oduya", "Sala", "Wannenmacher-Lüdenscheid", "Brandt", "Nazari", "Solheim", "Obi", "Ferraro", "Petrov",
    "Tanaka", "Whitlock", "Haddad", "Lindqvist", "Marín", "Novák", "Diallo",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody whom Epicor knows by `emp_id`."""

    emp_id: str
    name: str
    company: str


def operator(line: DemoLine, shift: str) -> Employee:
    """Who works on the line in that shift; overtime is the first shift's crew."""
    names = [one.name for one in line.plant.shifts]
    number = line.index * len(names) + (names.index(shift) if shift in names else 0)
    return Employee(str(1041 + number), _name(number), line.plant.company)


def supervisor(plant: DemoPlant) -> Employee:
    """Who decides what the floor leaves open."""
    return Employee("1001", "Maja Lund" if plant.company == "NVK" else "Bernd Aschoff", plant.company)


def operators(lines: tuple[DemoLine, ...]) -> tuple[Employee, ...]:
    """Everybody who works on these lines."""
    return tuple(operator(line, shift.name) for line in lines for shift in line.plant.shifts)


def _name(number: int) -> str:
    # The two lists' lengths share no factor, so that a name comes again only after 340 people.
    return f"{_FIRST[number % len(_FIRST)]} {_LAST[number % len(_LAST)]}"
