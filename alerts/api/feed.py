"""What happens at the client, to be followed: by polling, or as Server-Sent Events.

Here an event stream is short, as for pricing runs: it tells what there is and ends, and an `EventSource`
comes again by itself. `manage.py feed` serves the same path with streams that stay open, from a process of
its own; a proxy in front decides which of the two answers. Both go by the same entries, so a reader may
change between them and polling at any entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.live.events import COMMENT, MEDIA_TYPE, read_last_id, retry_after, written
from alerts.selectors.feed import Entry, get_extent, kinds_for, list_entries
from config.lib.api.query import QuerySerializer
from config.lib.api.renderer import dumps
from config.lib.errors import BadRequest, FieldError
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["alerts: live feed"]
LARGEST_ID = 2**63 - 1
MOST = 500
RETRY_MILLISECONDS = 2000


class LiveFeedEntrySerializer(serializers.Serializer[Any]):
    """A piece of news."""

    id = serializers.IntegerField(help_text="Rises; the `after` of the next call.")
    kind = serializers.CharField(help_text="For instance alerts.transitioned.")
    at = serializers.DateTimeField()
    data = serializers.DictField(  # type: ignore[assignment]
        help_text="Ids and plain values; ask the resource for the rest."
    )


class LiveFeedSerializer(serializers.Serializer[Any]):
    """What happened since."""

    client_id = serializers.IntegerField()
    kinds = serializers.ListField(child=serializers.CharField(), help_text="What the caller is told of.")
    oldest = serializers.IntegerField(help_text="The first entry that is kept; 0 for none.")
    latest = serializers.IntegerField(help_text="The last entry there is, told here or not; 0 for none.")
    is_gapless = serializers.BooleanField(
        help_text="False: entries behind `after` may have been removed, a week after they were noted."
    )
    next = serializers.IntegerField(help_text="The `after` of the next call.")
    data = LiveFeedEntrySerializer(many=True)  # type: ignore[assignment]


class FeedQuery(QuerySerializer):
    """From where on."""

    after = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=LARGEST_ID,
        default=0,
        help_text="The last entry seen; 0 for everything that is kept.",
    )
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MOST, default=100)


class FeedView(TenantView):
    """What happened, by polling."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ALERT_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": FeedQuery}

    @extend_schema(operation_id="poll_feed", responses=LiveFeedSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """Tell what happened behind `after`: alerts, approvals, halts, reviews, actions, connections.

        No entry is ever noted behind one that was told, so whoever goes on from `next` misses none. When
        fewer than `limit` came, ask again after a few seconds.
        """
        after, limit = self.query["after"], self.query["limit"]
        kinds, extent = kinds_for(self.held), get_extent()
        entries = list_entries(after, kinds=kinds, limit=limit)
        # What the caller is not told of is passed over, up to what was there before the entries were read.
        reached = entries[-1].id if len(entries) == limit else max(after, extent.latest)
        return self.ok(
            {
                "client_id": self.client.id,
                "kinds": kinds,
                "oldest": extent.oldest,
                "latest": extent.latest,
                "is_gapless": after == 0 or after + 1 >= extent.oldest,
                "next": max([reached, *(entry.id for entry in entries)]),
                "data": [asdict(entry) for entry in entries],
            }
        )


class EventStreamRenderer(BaseRenderer):
    """Sends event streams as they are written; a problem (which is no text) becomes JSON."""

    media_type = MEDIA_TYPE
    format = "event-stream"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the body."""
        return data.encode() if isinstance(data, str) else dumps(data)


class FeedEventsView(TenantView):
    """What happens, as an event stream."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ALERT_READ}
    renderer_classes = (EventStreamRenderer,)

    @extend_schema(
        operation_id="stream_feed",
        parameters=[
            OpenApiParameter(
                "Last-Event-ID",
                OpenApiTypes.INT64,
                OpenApiParameter.HEADER,
                description="The last entry seen; without it, from now on.",
            )
        ],
        responses={(200, MEDIA_TYPE): OpenApiTypes.STR},
        tags=TAGS,
    )
    def get(self, request: Request, client: str) -> Response:
        """Tell what happens, from `Last-Event-ID` or from now on; each event's data is an entry of the feed.

        This answer is short and is asked for again (`retry`); the feed's own process keeps it open.
        """
        given = request.headers.get("Last-Event-ID", "").strip()
        latest = get_extent().latest
        seen = read_last_id(given) if given else latest
        if seen is None:
            detail = "Send the id of an entry, a whole number, or leave the header out."
            raise BadRequest(
                "Last-Event-ID cannot be read.", errors=[FieldError("", detail, parameter="Last-Event-ID")]
            )
        entries = list_entries(seen, kinds=kinds_for(self.held), limit=MOST)
        return Response(
            _body(seen, entries), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )


def _body(seen: int, entries: list[Entry]) -> str:
    events = "".join(written(entry.id, entry.kind, asdict(entry)) for entry in entries)
    # An empty event moves the reader's position without telling anything: "now" has a number from here on.
    return retry_after(RETRY_MILLISECONDS) + (events or f"id: {seen}\n{COMMENT}")
