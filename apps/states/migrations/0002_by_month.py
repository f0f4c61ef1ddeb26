"""State changes and counts lie in months on PostgreSQL; their line is found by the indexes that begin with it."""

import django.db.models.deletion
from django.db import migrations, models

from apps.shared.partitioning import by_month


class Migration(migrations.Migration):
    dependencies = [("states", "0001_initial")]
    operations = [
        migrations.AlterField(
            model_name="statechange",
            name="line",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, to="lines.line"
            ),
        ),
        migrations.AlterField(
            model_name="countdelta",
            name="line",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, to="lines.line"
            ),
        ),
        by_month("states_statechange", "at"),
        by_month("states_countdelta", "end"),
    ]
