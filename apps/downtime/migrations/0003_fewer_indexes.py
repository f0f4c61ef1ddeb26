"""Stops of a line and parts of a stop are found by the constraints' indexes, which begin with them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("downtime", "0002_no_overlap")]
    operations = [
        migrations.AlterField(
            model_name="stop",
            name="line",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="lines.line"),
        ),
        migrations.AlterField(
            model_name="stoppart",
            name="stop",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="downtime.stop"
            ),
        ),
    ]
