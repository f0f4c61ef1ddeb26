"""Imports point one way (import-linter, in `make check`); so must foreign keys, which imports do not show."""

import re

from django.apps import apps
from django.db.models import Model

from tests.architecture.tree import ROOT, layers, source, tracked


def height_of(app: str) -> int:
    """How far up an app stands: 0 is the bottom."""
    for height, level in enumerate(reversed(layers())):
        if app in level:
            return height
    raise AssertionError(f"{app} has no place in the layers of pyproject.toml")


def app_of(model: type[Model]) -> str | None:
    """The folder of our app that holds the model, or None for Django's own."""
    parts = model.__module__.split(".")
    return parts[1] if parts[0] == "apps" else None


class TestLayers:
    def test_each_foreign_key_points_down(self) -> None:
        wrong = []
        for model in apps.get_models():
            app = app_of(model)
            for field in model._meta.get_fields() if app else ():
                target = field.related_model if field.is_relation and not field.auto_created else None
                other = app_of(target) if isinstance(target, type) else None
                if app and other and other != app and height_of(other) >= height_of(app):
                    wrong.append(f"{model.__name__}.{field.name} of {app} points up or sideways to {other}")

        assert wrong == []

    def test_each_app_has_a_place(self) -> None:
        there = {path.parts[1] for path in tracked() if path.parts[0] == "apps" and len(path.parts) > 2}

        assert there == set().union(*layers())

    def test_architecture_page_shows_the_same_layers(self) -> None:
        page = source((ROOT / "docs" / "architecture.md").relative_to(ROOT))
        shown = next(line for line in page.splitlines() if line.startswith("oee_site > "))
        levels = [frozenset(re.findall(r"[a-z]+", level)) for level in shown.split(" > ")[1:]]

        assert tuple(levels) == layers()
