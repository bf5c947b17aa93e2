"""The query parameters of kpis' endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from config.lib.api.query import QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField, InstantField
from kpis.selectors.groups import GroupBy
from kpis.selectors.slices import Slice
from kpis.types import Grain, Position


def stores_field() -> serializers.ListField:
    """Which stores to take together."""
    return serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        max_length=200,
        help_text="Store ids, repeated or separated by commas; all active stores when left out.",
    )


class SliceQuery(QuerySerializer):
    """Which part of the client to look at; parameters together narrow each other down."""

    store = stores_field()
    market = serializers.CharField(
        required=False, max_length=2, help_text="Only stores of this market, such as JP."
    )
    brand = serializers.CharField(required=False, max_length=100, help_text="Only stores of this brand.")


class AnsweringQuery(SliceQuery):
    """The same, down to what somebody answers for."""

    person = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        help_text="Only what this person (user id) answers for; weights by their share.",
    )
    position = EnumField(
        Position, required=False, help_text="Only what this position answers for; weights by its share."
    )
    as_known_at = InstantField(
        required=False, help_text="Show what was known at this instant (RFC 3339), not what is known now."
    )


class CardQuery(AnsweringQuery):
    """How much a scorecard says."""

    explain = serializers.BooleanField(
        required=False, help_text="Add to every KPI its formula, parts, measures and streams."
    )
    trend = serializers.IntegerField(
        required=False, min_value=2, max_value=26, help_text="Add the values of so many periods to every KPI."
    )


class ScorecardQuery(CardQuery):
    """Which scorecard to show."""

    period = serializers.CharField(
        max_length=10, help_text="A day like 2026-11-21, a week 2026-W47, a month 2026-11 or quarter 2026-Q4."
    )


class RollingQuery(CardQuery):
    """Which rolling window to show."""

    days = serializers.IntegerField(
        min_value=1, max_value=366, default=28, help_text="Length; usual are 7, 14, 28, 30, 60, 89, 90, 365."
    )
    end = DayField(required=False, help_text="Last day; the client's yesterday when left out.")


class ComparisonQuery(SliceQuery):
    """Which period to put beside others."""

    period = serializers.CharField(
        max_length=16, help_text="A day, week, month, quarter, or a rolling window like 2026-11-20~28d."
    )


class ComparedQuery(AnsweringQuery):
    """What to put beside each other."""

    by = EnumField(GroupBy, help_text="What the groups are.")
    period = serializers.CharField(
        max_length=16, help_text="A day, week, month, quarter, or a rolling window like 2026-11-20~28d."
    )
    kpi = serializers.ListField(
        child=serializers.CharField(max_length=48),
        required=False,
        max_length=40,
        help_text="Only these lines.",
    )


def slice_of(asked: Mapping[str, Any]) -> Slice:
    """Return the slice that a query or a widget names."""
    return Slice(
        stores=tuple(asked.get("store", ())),
        market=asked.get("market", ""),
        brand=asked.get("brand", ""),
        person=asked.get("person"),
        position=asked.get("position"),
    )


class SeriesQuery(SliceQuery):
    """Which points of a series to show."""

    to = DayField(help_text="Last day (shop days), included.")
    grain = EnumField(Grain, required=False, help_text="Width of a point; a day unless told.")
    explain = serializers.BooleanField(
        required=False, help_text="Add the formula, its inputs and streams, and each point's parts."
    )

    def get_fields(self) -> dict[str, Any]:
        """Add `from`, which cannot be declared: it is a word of Python's own."""
        first = DayField(help_text="First day (shop days), included.")
        return {"from": first, **super().get_fields()}


class TargetsQuery(QuerySerializer):
    """Which targets to show."""

    on = DayField(required=False, help_text="In force on this day; today when left out.")
