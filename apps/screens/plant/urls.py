"""Addresses of the plant overview."""

from django.urls import path

from apps.screens.plant import views

urlpatterns = [
    path("", views.plant, name="plant"),
    path("plant/bands/", views.bands, name="plant-bands"),
]
