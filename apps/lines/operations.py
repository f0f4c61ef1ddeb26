"""Changing lines: the lock that orders everything derived, and the revision that screens follow."""

from collections.abc import Iterable

from django.db.models import F

from apps.lines.models import Company, Line


def lock(line_ids: Iterable[int]) -> None:
    """Take the lock of each line until the transaction ends, always in one order, so that no two wait for each other."""
    list(Line.objects.select_for_update().filter(pk__in=set(line_ids)).order_by("pk").values_list("pk"))


def bump(line_ids: Iterable[int]) -> dict[int, tuple[str, int]]:
    """Raise the revision of lines whose figures changed: {line id: (slug, new revision)}."""
    ids = set(line_ids)
    Line.objects.filter(pk__in=ids).update(rev=F("rev") + 1)
    return {pk: (slug, rev) for pk, slug, rev in Line.objects.filter(pk__in=ids).values_list("pk", "slug", "rev")}


def lock_companies(codes: Iterable[str]) -> None:
    """Take the lock of each company: it orders what the ERP tells. Before the locks of lines, never after."""
    list(Company.objects.select_for_update().filter(code__in=set(codes)).order_by("pk").values_list("pk"))
