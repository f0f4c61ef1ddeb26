"""What a column of instants costs to read back: whole microseconds against a datetime (docs/adr/0005)."""

import random
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from bench.table import Figure, report

ROWS = 200_000
TIMES = 5
FIRST_US = 1_767_225_600_000_000  # 2026-01-01T00:00Z
YEAR_US = 365 * 86_400_000_000


def main() -> None:
    """Fill two tables with the same instants and read them through Django, on the database that the settings name."""
    import django

    django.setup()
    from django.db import connection, models

    from apps.shared.fields import InstantField
    from apps.shared.instants import from_us, to_us

    class WholeMicroseconds(models.Model):
        """An instant as the project keeps it."""

        at = InstantField()
        objects: models.Manager[Any] = models.Manager()

        class Meta:
            app_label = "bench"

    class Moments(models.Model):
        """The same as a DateTimeField."""

        at = models.DateTimeField()
        objects: models.Manager[Any] = models.Manager()

        class Meta:
            app_label = "bench"

    dice = random.Random(5)
    instants = [FIRST_US + dice.randrange(YEAR_US) for _ in range(ROWS)]
    with connection.schema_editor() as editor:
        editor.create_model(WholeMicroseconds)
        editor.create_model(Moments)
    try:
        WholeMicroseconds.objects.bulk_create([WholeMicroseconds(at=at) for at in instants], batch_size=5000)
        Moments.objects.bulk_create([Moments(at=from_us(at)) for at in instants], batch_size=5000)
        whole = us_per_row(lambda: list(WholeMicroseconds.objects.values_list("at", flat=True)))
        moment = us_per_row(lambda: list(Moments.objects.values_list("at", flat=True)))
        back = us_per_row(lambda: [to_us(at) for at in Moments.objects.values_list("at", flat=True)])
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(WholeMicroseconds)
            editor.delete_model(Moments)
    report(
        "instants",
        f"reading {ROWS} instants through Django on {connection.vendor}, median of {TIMES}",
        [
            Figure("as whole µs", whole, "µs/row", moment, "DateTimeField"),
            Figure("as whole µs", whole, "µs/row", back, "DateTimeField, turned into whole µs"),
        ],
    )


def us_per_row(work: Callable[[], object]) -> float:
    """The median microseconds for each row that the work takes, after one run that does not count."""
    work()
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return median(took) / ROWS * 1e6
