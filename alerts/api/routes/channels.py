"""Routes: channels, preferences and deliveries."""

from __future__ import annotations

from django.urls import URLPattern, path

from alerts.api import channels, deliveries

urlpatterns: list[URLPattern] = [
    path("channel-kinds", channels.ChannelKindsView.as_view()),
    path("channels", channels.ChannelsView.as_view()),
    path("channels/<int:channel_id>", channels.ChannelDetailView.as_view()),
    path("channels/<int:channel_id>/test", channels.ChannelTestView.as_view()),
    path("channels/<int:channel_id>/secret-rotation", channels.SecretRotationView.as_view()),
    path("deliveries", deliveries.DeliveriesView.as_view()),
    path("deliveries/<int:delivery_id>", deliveries.DeliveryDetailView.as_view()),
    path("deliveries/<int:delivery_id>/replay", deliveries.DeliveryReplayView.as_view()),
    path("dead-letters", deliveries.DeadLettersView.as_view()),
    path("notice-preference", deliveries.NoticePreferenceView.as_view()),
]
