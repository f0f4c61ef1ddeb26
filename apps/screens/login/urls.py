"""Addresses of signing in, one's own page and pairing."""

from django.urls import path

from apps.screens.login import views

urlpatterns = [
    path("login/", views.sign_in, name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("me/", views.me, name="me"),
    path("pair/", views.pair, name="pair"),
]
