"""Reading the dictionary."""

from collections.abc import Mapping

from apps.reasons.models import ReasonCode
from apps.reasons.types import ReasonConfig, ReasonView


def dictionary(company: str) -> dict[str, ReasonView]:
    """Every code of a company, retired ones too, by code."""
    rows = ReasonCode.objects.filter(company=company).order_by("code")
    return {
        row.code: ReasonView(
            row.code, row.description, row.kind, row.category, row.group, row.icon, row.order,
            tuple(row.lines), row.retired_at is not None, row.scrap_description, row.read_at is not None,
        )
        for row in rows
    }  # fmt: skip


def categories(company: str) -> dict[str, str]:
    """Category of every known code of a company."""
    return dict(ReasonCode.objects.filter(company=company).values_list("code", "category"))


def unknown_codes(named: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Those of the (company, code) that no dictionary holds."""
    held = set(ReasonCode.objects.filter(code__in={code for _company, code in named}).values_list("company", "code"))
    return {key: value for key, value in named.items() if key not in held}


def configured() -> list[ReasonConfig]:
    """Everything that is said of every code."""
    rows = ReasonCode.objects.order_by("company", "code").values_list(*ReasonConfig._fields)
    return [ReasonConfig._make((*row[:8], tuple(row[8]))) for row in rows]


def descriptions(companies: set[str]) -> dict[str, str]:
    """Words of each code, to the letter; of the first company where several have the code."""
    rows = ReasonCode.objects.filter(company__in=companies).order_by("-company")
    return dict(rows.values_list("code", "description"))
