"""The query parameters of the connectors' lists."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.lib.api.query import PageQuery, QuerySerializer, SortField
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField
from connectors.types import OrderStatus


class RunQuery(PageQuery):
    """Which runs to list."""

    stream = serializers.CharField(required=False, max_length=48)


class CallQuery(PageQuery):
    """Which calls to list."""

    store = serializers.IntegerField(required=False, min_value=1)
    connection = serializers.IntegerField(required=False, min_value=1)
    operation = serializers.CharField(required=False, max_length=60)


class CostSheetQuery(PageQuery):
    """Which cost sheets to list."""

    sku = serializers.CharField(required=False, max_length=100)
    market = serializers.CharField(required=False, max_length=2, allow_blank=True)
    effective_on = DayField(required=False, help_text="Sheets that begin on or before this day.")
    sort = SortField({"sku": "sku", "effective_on": "effective_on", "id": "id"})


class DayRangeQuery(QuerySerializer):
    """A range of shop days, both included. `from` cannot be declared: it is a word of Python's own."""

    to = DayField(required=False, help_text="Last shop day, included.")

    def get_fields(self) -> dict[str, Any]:
        """Add `from`."""
        fields: dict[str, Any] = super().get_fields()
        fields["from"] = DayField(required=False, help_text="First shop day, included.")
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A range does not end before it begins."""
        if "from" in attrs and "to" in attrs and attrs["to"] < attrs["from"]:
            raise serializers.ValidationError({"to": "It lies before `from`."}, "range")
        return attrs


class OrderLineQuery(DayRangeQuery, PageQuery):
    """Which order lines to list."""

    store = serializers.IntegerField(required=False, min_value=1)
    sku = serializers.CharField(required=False, max_length=100)
    order = serializers.CharField(required=False, max_length=40, help_text="The platform's order id.")
    status = EnumField(OrderStatus, required=False)
    sort = SortField({"business_on": "business_on"})


class CostCoverageQuery(DayRangeQuery):
    """Of which stores and days to tell the cost coverage."""

    store = serializers.IntegerField(required=False, min_value=1)


class UploadQuery(QuerySerializer):
    """How to take an uploaded file."""

    filename = serializers.CharField(required=False, max_length=200, default="upload.csv")
    dry_run = serializers.BooleanField(
        required=False, default=False, help_text="Only tell what would be recorded."
    )
