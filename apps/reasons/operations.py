"""Keeping the dictionary: Epicor's words to the letter, what Jobline adds from the plant file and the screens."""

from collections.abc import Iterable
from datetime import datetime

from apps.reasons import rules
from apps.reasons.models import ReasonCode
from apps.reasons.types import ReasonConfig, ReasonState, Standing


def upsert(states: Iterable[ReasonState], *, now: datetime) -> set[tuple[str, str]]:
    """Take over codes as Epicor tells them. Returns the (company, code) that are new to the dictionary.

    A new code gets its words at once and its category and group from a person later; a retired one keeps its history.
    One that is for stops and for scrap at once has the words of both.
    """
    wanted = list(states)
    known = {
        (row.company, row.code): row for row in ReasonCode.objects.filter(code__in={state.code for state in wanted})
    }
    new = set()
    for state in wanted:
        key = (state.company, state.code)
        row = known.get(key)
        standing = rules.after(None if row is None else _standing(row), state)
        if row is None:
            row = known[key] = ReasonCode(company=state.company, code=state.code)
            new.add(key)
        row.kind, row.description, row.scrap_description = standing[:3]
        row.read_at = now
        row.retired_at = (row.retired_at or now) if standing.is_retired else None
        row.save()
    return new


def _standing(row: ReasonCode) -> Standing:
    return Standing(
        row.kind,
        row.description,
        row.scrap_description,
        is_retired=row.retired_at is not None,
        is_told=row.read_at is not None,
    )


def configure(entries: Iterable[ReasonConfig]) -> None:
    """Take over codes with category, group, icon, order and lines, as a plant file or a person gives them.

    Where nothing is said of the kind, what Epicor told of it stays.
    """
    told = set(ReasonCode.objects.exclude(read_at=None).values_list("company", "code"))
    for entry in entries:
        given = {
            "description": entry.description,
            "category": entry.category,
            "group": entry.group,
            "kind": entry.kind,
            "icon": entry.icon,
            "order": entry.order,
            "lines": list(entry.lines),
        }
        if entry.kind == rules.ANY and (entry.company, entry.code) in told:
            del given["kind"]
        ReasonCode.objects.update_or_create(company=entry.company, code=entry.code, defaults=given)
