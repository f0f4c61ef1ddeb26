"""Every restatement of a line is kept, not only the last one."""

import django.db.models.deletion
from django.db import migrations, models

import apps.shared.fields

# What a ledger knew of: the last one, which may have reached as far as it was settled.
CARRY_OVER = """
INSERT INTO oee_restatement (line_id, "at", start, "end", why)
SELECT line_id, restated_at, restated_from, settled_until, restated_why FROM oee_lineledger
WHERE restated_at IS NOT NULL AND restated_from < settled_until
"""


class Migration(migrations.Migration):
    dependencies = [
        ('lines', '0001_initial'),
        ('oee', '0005_months'),
    ]

    operations = [
        migrations.CreateModel(
            name='Restatement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', apps.shared.fields.InstantField()),
                ('start', apps.shared.fields.InstantField()),
                ('end', apps.shared.fields.InstantField()),
                ('why', models.CharField(max_length=120)),
                ('line', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='lines.line')),
            ],
            options={
                'indexes': [models.Index(fields=['line', 'end'], name='restated_of_line')],
            },
        ),
        migrations.RunSQL(CARRY_OVER, migrations.RunSQL.noop),
        migrations.RemoveField(model_name='lineledger', name='restated_at'),
        migrations.RemoveField(model_name='lineledger', name='restated_from'),
        migrations.RemoveField(model_name='lineledger', name='restated_why'),
    ]
