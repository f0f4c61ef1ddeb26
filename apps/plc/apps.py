from django.apps import AppConfig


class PlcConfig(AppConfig):
    name = "apps.plc"
    label = "plc"
