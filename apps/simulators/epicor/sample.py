"""A small company to try things with: what `manage.py simulate epicor` serves when nothing else fills it."""

from apps.simulators.epicor.company import Oper
from apps.simulators.epicor.epicor import Epicor

COMPANY, PLANT = "EPIC06", "MfgSys"
_RESOURCES = {"MILL": ("MILL-01", "MILL-02"), "LATHE": ("LATHE-01",), "PRESS": ("PRESS-01",)}
_DOWNTIME = {"M01": "Spindle fault", "T01": "Tool broken", "W01": "Waiting for material", "P09": "No order"}
_SCRAP = {"S07": "Burr", "S08": "Wrong size"}


def fill(epicor: Epicor, *, now: int) -> None:
    """One site with four machines, a dictionary and six released jobs."""
    company = epicor.add_company(COMPANY, "Epicor Education")
    company.add_plant(PLANT, "Minneapolis", "America/Chicago", time_zone_id="Central Standard Time")
    for group, resources in _RESOURCES.items():
        company.add_group(group, PLANT)
        for resource in resources:
            company.add_resource(resource, group)
    for code, text in _DOWNTIME.items():
        company.set_indirect(code, text, at=now)
    for code, text in _SCRAP.items():
        company.set_reason(code, text, at=now)
    for number in range(6):
        opers = (
            Oper(10, "SAW", "Saw", prod_standard=200, resource_grp_id="PRESS"),
            Oper(20, "MILL", "CNC Mill", prod_standard=120, resource_grp_id="MILL"),
            Oper(30, "TURN", "Turn", prod_standard=1.5, std_format="MP", resource_grp_id="LATHE"),
        )
        company.add_job(f"{4512 + number:06d}", f"BRKT-{2210 + number}", 2000, opers, plant=PLANT, at=now)
