"""The kill switch over HTTP, and the log of the last hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField, page_of
from config.lib.csv_files import to_csv
from pricing.api.boundary import boundary_field, bounded
from pricing.api.lock_forms import id_field
from pricing.selectors.halts import get_halt, halts_query
from pricing.selectors.price_log import COLUMNS, MOST_ROWS, list_log, plain_lines
from pricing.services.halts import HaltScope, halt, resume
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["pricing: halts"]
DAY = 24


class HaltInput(serializers.Serializer[Any]):
    """What to stop and why; the store or the rule set where the scope asks for one."""

    scope = EnumField(HaltScope)
    store_id = id_field(required=False, allow_null=True, default=None)
    rule_set_id = id_field(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=400)


class ResumptionInput(serializers.Serializer[Any]):
    """Why pricing may go on."""

    reason = serializers.CharField(max_length=400)


class PriceHaltSerializer(serializers.Serializer[Any]):
    """A halt; it stands while `resumed_at` is null. Ids are 0 where the scope is wider."""

    id = serializers.IntegerField()
    scope = EnumField(HaltScope)
    store_id = serializers.IntegerField()
    rule_set_id = serializers.IntegerField()
    reason = serializers.CharField()
    withdrawn = serializers.IntegerField()
    version = serializers.IntegerField()
    halted_at = serializers.DateTimeField()
    halted_by = serializers.CharField()
    resumed_at = serializers.DateTimeField(allow_null=True)
    resumed_by = serializers.CharField(allow_blank=True)
    resume_reason = serializers.CharField(allow_blank=True)
    boundary = boundary_field()


class HaltQuery(PageQuery):
    """Which halts to list."""

    standing = serializers.BooleanField(required=False, help_text="Only those (not) in force.")


class LogQuery(QuerySerializer):
    """Of how many hours the log is to tell."""

    hours = serializers.IntegerField(required=False, min_value=1, max_value=168, default=DAY)
    store = id_field(required=False)


class LogLineSerializer(serializers.Serializer[Any]):
    """An event. `rule_price` is what the newest suggestion said, `off_by` the price less that."""

    at = serializers.DateTimeField()
    event = serializers.CharField()
    store_id = serializers.IntegerField()
    sku = serializers.CharField(allow_blank=True)
    currency = serializers.CharField(allow_blank=True)
    price_before = serializers.CharField(allow_null=True)
    price = serializers.CharField(allow_null=True)
    rule_price = serializers.CharField(allow_null=True)
    off_by = serializers.CharField(allow_null=True)
    floor = serializers.CharField(allow_null=True)
    recommendation_id = serializers.IntegerField(allow_null=True)
    rule_set_id = serializers.IntegerField(allow_null=True)
    rule_set_version = serializers.IntegerField(allow_null=True)
    who = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)


class PriceLogSerializer(serializers.Serializer[Any]):
    """The log, the newest event first; `is_truncated` if there were more than 10,000."""

    since = serializers.DateTimeField()
    is_truncated = serializers.BooleanField()
    data = LogLineSerializer(many=True)  # type: ignore[assignment]
    boundary = boundary_field()


class PriceHaltsView(TenantView):
    """Stopping."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.PRICE_READ,
        "POST": Capability.PRICE_HALT,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": HaltQuery.of(PriceHaltSerializer)}

    @extend_schema(operation_id="list_price_halts", responses=page_of(PriceHaltSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the halts, the newest first."""
        return self.page(halts_query(standing=self.query.get("standing")), shape=bounded)

    @extend_schema(
        operation_id="halt_pricing",
        request=HaltInput,
        responses={201: PriceHaltSerializer},
        examples=[
            OpenApiExample(
                "Everything", value={"scope": "client", "reason": "Prices are wrong."}, request_only=True
            )
        ],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Stop everything in the scope at once: live suggestions are withdrawn, none is made or approved."""
        asked = self.body(HaltInput)
        made = halt(
            scope=HaltScope(asked["scope"]),
            reason=asked["reason"],
            store_id=asked["store_id"],
            rule_set_id=asked["rule_set_id"],
        )
        location = f"{self.base_path}/price-halts/{made.id}"
        return self.created(bounded(asdict(made)), location, etag=etag_of(made.version))


class PriceHaltDetailView(TenantView):
    """One halt."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}

    @extend_schema(operation_id="get_price_halt", responses=PriceHaltSerializer, tags=TAGS)
    def get(self, request: Request, client: str, halt_id: int) -> Response:
        """Show a halt."""
        found = get_halt(halt_id)
        return self.ok(bounded(asdict(found)), etag=etag_of(found.version))


class PriceHaltResumptionView(TenantView):
    """Going on."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_HALT}
    conditional_methods: ClassVar[frozenset[str]] = frozenset({"POST"})

    @extend_schema(
        operation_id="resume_pricing", request=ResumptionInput, responses=PriceHaltSerializer, tags=TAGS
    )
    def post(self, request: Request, client: str, halt_id: int) -> Response:
        """Lift a halt; withdrawn suggestions stay withdrawn, the next run makes new ones."""
        version = get_halt(halt_id).version
        require_if_match(request, version)
        lifted = resume(halt_id=halt_id, version=version, reason=self.body(ResumptionInput)["reason"])
        return self.ok(bounded(asdict(lifted)), etag=etag_of(lifted.version))


class PriceLogView(TenantView):
    """What happened to prices."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": LogQuery}
    looks = "price_log"

    @extend_schema(operation_id="get_price_log", responses=PriceLogSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """Show what was suggested, signed, changed and halted in the last 24 hours, price beside rule."""
        since = clock.now() - timedelta(hours=self.query["hours"])
        lines = list_log(since, store_id=self.query.get("store"), most=MOST_ROWS + 1)
        data = plain_lines(lines[:MOST_ROWS])
        return self.ok(bounded({"since": since, "is_truncated": len(lines) > MOST_ROWS, "data": data}))


class PriceLogFileView(TenantView):
    """The same as a file."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": LogQuery}
    looks = "price_log"

    @extend_schema(
        operation_id="export_price_log", responses={(200, "text/csv"): OpenApiTypes.STR}, tags=TAGS
    )
    def get(self, request: Request, client: str) -> HttpResponse:
        """Download the log as a CSV; no cell of it can start a formula. It only tells: nothing is sent to
        any platform."""
        since = clock.now() - timedelta(hours=self.query["hours"])
        lines = list_log(since, store_id=self.query.get("store"))
        rows = [[getattr(line, name) for name in COLUMNS] for line in lines]
        name = f"price-log-{clock.now():%Y%m%dT%H%M}Z.csv"
        return HttpResponse(
            to_csv(COLUMNS, rows),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
