"""The form of what the connectors' endpoints answer; every answer is built from values, never from rows."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString, MoneyField
from config.lib.api.schema import EnumField
from connectors.selectors.platforms import FeedKind
from connectors.types import (
    ConnectionState,
    CostLine,
    Family,
    FreshnessState,
    FulfilmentChannel,
    OrderStatus,
    RunState,
    TaxCollector,
)
from connectors.values import CostOutcome


class AttentionSerializer(serializers.Serializer[Any]):
    """Why a person is needed."""

    code = serializers.CharField(
        help_text="Stable code of the platform's refusal, for instance invalid_grant."
    )
    message = serializers.CharField(help_text="For a person; holds no secret.")
    since = serializers.DateTimeField()
    stream = serializers.CharField(
        allow_blank=True, help_text="The refused stream; empty when the credential itself is dead."
    )


class WarningSerializer(serializers.Serializer[Any]):
    """What the authorisation allows beyond reading."""

    code = serializers.CharField()
    message = serializers.CharField()


class ConnectionSerializer(serializers.Serializer[Any]):
    """An authorisation at a platform. The credential itself is never shown."""

    id = serializers.IntegerField()
    platform = serializers.CharField()
    name = serializers.CharField()
    account = serializers.DictField(child=serializers.CharField(), help_text="Public account ids.")
    state = EnumField(ConnectionState)
    attention = AttentionSerializer(allow_null=True)
    warnings = WarningSerializer(many=True)
    version = serializers.IntegerField(help_text="Rises with every change; the ETag is made of it.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class StreamStateSerializer(serializers.Serializer[Any]):
    """How far one stream of a store is known, and whether that is recent enough."""

    stream = serializers.CharField()
    state = EnumField(FreshnessState)
    data_as_of = serializers.DateTimeField(allow_null=True, help_text="The instant the platform speaks for.")
    covered_from = serializers.DateField(allow_null=True, help_text="First shop day known without a gap.")
    covered_through = serializers.DateField(allow_null=True, help_text="Last shop day known.")
    last_success_at = serializers.DateTimeField(allow_null=True)
    last_problem = serializers.CharField(allow_blank=True, help_text="Code of the last failure, if it lasts.")


class StoreSerializer(serializers.Serializer[Any]):
    """A shop in one marketplace, with the state of its streams."""

    id = serializers.IntegerField()
    connection_id = serializers.IntegerField()
    ads_connection_id = serializers.IntegerField(allow_null=True)
    platform = serializers.CharField()
    market = serializers.CharField(help_text="ISO 3166 country, two letters.")
    marketplace_id = serializers.CharField()
    name = serializers.CharField()
    currency = serializers.CharField(help_text="ISO 4217.")
    time_zone = serializers.CharField(help_text="IANA; rules the shop's business days.")
    backfill_days = serializers.IntegerField()
    is_active = serializers.BooleanField()
    streams = StreamStateSerializer(many=True)


class SyncRunSerializer(serializers.Serializer[Any]):
    """One run of one stream. Rows read are written, unchanged or rejected; nothing is dropped in silence."""

    id = serializers.IntegerField()
    store_id = serializers.IntegerField()
    stream = serializers.CharField()
    job_id = serializers.IntegerField(allow_null=True)
    state = EnumField(RunState)
    pages = serializers.IntegerField()
    rows_read = serializers.IntegerField()
    rows_written = serializers.IntegerField()
    rows_unchanged = serializers.IntegerField()
    rows_rejected = serializers.IntegerField()
    problem = serializers.DictField(allow_null=True, child=serializers.CharField())
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class RejectedRowSerializer(serializers.Serializer[Any]):
    """A row that could not be understood, and why."""

    id = serializers.IntegerField()
    page_no = serializers.IntegerField()
    pointer = serializers.CharField(help_text="Where it stood in the page.")
    reason = serializers.CharField()
    raw = serializers.DictField(help_text="The row as received, personal data dropped.")


class OutboundCallSerializer(serializers.Serializer[Any]):
    """One call that left us for a platform; never its query, headers or body."""

    id = serializers.IntegerField()
    store_id = serializers.IntegerField(allow_null=True)
    connection_id = serializers.IntegerField(allow_null=True)
    platform = serializers.CharField()
    operation = serializers.CharField()
    method = serializers.CharField()
    host = serializers.CharField()
    path = serializers.CharField()
    status = serializers.IntegerField(allow_null=True, help_text="Null when no answer came.")
    duration_ms = serializers.IntegerField()
    request_id = serializers.CharField(allow_blank=True, help_text="The platform's own id of the call.")
    called_at = serializers.DateTimeField()


class MarketplaceSerializer(serializers.Serializer[Any]):
    """A place to sell on a platform."""

    id = serializers.CharField()
    market = serializers.CharField()
    currency = serializers.CharField()
    time_zone = serializers.CharField()


class StreamSpecSerializer(serializers.Serializer[Any]):
    """What a platform can deliver, how often it is asked, and when it counts as stale."""

    key = serializers.CharField()
    family = EnumField(Family)
    cadence_seconds = serializers.IntegerField()
    stale_after_seconds = serializers.IntegerField()


class FeedSerializer(serializers.Serializer[Any]):
    """How the facts of a stream reach us from a platform's stores."""

    stream = serializers.CharField(help_text="As KPIs call it.")
    kind = EnumField(FeedKind)
    how = serializers.CharField(help_text="A stream, an upload profile, or a check of `evidence/metrics`.")
    dataset = serializers.CharField(allow_blank=True, help_text="What is uploaded.")
    also = serializers.ListField(child=serializers.CharField(), help_text="Further upload profiles.")
    verified = serializers.BooleanField(help_text="False: the profile was never checked against a real file.")


