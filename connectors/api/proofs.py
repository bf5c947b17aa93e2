"""What people check, note and keep on file, over HTTP: evidence with its samples, events, registers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from config.lib.calendars import Period
from connectors.api.proof_forms import (
    EventsQuery,
    EvidenceInput,
    EvidenceMetricsSerializer,
    EvidenceQuery,
    EvidenceSampleSerializer,
    EvidenceSerializer,
    RegistersQuery,
    RegistersSerializer,
    SampleQuery,
    TimelineEventInput,
    TimelineEventSerializer,
)
from connectors.engine.evidence import METRICS
from connectors.selectors.proofs import (
    draw_evidence_sample,
    events_query,
    evidence_query,
    get_event,
    get_evidence,
    list_registers,
)
from connectors.selectors.stores import get_store
from connectors.services.proofs import record_event, record_evidence
from tenants.http import TenantView
from tenants.permissions import Capability


class EvidenceView(TenantView):
    """The counted checks of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.FACT_READ,
        "POST": Capability.EVIDENCE_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": EvidenceQuery.of(EvidenceSerializer)}

    @extend_schema(operation_id="list_evidence", responses=page_of(EvidenceSerializer), tags=["evidence"])
    def get(self, request: Request, client: str) -> Response:
        """List recorded checks, the latest first."""
        rows = evidence_query(
            store_id=self.query.get("store"),
            metric=self.query.get("metric"),
            first=self.query.get("from"),
            last=self.query.get("to"),
        )
        return self.page(rows, ordering=("-observed_on", "-id"))

    @extend_schema(
        operation_id="record_evidence",
        request=EvidenceInput,
        responses={201: EvidenceSerializer},
        examples=[
            OpenApiExample(
                "Labels of twenty SKUs",
                value={
                    "store_id": 3,
                    "metric": "label_check_pass",
                    "subject": "Kitchen, sample of W47",
                    "observed_on": "2026-11-20",
                    "numerator": "19",
                    "denominator": "20",
                    "expires_on": "2027-02-20",
                },
                request_only=True,
            )
        ],
        tags=["evidence"],
    )
    def post(self, request: Request, client: str) -> Response:
        """Record a check; the same check of the same subject and day again replaces it."""
        values: dict[str, Any] = self.body(EvidenceInput)
        record, store_id = record_evidence(**values), values["store_id"]
        row = get_evidence(
            store_id=store_id, metric=record.metric, subject=record.subject, observed_on=record.observed_on
        )
        return self.created(row, f"{self.base_path}/evidence?metric={record.metric}&store={store_id}")


class EvidenceMetricsView(TenantView):
    """What can be checked."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}

    @extend_schema(
        operation_id="list_evidence_metrics", responses=EvidenceMetricsSerializer, tags=["evidence"]
    )
    def get(self, request: Request, client: str) -> Response:
        """List the checks and what each counts."""
        data = [
            {
                "metric": key,
                "counts": about.counts,
                "of": about.of,
                "population": about.population,
                "is_share": about.is_share,
                "is_own": about.is_own,
            }
            for key, about in METRICS.items()
        ]
        return self.ok({"data": data})


class EvidenceSampleView(TenantView):
    """What a check shall look at."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.FACT_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": SampleQuery}

    @extend_schema(operation_id="draw_evidence_sample", responses=EvidenceSampleSerializer, tags=["evidence"])
    def get(self, request: Request, client: str) -> Response:
        """Draw SKUs or orders at random, the same ones for the same seed: nobody picks the good ones."""
        store = get_store(self.query["store"])
        today = clock.today(store.time_zone)
        seed = self.query.get("seed") or Period.containing(today, "week", 1).id
        items = draw_evidence_sample(
            store_id=store.id, metric=self.query["metric"], size=self.query["size"], seed=seed
        )
        body = {
            "store_id": store.id,
            "metric": self.query["metric"],
            "seed": seed,
            "size": len(items),
            "items": items,
        }
        return self.ok(body)


class RegistersView(TenantView):
    """Certificates and registrations."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.FACT_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": RegistersQuery}

    @extend_schema(operation_id="list_registers", responses=RegistersSerializer, tags=["evidence"])
    def get(self, request: Request, client: str) -> Response:
        """List PSE, JIS, JCT, RFC and the like with their status, those that expire first in front.

        They come by the dataset `certificates`; of each the newest register counts.
        """
        store = self.query.get("store")
        found = list_registers(
            store_id=get_store(store).id if store else None,
            kind=self.query.get("kind"),
            expiring_within=self.query.get("expiring_within"),
        )
        return self.ok({"data": found})


class EventsView(TenantView):
    """The timeline of a client's stores."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.KPI_READ,
        "POST": Capability.EVIDENCE_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": EventsQuery.of(TimelineEventSerializer)}

    @extend_schema(operation_id="list_events", responses=page_of(TimelineEventSerializer), tags=["evidence"])
    def get(self, request: Request, client: str) -> Response:
        """List what was done or happened, the latest first."""
        rows = events_query(
            store_id=self.query.get("store"),
            sku=self.query.get("sku"),
            kind=self.query.get("kind"),
            first=self.query.get("from"),
            last=self.query.get("to"),
        )
        return self.page(rows, ordering=("-business_on", "-id"))

    @extend_schema(
        operation_id="record_event",
        request=TimelineEventInput,
        responses={201: TimelineEventSerializer},
        examples=[
            OpenApiExample(
                "A new main image",
                value={
                    "store_id": 3,
                    "kind": "listing_edit",
                    "sku": "BOTTLE-750",
                    "occurred_at": "2026-11-18T03:00:00Z",
                    "title": "New main image",
                },
                request_only=True,
            )
        ],
        tags=["evidence"],
    )
    def post(self, request: Request, client: str) -> Response:
        """Note an event; charts and the explanation of moves show it. The same words again change nothing."""
        values: dict[str, Any] = self.body(TimelineEventInput)
        record, _ = record_event(**values)
        row = get_event(store_id=values["store_id"], event_key=record.event_key)
        return self.created(row, f"{self.base_path}/events?store={values['store_id']}")
