"""Addresses of the jobs and of one job. A job's number may hold a slash."""

from django.urls import path

from apps.screens.jobs import views

urlpatterns = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<str:company>/<path:job_num>/", views.job, name="job"),
    path("job-parts/<str:company>/<path:job_num>/", views.parts, name="job-parts"),
]
