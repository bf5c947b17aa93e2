"""The log of deliveries over HTTP: what went out, what was given up, sending again; and one's own wishes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.api.channel_forms import (
    DeadLetterQuery,
    DeliveryQuery,
    DeliverySerializer,
    PreferenceInput,
    PreferenceSerializer,
)
from alerts.selectors.channels import get_preference
from alerts.selectors.deliveries import deliveries_query, get_delivery
from alerts.services.preferences import set_preference
from alerts.services.replay import replay
from alerts.types import DeliveryState
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from config.lib.errors import NotFound
from tenants.http import TenantView
from tenants.permissions import Capability
from tenants.principals import Person

TAGS = ["alerts: deliveries"]
_GIVEN_UP = (DeliveryState.FAILED.value, DeliveryState.DEAD.value)


def delivery_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """A delivery as it is shown."""
    return {**row, "error": row["error"] or None}


class DeliveriesView(TenantView):
    """What went out and what is still to."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ALERT_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": DeliveryQuery.of(DeliverySerializer)}

    @extend_schema(operation_id="list_deliveries", responses=page_of(DeliverySerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List deliveries, the newest first, by alert, channel, recipient, state or error."""
        asked = self.query
        rows = deliveries_query(
            alert_id=asked.get("alert"),
            channel_id=asked.get("channel"),
            recipient_id=asked.get("recipient"),
            state=asked.get("state"),
            error=asked.get("error"),
        )
        return self.page(rows, shape=delivery_body)


class DeadLettersView(TenantView):
    """What was given up."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ALERT_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": DeadLetterQuery.of(DeliverySerializer)}

    @extend_schema(operation_id="list_dead_letters", responses=page_of(DeliverySerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List deliveries that were refused for good or tried often enough; each can be replayed."""
        rows = deliveries_query(channel_id=self.query.get("channel")).filter(state__in=_GIVEN_UP)
        return self.page(rows, shape=delivery_body)


class DeliveryDetailView(TenantView):
    """One delivery."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ALERT_READ}

    @extend_schema(operation_id="get_delivery", responses=DeliverySerializer, tags=TAGS)
    def get(self, request: Request, client: str, delivery_id: int) -> Response:
        """Show a delivery with its attempts and what the receiver answered last."""
        return self.ok(delivery_body(get_delivery(delivery_id)))


class DeliveryReplayView(TenantView):
    """Sending again."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.ALERT_WRITE}

    @extend_schema(
        operation_id="replay_delivery", request=None, responses={200: DeliverySerializer}, tags=TAGS
    )
    def post(self, request: Request, client: str, delivery_id: int) -> Response:
        """Send a delivery again; 409 while it is still tried by itself. A webhook keeps its id."""
        replay(delivery_id)
        return self.ok(delivery_body(get_delivery(delivery_id)))


class NoticePreferenceView(TenantView):
    """How the caller wants to be told of this client's alerts."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.ALERT_READ,
        "PUT": Capability.ALERT_READ,
    }

    @extend_schema(operation_id="get_notice_preference", responses=PreferenceSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """Show how the caller is told."""
        return self._shown()

    @extend_schema(
        operation_id="set_notice_preference",
        request=PreferenceInput,
        responses=PreferenceSerializer,
        tags=TAGS,
    )
    def put(self, request: Request, client: str) -> Response:
        """Say how one wants to be told; at least one way has to be left."""
        asked = self.body(PreferenceInput)
        set_preference(
            user_id=self._own_id, check=lambda version: require_if_match(request, version), **asked
        )
        return self._shown()

    @property
    def _own_id(self) -> int:
        caller = self.principal
        if not isinstance(caller, Person):
            raise NotFound("Only a person says how they want to be told; an API key has no wishes.")
        return caller.id

    def _shown(self) -> Response:
        shown = get_preference(self._own_id)
        return self.ok(shown, etag=etag_of(shown["version"]))
