"""The form of what the endpoints of checks, events, certificates and products take and answer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField, InstantField
from connectors.api.queries import DayRangeQuery
from connectors.engine.evidence import Population
from connectors.platforms.csv_upload.datasets.master import CONDITIONS, PRODUCT_ROLES
from connectors.records import EventKind

REGISTER_STATES = ("valid", "expiring", "expired", "missing", "not_needed")


class EvidenceQuery(DayRangeQuery, PageQuery):
    """Which checks to list."""

    store = serializers.IntegerField(required=False, min_value=1)
    metric = serializers.CharField(required=False, max_length=48)


class EvidenceInput(serializers.Serializer[Any]):
    """A counted check. Its rater is whoever sends it."""

    store_id = serializers.IntegerField(min_value=1)
    metric = serializers.CharField(max_length=39, help_text="A key of `evidence/metrics`.")
    subject = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    observed_on = DayField()
    numerator = DecimalString(minimum=Decimal(0), max_decimals=4, help_text="How many passed.")
    denominator = DecimalString(minimum=Decimal(0), max_decimals=4, help_text="How many were checked.")
    attachment_sha256 = serializers.CharField(
        max_length=64, required=False, default="", allow_blank=True, help_text="Of the file that was seen."
    )
    expires_on = DayField(
        required=False, allow_null=True, default=None, help_text="When it has to be done anew."
    )


class EvidenceSerializer(serializers.Serializer[Any]):
    """A recorded check."""

    id = serializers.IntegerField()
    store_id = serializers.IntegerField()
    metric = serializers.CharField()
    subject = serializers.CharField(allow_blank=True)
    observed_on = serializers.DateField()
    numerator = DecimalString()
    denominator = DecimalString()
    rater = serializers.CharField(allow_blank=True, help_text="user:<id>, api_key:<id>, or a role of a file.")
    attachment_sha256 = serializers.CharField(allow_blank=True)
    expires_on = serializers.DateField(allow_null=True)


class EvidenceMetricSerializer(serializers.Serializer[Any]):
    """A check that people count."""

    metric = serializers.CharField()
    counts = serializers.CharField(help_text="What the numerator is.")
    of = serializers.CharField(help_text="What the denominator is.")
    population = EnumField(Population, help_text="Among what a sample is drawn.")
    is_share = serializers.BooleanField()
    is_own = serializers.BooleanField(help_text="Worked out by the product; nobody enters it.")


class EvidenceMetricsSerializer(serializers.Serializer[Any]):
    """Every check."""

    data = EvidenceMetricSerializer(many=True)  # type: ignore[assignment]


class SampleQuery(QuerySerializer):
    """For which check to draw a sample."""

    store = serializers.IntegerField(min_value=1)
    metric = serializers.CharField(max_length=48)
    size = serializers.IntegerField(required=False, min_value=1, max_value=500, default=20)
    seed = serializers.CharField(
        required=False,
        max_length=40,
        help_text="The same seed draws the same sample; the ISO week unless told.",
    )


class EvidenceSampleSerializer(serializers.Serializer[Any]):
    """What a check shall look at."""

    store_id = serializers.IntegerField()
    metric = serializers.CharField()
    seed = serializers.CharField()
    size = serializers.IntegerField(help_text="Fewer than asked where there are no more.")
    items = serializers.ListField(child=serializers.CharField(), help_text="SKUs or order numbers.")


class RegistersQuery(QuerySerializer):
    """Which certificates and registrations to list."""

    store = serializers.IntegerField(required=False, min_value=1)
    kind = serializers.CharField(required=False, max_length=24, help_text="PSE, JCT, RFC, …")
    expiring_within = serializers.IntegerField(
        required=False, min_value=0, max_value=1000, help_text="Days; only what then needs somebody."
    )


class RegisterSerializer(serializers.Serializer[Any]):
    """A certificate or registration as the newest register has it."""

    id = serializers.IntegerField()
    store_id = serializers.IntegerField()
    certificate_key = serializers.CharField()
    sku = serializers.CharField(allow_blank=True, help_text="Empty: the company's own.")
    kind = serializers.CharField()
    reported_on = serializers.DateField()
    is_required = serializers.BooleanField()
    issued_on = serializers.DateField(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)
    registration_no = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(choices=REGISTER_STATES)


class RegistersSerializer(serializers.Serializer[Any]):
    """Certificates and registrations, those that expire first in front."""

    data = RegisterSerializer(many=True)  # type: ignore[assignment]


class EventsQuery(DayRangeQuery, PageQuery):
    """Which events to list."""

    store = serializers.IntegerField(required=False, min_value=1)
    sku = serializers.CharField(required=False, max_length=100, help_text="Also those of the whole store.")
    kind = EnumField(EventKind, required=False)


class TimelineEventInput(serializers.Serializer[Any]):
    """Something that was done or happened."""

    store_id = serializers.IntegerField(min_value=1)
    kind = EnumField(EventKind)
    sku = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    occurred_at = InstantField()
    ended_at = InstantField(required=False, allow_null=True, default=None)
    title = serializers.CharField(max_length=300)


class TimelineEventSerializer(serializers.Serializer[Any]):
    """An event on the timeline."""

    id = serializers.IntegerField()
    store_id = serializers.IntegerField()
    event_key = serializers.CharField()
    kind = EnumField(EventKind)
    sku = serializers.CharField(allow_blank=True, help_text="Empty: the whole store.")
    business_on = serializers.DateField()
    occurred_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    title = serializers.CharField()


class ProductsQuery(PageQuery):
    """Which products to list."""

    sku = serializers.CharField(required=False, max_length=100)
    family = serializers.CharField(required=False, max_length=100)
    role = serializers.ChoiceField(choices=PRODUCT_ROLES, required=False)
    category = serializers.CharField(required=False, max_length=120)
    brand = serializers.CharField(required=False, max_length=100)


def _attribute(longest: int, help_text: str = "") -> serializers.CharField:
    return serializers.CharField(
        max_length=longest, required=False, default="", allow_blank=True, help_text=help_text
    )


class ProductInput(serializers.Serializer[Any]):
    """What is known of a product; what is left out is emptied."""

    title = _attribute(500)
    family = _attribute(100, "The variation family it belongs to.")
    role = _attribute(12, ", ".join(PRODUCT_ROLES))
    size_class = _attribute(40)
    category = _attribute(120)
    brand = _attribute(100)
    jan = _attribute(14, "JAN, EAN or UPC.")
    condition = _attribute(12, ", ".join(CONDITIONS))


class ProductSerializer(serializers.Serializer[Any]):
    """A product of the client's master."""

    id = serializers.IntegerField()
    sku = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    family = serializers.CharField(allow_blank=True)
    role = serializers.CharField(allow_blank=True)
    size_class = serializers.CharField(allow_blank=True)
    category = serializers.CharField(allow_blank=True)
    brand = serializers.CharField(allow_blank=True)
    jan = serializers.CharField(allow_blank=True)
    condition = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField(help_text="The ETag is made of it.")
    updated_at = serializers.DateTimeField()
