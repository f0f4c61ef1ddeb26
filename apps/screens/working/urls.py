"""Addresses of the working behind figures."""

from django.urls import path

from apps.screens.working import views

urlpatterns = [path("working/<slug:slug>/", views.working, name="working")]
