"""Addresses of the tablet: the page, its left column, and what can be said on it."""

from django.urls import path

from apps.screens.tablet import views

urlpatterns = [
    path("tablet/<slug:slug>/", views.tablet, name="tablet"),
    path("tablet/<slug:slug>/left/", views.left, name="tablet-left"),
    path("tablet/<slug:slug>/tag/", views.tag, name="tablet-tag"),
    path("tablet/<slug:slug>/untag/", views.untag, name="tablet-untag"),
    path("tablet/<slug:slug>/split/", views.split, name="tablet-split"),
    path("tablet/<slug:slug>/unsplit/", views.unsplit, name="tablet-unsplit"),
    path("tablet/<slug:slug>/scrap/", views.scrap, name="tablet-scrap"),
    path("tablet/<slug:slug>/who/", views.who, name="tablet-who"),
]