class PlatformSerializer(serializers.Serializer[Any]):
    """What can be connected: fields to fill in, places, streams, and every call it may make."""

    key = serializers.CharField()
    title = serializers.CharField()
    credential_fields = serializers.ListField(child=serializers.CharField())
    account_fields = serializers.ListField(child=serializers.CharField())
    scope_warning = serializers.CharField(allow_blank=True)
    marketplaces = MarketplaceSerializer(many=True)
    streams = StreamSpecSerializer(many=True)
    feeds = FeedSerializer(many=True)


class PlatformsSerializer(serializers.Serializer[Any]):
    """The capability matrix."""

    data = PlatformSerializer(many=True)  # type: ignore[assignment]


class StreamsSerializer(serializers.Serializer[Any]):
    """The streams of one store."""

    data = StreamStateSerializer(many=True)  # type: ignore[assignment]


class OrderLineSerializer(serializers.Serializer[Any]):
    """One line of an order; amounts are for the whole line. Buyers are not shown."""

    id = serializers.IntegerField()
    store_id = serializers.IntegerField()
    platform_order_id = serializers.CharField()
    line_no = serializers.CharField()
    sku = serializers.CharField()
    product_id = serializers.CharField()
    ordered_at = serializers.DateTimeField()
    business_on = serializers.DateField(help_text="The shop's day.")
    status = EnumField(OrderStatus)
    channel = EnumField(FulfilmentChannel)
    quantity = serializers.IntegerField()
    tax_collector = EnumField(TaxCollector)
    is_replacement = serializers.BooleanField()
    is_business = serializers.BooleanField()
    source_updated_at = serializers.DateTimeField()
    gross = MoneyField(help_text="What the buyer is asked for the goods, tax included, before discounts.")
    tax = MoneyField(help_text="The tax in it.")
    shipping = MoneyField()
    shipping_tax = MoneyField()
    discount = MoneyField(help_text="Funded by the seller, without tax, positive.")
    points = MoneyField()


class CostSheetSerializer(serializers.Serializer[Any]):
    """The unit cost of a SKU from a day on; the highest version of a day counts."""

    id = serializers.IntegerField()
    sku = serializers.CharField()
    market = serializers.CharField(allow_blank=True, help_text="Empty: every market.")
    channel = serializers.CharField(allow_blank=True, help_text="Empty: every sales channel.")
    effective_on = serializers.DateField()
    version = serializers.IntegerField()
    source = serializers.CharField(help_text="api or upload.")  # type: ignore[assignment]
    recorded_at = serializers.DateTimeField()
    lines = serializers.DictField(
        child=MoneyField(), help_text=f"Unit costs by line: {', '.join(line.value for line in CostLine)}."
    )


class CostFaultSerializer(serializers.Serializer[Any]):
    """One thing wrong with one item; `pointer` leads into the request's body."""

    pointer = serializers.CharField()
    detail = serializers.CharField()
    code = serializers.CharField()


class CostBatchItemSerializer(serializers.Serializer[Any]):
    """What became of one item of a batch, in the order sent."""

    index = serializers.IntegerField()
    status = EnumField(CostOutcome)
    id = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    errors = CostFaultSerializer(many=True)  # type: ignore[assignment]


class CostBatchSerializer(serializers.Serializer[Any]):
    """What became of a batch."""

    is_dry_run = serializers.BooleanField()
    created = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    invalid = serializers.IntegerField()
    data = CostBatchItemSerializer(many=True)  # type: ignore[assignment]


class UploadSerializer(serializers.Serializer[Any]):
    """What became of an uploaded file; row counts leave the header out."""

    id = serializers.IntegerField(allow_null=True, help_text="Null after a dry run.")
    sha256 = serializers.CharField()
    rows_read = serializers.IntegerField()
    rows_written = serializers.IntegerField()
    rows_unchanged = serializers.IntegerField()


class CostCoverageSerializer(serializers.Serializer[Any]):
    """How much of what a store sold has a unit cost on its day."""

    store_id = serializers.IntegerField()
    units = serializers.IntegerField()
    units_with_cost = serializers.IntegerField()
    share = DecimalString(
        allow_null=True, max_decimals=6, help_text="A fraction; null when nothing was sold."
    )
    skus_without_cost = serializers.ListField(child=serializers.CharField(), help_text="At most a hundred.")


class CostCoverageListSerializer(serializers.Serializer[Any]):
    """Cost coverage by store."""

    data = CostCoverageSerializer(many=True)  # type: ignore[assignment]
