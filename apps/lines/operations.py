"""Changing lines: the lock that orders everything derived, and the revision that screens follow."""

from collections.abc import Collection, Iterable

from django.db import connections, router
from django.db.models import F

from apps.lines.models import Company, Line
from apps.lines.queries import policies_of
from apps.lines.types import LinePolicy


def lock(line_ids: Iterable[int]) -> None:
    """Take the lock of each line until the transaction ends, always in one order, so that no two wait for each other."""
    list(Line.objects.select_for_update().filter(pk__in=set(line_ids)).order_by("pk").values_list("pk"))


def locked(slugs: Collection[str]) -> dict[str, LinePolicy]:
    """Take the locks of these lines, and read their policy as it stands from then on; unknown names are left out.

    A policy that was read before could be one that a plant file has changed by now.
    """
    return policies_of(list(Line.objects.select_for_update().filter(slug__in=slugs).order_by("pk")))


def bump(line_ids: Iterable[int]) -> dict[int, tuple[str, int]]:
    """Raise the revision of lines whose figures changed: {line id: (slug, new revision)}."""
    ids = set(line_ids)
    connection = connections[router.db_for_write(Line)]
    if ids and connection.features.can_return_columns_from_insert:
        places = ", ".join(["%s"] * len(ids))
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {Line._meta.db_table} SET rev = rev + 1 WHERE id IN ({places}) RETURNING id, slug, rev",  # noqa: S608
                sorted(ids),
            )
            return {pk: (slug, rev) for pk, slug, rev in cursor.fetchall()}
    Line.objects.filter(pk__in=ids).update(rev=F("rev") + 1)
    return {pk: (slug, rev) for pk, slug, rev in Line.objects.filter(pk__in=ids).values_list("pk", "slug", "rev")}


def lock_companies(codes: Iterable[str]) -> None:
    """Take the lock of each company: it orders what the ERP tells. Before the locks of lines, never after."""
    list(Company.objects.select_for_update().filter(code__in=set(codes)).order_by("pk").values_list("pk"))
