"""Addresses of the paired screens."""

from django.urls import path

from apps.screens.devices import views

urlpatterns = [
    path("devices/", views.devices, name="devices"),
    path("devices/<int:device_id>/revoke/", views.revoke, name="device-revoke"),
]
