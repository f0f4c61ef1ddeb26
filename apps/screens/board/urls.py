"""Addresses of the line board."""

from django.urls import path

from apps.screens.board import views

urlpatterns = [path("board/<slug:slug>/", views.board, name="board")]
