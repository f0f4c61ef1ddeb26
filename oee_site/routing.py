"""Every socket route."""

from django.urls import path

from apps.live.consumers import LiveConsumer

websocket_urlpatterns = [
    path("ws/board/<slug:slug>/", LiveConsumer.as_asgi()),
    path("ws/plant/<str:company>/<str:plant>/", LiveConsumer.as_asgi()),
]
