"""Reading the dictionary."""

from typing import NamedTuple

from apps.reasons.models import ReasonCode


class ReasonView(NamedTuple):
    """A code with its words and what Jobline adds to it."""

    code: str
    description: str
    kind: str
    category: str
    group: str
    icon: str
    order: int
    lines: tuple[str, ...]
    is_retired: bool


def dictionary(company: str) -> dict[str, ReasonView]:
    """Every code of a company, retired ones too, by code."""
    rows = ReasonCode.objects.filter(company=company).order_by("code")
    return {
        row.code: ReasonView(
            row.code, row.description, row.kind, row.category, row.group, row.icon, row.order,
            tuple(row.lines), row.retired_at is not None,
        )
        for row in rows
    }  # fmt: skip


def categories(company: str) -> dict[str, str]:
    """Category of every known code of a company."""
    return dict(ReasonCode.objects.filter(company=company).values_list("code", "category"))
