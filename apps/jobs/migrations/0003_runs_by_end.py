"""What is open at an instant is found by the end of runs; the plain indexes on line and operation go."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_no_overlap")]
    operations = [
        migrations.AlterField(
            model_name="run",
            name="line",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="lines.line"),
        ),
        migrations.AlterField(
            model_name="run",
            name="oper",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="jobs.joboper"
            ),
        ),
        migrations.AddIndex(model_name="run", index=models.Index(fields=["line", "end"], name="run_by_end")),
    ]
