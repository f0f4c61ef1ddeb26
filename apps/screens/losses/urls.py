"""Addresses of the losses page."""

from django.urls import path

from apps.screens.losses import views

urlpatterns = [
    path("losses/", views.losses, name="losses"),
    path("losses/export.csv", views.export, name="losses-export"),
]
