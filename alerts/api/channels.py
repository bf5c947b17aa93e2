"""Channels over HTTP: what kinds there are, setting them up, trying them, new signing secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.api.channel_forms import (
    ChannelChange,
    ChannelInput,
    ChannelKindsSerializer,
    ChannelQuery,
    ChannelSerializer,
    NewChannelSerializer,
    SecretRotationInput,
    SecretRotationSerializer,
    TrialSerializer,
)
from alerts.channels import CHANNELS
from alerts.channels.base import Field
from alerts.selectors.channels import channels_query, get_channel
from alerts.services.channels import (
    create_channel,
    delete_channel,
    rotate_secret,
    try_channel,
    update_channel,
)
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["alerts: channels"]
_EXAMPLE = {
    "kind": "webhook",
    "name": "Order system",
    "config": {"url": "https://hooks.example.com/agency"},
    "min_severity": "warning",
}


class ChannelKindsView(TenantView):
    """What kinds of channels there are."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ALERT_READ}

    @extend_schema(operation_id="list_channel_kinds", responses=ChannelKindsSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the kinds of channels with the fields each takes."""
        kinds = [
            {
                "kind": spec.kind,
                "title": spec.title,
                "groups": spec.most > 1,
                "config_fields": _fields(spec.config),
                "secret_fields": _fields(spec.secrets),
            }
            for spec in CHANNELS.all().values()
        ]
        return self.ok(ChannelKindsSerializer(instance={"data": kinds}).data)


class ChannelsView(TenantView):
    """The ways out of a client's notices."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.ALERT_READ,
        "POST": Capability.CHANNEL_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": ChannelQuery.of(ChannelSerializer)}
    looks = "channels"

    @extend_schema(operation_id="list_channels", responses=page_of(ChannelSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the channels, the newest first; their secrets are never shown."""
        asked = self.query
        rows = channels_query(kind=asked.get("kind"), state=asked.get("state"), user_id=asked.get("user"))
        return self.page(rows)

    @extend_schema(
        operation_id="create_channel",
        request=ChannelInput,
        responses={201: NewChannelSerializer},
        examples=[OpenApiExample("A webhook", value=_EXAMPLE, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Set a channel up; addresses that do not lead to the public internet are refused."""
        asked = self.body(ChannelInput)
        channel_id, secret = create_channel(
            kind=asked["kind"],
            name=asked["name"],
            config=asked["config"],
            secrets=asked["secrets"],
            user_id=asked.get("user_id", 0),
            language=asked["language"],
            min_severity=asked["min_severity"],
            store_ids=asked["store_ids"],
        )
        shown = get_channel(channel_id)
        return self.created(
            {**shown, "signing_secret": secret.reveal() if secret else None},
            f"{self.base_path}/channels/{channel_id}",
            etag=etag_of(shown["version"]),
        )


class ChannelDetailView(TenantView):
    """One channel."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.ALERT_READ,
        "PATCH": Capability.CHANNEL_WRITE,
        "DELETE": Capability.CHANNEL_WRITE,
    }
    conditional_methods: ClassVar[frozenset[str] | set[str]] = frozenset({"PATCH", "DELETE"})
    looks = "channels"

    @extend_schema(operation_id="get_channel", responses=ChannelSerializer, tags=TAGS)
    def get(self, request: Request, client: str, channel_id: int) -> Response:
        """Show a channel without its secrets."""
        return self._shown(channel_id)

    @extend_schema(
        operation_id="update_channel", request=ChannelChange, responses=ChannelSerializer, tags=TAGS
    )
    def patch(self, request: Request, client: str, channel_id: int) -> Response:
        """Change a channel, turn it off or on; a new set-up brings a broken one back into use."""
        changes = self.body(ChannelChange, partial=True)
        update_channel(
            channel_id=channel_id,
            check=lambda version: require_if_match(request, version),
            changes=changes,
        )
        return self._shown(channel_id)

    @extend_schema(operation_id="delete_channel", responses={204: None}, tags=TAGS)
    def delete(self, request: Request, client: str, channel_id: int) -> Response:
        """Retire a channel and destroy its secrets; the log of what went out by it stays."""
        delete_channel(channel_id=channel_id, check=lambda version: require_if_match(request, version))
        return Response(status=204)

    def _shown(self, channel_id: int) -> Response:
        shown = get_channel(channel_id)
        return self.ok(shown, etag=etag_of(shown["version"]))


class ChannelTestView(TenantView):
    """Trying a channel."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.CHANNEL_WRITE}

    @extend_schema(operation_id="test_channel", request=None, responses=TrialSerializer, tags=TAGS)
    def post(self, request: Request, client: str, channel_id: int) -> Response:
        """Send a test message now and tell what the receiver answered; success verifies the channel."""
        return self.ok(TrialSerializer(instance=asdict(try_channel(channel_id))).data)


class SecretRotationView(TenantView):
    """New signing secrets of webhooks."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.CHANNEL_WRITE}

    @extend_schema(
        operation_id="rotate_channel_secret",
        request=SecretRotationInput,
        responses={201: SecretRotationSerializer},
        tags=TAGS,
    )
    def post(self, request: Request, client: str, channel_id: int) -> Response:
        """Make a new signing secret, shown this once; the old one signs beside it for the overlap."""
        hours = self.body(SecretRotationInput)["overlap_hours"]
        secret = rotate_secret(channel_id=channel_id, overlap_hours=hours)
        until = get_channel(channel_id)["former_until"]
        body = SecretRotationSerializer(
            instance={"signing_secret": secret.reveal(), "former_until": until}
        ).data
        return self.created(body, f"{self.base_path}/channels/{channel_id}")


def _fields(fields: Mapping[str, Field]) -> list[dict[str, Any]]:
    return [
        {"name": name, "hint": spec.hint, "pattern": spec.pattern, "is_required": spec.is_required}
        for name, spec in fields.items()
    ]
