"""Rules that the database itself keeps where it can: migrations name them, SQLite leaves them to the operations."""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def no_overlap(table: str, name: str, *, key: str) -> migrations.RunPython:
    """A migration step: on PostgreSQL no two rows of `table` with one `key` may overlap in [start, end).

    An `end` that is null is for ever. On SQLite it does nothing: the operations there write no overlaps either.
    """

    def add(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor == "postgresql":
            # Trusted: the owner of a database may create it, no superuser is needed.
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
            schema_editor.execute(exclude_sql(table, name, key=key))

    def remove(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}"')

    return migrations.RunPython(add, remove)


def exclude_sql(table: str, name: str, *, key: str) -> str:
    """The statement that adds such a constraint to one plain table."""
    return (
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}"'
        f' EXCLUDE USING gist ("{key}" WITH =, int8range("start", "end") WITH &&)'
    )
