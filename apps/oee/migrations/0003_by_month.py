"""Slices and hours lie in months on PostgreSQL, and slices of a line never overlap; indexes that the reads of a year need.

A line is found by the indexes that begin with it, so the plain ones on it go.
"""

import django.db.models.deletion
from django.db import migrations, models

from apps.shared.partitioning import by_month


def line(model_name):
    return migrations.AlterField(
        model_name=model_name,
        name="line",
        field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="lines.line"),
    )


class Migration(migrations.Migration):
    dependencies = [("oee", "0002_day_cycles")]
    operations = [
        *(line(name) for name in ("slice", "hourrollup", "dayrollup", "lossrollup", "scrapmove")),
        migrations.AlterField(
            model_name="slice",
            name="oper",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="jobs.joboper"
            ),
        ),
        migrations.AddIndex(
            model_name="lossrollup", index=models.Index(fields=["line", "start"], name="losses_of_day")
        ),
        by_month("oee_slice", "start", alone_by="line_id"),
        by_month("oee_hourrollup", "start"),
    ]
