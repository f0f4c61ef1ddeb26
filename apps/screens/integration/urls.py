"""Addresses at which other programs speak to Jobline."""

from django.urls import path

from apps.screens.integration import views

urlpatterns = [path("api/epicor/events/", views.events, name="epicor-events")]
