"""On PostgreSQL, raising a line's rev is itself the notice that hubs listen for (apps/live/versions.py)."""

from django.db import migrations

CREATE = """
CREATE FUNCTION jobline_rev_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('jobline_rev', NEW.slug || ' ' || NEW.rev);
    RETURN NULL;
END $$;
CREATE TRIGGER jobline_rev_changed AFTER UPDATE OF rev ON lines_line
    FOR EACH ROW WHEN (OLD.rev IS DISTINCT FROM NEW.rev) EXECUTE FUNCTION jobline_rev_changed();
"""
DROP = "DROP TRIGGER IF EXISTS jobline_rev_changed ON lines_line; DROP FUNCTION IF EXISTS jobline_rev_changed();"


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CREATE)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP)


class Migration(migrations.Migration):
    dependencies = [("lines", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
