"""Runs of one line never overlap (PostgreSQL keeps it)."""

from django.db import migrations

from apps.shared.constraints import no_overlap


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]
    operations = [no_overlap("jobs_run", "run_alone", key="line_id")]
