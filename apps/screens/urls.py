"""Every page that people look at."""

from django.urls import URLPattern, URLResolver, include, path

_SCREENS = ("plant", "board", "tablet", "jobs", "losses", "working", "login", "devices")

urlpatterns: list[URLPattern | URLResolver] = [path("", include(f"apps.screens.{name}.urls")) for name in _SCREENS]
