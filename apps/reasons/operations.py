"""Keeping the dictionary: Epicor's words to the letter, what Jobline adds from the plant file and the screens."""

from collections.abc import Iterable
from datetime import datetime

from apps.reasons.models import ReasonCode
from apps.reasons.types import ReasonConfig, ReasonState


def upsert(states: Iterable[ReasonState], *, now: datetime) -> set[tuple[str, str]]:
    """Take over codes as Epicor tells them. Returns the (company, code) that are new to the dictionary.

    A new code gets its words at once and its category and group from a person later; a retired one keeps its history.
    """
    wanted = list(states)
    known = {
        (row.company, row.code): row for row in ReasonCode.objects.filter(code__in={state.code for state in wanted})
    }
    new = set()
    for state in wanted:
        key = (state.company, state.code)
        row = known.get(key)
        if row is None:
            row = known[key] = ReasonCode(company=state.company, code=state.code)
            new.add(key)
        row.description, row.kind, row.read_at = state.description, state.kind, now
        if state.is_retired:
            row.retired_at = row.retired_at or now
        else:
            row.retired_at = None
        row.save()
    return new


def configure(entries: Iterable[ReasonConfig]) -> None:
    """Take over codes with category, group, icon, order and lines, as a plant file or a person gives them."""
    for entry in entries:
        ReasonCode.objects.update_or_create(
            company=entry.company,
            code=entry.code,
            defaults={
                "description": entry.description,
                "category": entry.category,
                "group": entry.group,
                "kind": entry.kind,
                "icon": entry.icon,
                "order": entry.order,
                "lines": list(entry.lines),
            },
        )
