"""The query parameters of kpis' endpoints."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.lib.api.query import QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField, InstantField
from kpis.types import Grain


def stores_field() -> serializers.ListField:
    """Which stores to take together."""
    return serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        max_length=200,
        help_text="Store ids, repeated or separated by commas; all active stores when left out.",
    )


class ScorecardQuery(QuerySerializer):
    """Which scorecard to show."""

    period = serializers.CharField(max_length=10, help_text="A week like 2026-W47 or a month like 2026-11.")
    store = stores_field()
    as_known_at = InstantField(
        required=False, help_text="Show what was known at this instant (RFC 3339), not what is known now."
    )
    explain = serializers.BooleanField(
        required=False, help_text="Add to every KPI its formula, parts and measures."
    )


class SeriesQuery(QuerySerializer):
    """Which points of a series to show."""

    to = DayField(help_text="Last day (shop days), included.")
    grain = EnumField(Grain, required=False, help_text="Width of a point; a day unless told.")
    store = stores_field()

    def get_fields(self) -> dict[str, Any]:
        """Add `from`, which cannot be declared: it is a word of Python's own."""
        first = DayField(help_text="First day (shop days), included.")
        return {"from": first, **super().get_fields()}


class TargetsQuery(QuerySerializer):
    """Which targets to show."""

    on = DayField(required=False, help_text="In force on this day; today when left out.")
