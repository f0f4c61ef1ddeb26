"""Stops of one line, and the parts of one stop, never overlap (PostgreSQL keeps it)."""

from django.db import migrations

from apps.shared.constraints import no_overlap


class Migration(migrations.Migration):
    dependencies = [("downtime", "0001_initial")]
    operations = [
        no_overlap("downtime_stop", "stop_alone", key="line_id"),
        no_overlap("downtime_stoppart", "stop_part_alone", key="stop_id"),
    ]
