"""Every HTTP route."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from apps.screens.login.views import admin_door
from oee_site import checks  # registers the site's checks

__all__ = ["checks", "urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/login/", admin_door),
    path("admin/", admin.site.urls),
    path("", include("apps.screens.integration.urls")),
    path("", include("apps.screens.urls")),
]
