from django.apps import AppConfig


class EpicorConfig(AppConfig):
    name = "apps.epicor"
    label = "epicor"
