"""The progress of a pricing run as Server-Sent Events.

The API runs in worker processes of one thread each, and a client's schema is chosen for the length of a
handler only; a connection that stayed open would take a worker away from everybody and read with nobody's
rights. So an answer holds every event behind `Last-Event-ID` and ends; `retry` says after how many
milliseconds to come again, which an `EventSource` does by itself, naming the last event it saw. Nothing is
lost or repeated in between, since events are rows. Where nothing happened, the answer is a comment as a sign
of life; once the run is over and every event was told, it is 204, upon which an `EventSource` stops. Polling
the run itself gives the same counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.renderer import dumps
from config.lib.errors import BadRequest, FieldError
from pricing.api.runs import TAGS
from pricing.selectors.runs import PricingRunState, Row, get_run, list_events
from pricing.types import BOUNDARY
from tenants.http import TenantView
from tenants.permissions import Capability

MEDIA_TYPE = "text/event-stream"
RETRY_MILLISECONDS = 1000
_LONGEST_ID = 10
_OVER = frozenset({PricingRunState.FINISHED.value, PricingRunState.INTERRUPTED.value})


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
        if data is None:
            return b""
        return data.encode() if isinstance(data, str) else dumps(data)


class RunEventsView(TenantView):
    """The progress of one run."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    renderer_classes = (EventStreamRenderer,)

    @extend_schema(
        operation_id="stream_pricing_run_events",
        parameters=[
            OpenApiParameter(
                "Last-Event-ID",
                OpenApiTypes.INT,
                OpenApiParameter.HEADER,
                description="The last event that was seen; only later ones are told.",
            )
        ],
        responses={(200, MEDIA_TYPE): OpenApiTypes.STR, 204: None},
        tags=TAGS,
    )
    def get(self, request: Request, client: str, run_id: int) -> Response:
        """Tell the events of a run behind `Last-Event-ID`: started, progress, finished, interrupted.

        The connection is short and comes again by itself (`retry`); 204 says that there is nothing more to
        come. Each event's data is JSON with the counts of the run.
        """
        run = get_run(run_id)
        seen = _last_seen(request)
        events = list_events(run_id, after=seen)
        if run["state"] in _OVER and not events:
            return Response(status=204)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return Response(written(run, events), headers=headers)


def written(run: Row, events: Sequence[Row]) -> str:
    """Events as the stream's text; a comment where there are none."""
    blocks = [f"retry: {RETRY_MILLISECONDS}\n"]
    for event in events:
        data = {"boundary": BOUNDARY, "at": event["at"], **event["data"]}
        blocks.append(f"id: {event['seq']}\nevent: {event['kind']}\ndata: {dumps(data).decode()}\n")
    if not events:
        blocks.append(f": {run['state']}\n")
    return "\n".join(blocks) + "\n"


def _last_seen(request: Request) -> int:
    given = request.headers.get("Last-Event-ID", "").strip()
    if not given:
        return 0
    if not (given.isascii() and given.isdigit() and len(given) < _LONGEST_ID):
        detail = "Send the id of an event of this stream, a whole number, or leave the header out."
        raise BadRequest(
            "Last-Event-ID cannot be read.", errors=[FieldError("", detail, parameter="Last-Event-ID")]
        )
    return int(given)
