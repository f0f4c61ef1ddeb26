"""The rows that a demo needs before anything runs: plant, dictionary, people who sign in, the way to its Epicor."""

import secrets
from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction

from apps.accounts.models import IntegrationKey, Role, User
from apps.accounts.operations import give_badge
from apps.epicor.auth import read_secret
from apps.epicor.keys import issue
from apps.epicor.models import Connection
from apps.flow import plant
from apps.flow.demo import tell_dictionary
from apps.lines.models import Company
from apps.simulators.demo.crew import operators, supervisor
from apps.simulators.demo.plan import DemoPlan
from apps.simulators.demo.plant_toml import Endpoint, plant_toml
from apps.simulators.epicor.epicor import Epicor

# The three who can sign in, with what they may do.
LOGINS = {"supervisor": "supervisor", "operator": "operator", "planner": "planner"}
EPICOR_USER, EPICOR_PASSWORD, EPICOR_KEY = "DEMO_EPICOR_USER", "DEMO_EPICOR_PASSWORD", "DEMO_EPICOR_API_KEY"
_KEY_NAME = "Simulated Epicor"
_LETTERS = "abcdefghjkmnpqrstuvwxyz"


class EventKey(NamedTuple):
    """What the simulated Epicor signs a company's events with."""

    key: str
    secret: str


def load_plant(plan: DemoPlan, endpoints: Mapping[str, Endpoint], *, now: int) -> None:
    """Make the plant file of the plan true, with its machines where they listen this time."""
    plant.load(plant_toml(plan, endpoints), name="demo.toml", now=now)
    tell_dictionary(plan, now=now)


def new_logins() -> dict[str, str]:
    """A password for each login; made once for a data folder."""
    return {name: "-".join(_word() for _ in range(2)) for name in LOGINS}


def _word() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(4))


def make_people(plan: DemoPlan, logins: Mapping[str, str]) -> None:
    """The logins, with a role in every plant, and everybody on the floor, with a badge that is their number."""
    with transaction.atomic():
        for name, role in LOGINS.items():
            boss = supervisor(plan.plants[0])
            user, is_new = User.objects.get_or_create(
                username=name,
                defaults={
                    "display_name": boss.name if role == "supervisor" else name.capitalize(),
                    "emp_id": name[:20],
                },
            )
            if is_new:
                user.set_password(logins[name])
                user.save(update_fields=["password"])
            for one in plan.plants:
                Role.objects.get_or_create(user=user, company=one.company, plant=one.code, name=role)
        for line in plan.lines:
            for person in operators((line,)):
                user, is_new = User.objects.get_or_create(
                    username=f"{person.company}-{person.emp_id}".lower(),
                    defaults={"display_name": person.name, "emp_id": person.emp_id},
                )
                if is_new:
                    user.set_unusable_password()
                    user.save(update_fields=["password"])
                    give_badge(user, person.emp_id)
                Role.objects.get_or_create(user=user, company=person.company, plant=line.plant.code, name="operator")


def open_to_jobline(epicor: Epicor) -> None:
    """Let Jobline's account and key into the simulated Epicor."""
    epicor.add_user(read_secret(EPICOR_USER), read_secret(EPICOR_PASSWORD))
    epicor.add_api_key(read_secret(EPICOR_KEY))


def connect_epicor(plan: DemoPlan, base_url: str) -> dict[str, EventKey]:
    """Point each company's connection at the simulated Epicor of this start; the keys with which it sends events."""
    found = {}
    for code in sorted({one.company for one in plan.plants}):
        Connection.objects.update_or_create(
            company=Company.objects.get(code=code),
            defaults={
                "base_url": base_url,
                "user_env": EPICOR_USER,
                "password_env": EPICOR_PASSWORD,
                "api_key_env": EPICOR_KEY,
            },
        )
        IntegrationKey.objects.filter(company=code, name=_KEY_NAME).delete()
        issued = issue(code, _KEY_NAME)
        found[code] = EventKey(issued.key, issued.secret)
    return found
