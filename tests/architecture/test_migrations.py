"""The migrations make the tables that the models describe."""

from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState


class TestMigrations:
    def test_none_is_missing(self) -> None:
        loader = MigrationLoader(None)
        changes = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(
            graph=loader.graph
        )

        assert {
            app: [str(operation) for each in wanted for operation in each.operations] for app, wanted in changes.items()
        } == {}

    def test_each_app_has_one_last_migration(self) -> None:
        assert MigrationLoader(None).detect_conflicts() == {}
