"""From when a line's slices and facts are kept."""

from django.db import migrations

import apps.shared.fields


class Migration(migrations.Migration):
    dependencies = [("oee", "0003_by_month")]
    operations = [
        migrations.AddField("lineledger", "slices_from", apps.shared.fields.InstantField(null=True)),
        migrations.AddField("lineledger", "facts_from", apps.shared.fields.InstantField(null=True)),
    ]
