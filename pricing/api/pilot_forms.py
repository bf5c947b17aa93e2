"""The form of what the endpoints of pilots take and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString
from config.lib.api.query import PageQuery
from config.lib.api.schema import EnumField
from pricing.api.boundary import boundary_field
from pricing.api.lock_forms import id_field
from pricing.api.recommendation_forms import PriceReasonSerializer
from pricing.engine.pilot import PilotState

_MOST_SKUS = 5000


def _change(default: str, **kwargs: Any) -> DecimalString:
    return DecimalString(
        max_decimals=4,
        minimum=Decimal(-1),
        maximum=Decimal(0),
        required=False,
        default=Decimal(default),
        **kwargs,
    )


class PilotInput(serializers.Serializer[Any]):
    """A rule set in force that is to begin with few listings of a store."""

    store_id = id_field()
    rule_set = serializers.SlugField(max_length=60, help_text="Its key.")
    skus = serializers.ListField(
        child=serializers.CharField(max_length=100),
        required=False,
        default=list,
        max_length=_MOST_SKUS,
        help_text="None: every active listing of the store that it counts for.",
    )
    days_per_stage = serializers.IntegerField(min_value=1, max_value=60, required=False, default=7)
    least_skus = serializers.IntegerField(min_value=1, max_value=1000, required=False, default=10)
    least_contribution_change = _change(
        "-0.05", help_text="It stops where contribution a day falls further behind the control, as a share."
    )
    least_buy_box_change = _change(
        "-0.10", help_text="It stops where the Buy Box share falls further behind the control."
    )
    seed = serializers.CharField(
        max_length=64, required=False, default="", allow_blank=True, help_text="Drawn unless told."
    )
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class PilotGuardrailsSerializer(serializers.Serializer[Any]):
    """What stops a pilot, and how long a stage lasts."""

    days_per_stage = serializers.IntegerField()
    least_skus = serializers.IntegerField()
    least_contribution_change = serializers.CharField()
    least_buy_box_change = serializers.CharField()


class PilotObservedSerializer(serializers.Serializer[Any]):
    """What the last look found: changes of the members against two weeks before, less the control's."""

    complete_days = serializers.IntegerField(help_text="Of the present stage.")
    contribution_change = serializers.CharField(allow_null=True)
    buy_box_change = serializers.CharField(allow_null=True)
    below_floor = serializers.ListField(child=serializers.CharField())
    stale = serializers.ListField(child=serializers.CharField(), help_text="Streams that stopped coming.")
    members = serializers.IntegerField()
    controls = serializers.IntegerField(help_text="0: nothing was taken off.")


class PricePilotSerializer(serializers.Serializer[Any]):
    """A pilot and where it stands."""

    id = serializers.IntegerField()
    store_id = serializers.IntegerField()
    rule_set = serializers.CharField()
    rule_set_version = serializers.IntegerField()
    state = EnumField(PilotState)
    version = serializers.IntegerField()
    stage = serializers.IntegerField(help_text="From 1.")
    stages = serializers.IntegerField()
    share = serializers.CharField(help_text="Of the listings that take part in the stage.")
    stage_on = serializers.DateField(help_text="The first shop day of the stage.")
    started_on = serializers.DateField()
    listings = serializers.IntegerField()
    members = serializers.ListField(child=serializers.CharField())
    seed = serializers.CharField()
    guardrails = PilotGuardrailsSerializer()
    reasons = PriceReasonSerializer(many=True)
    observed = PilotObservedSerializer(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    started_at = serializers.DateTimeField()
    started_by = serializers.CharField()
    checked_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    boundary = boundary_field()


class PilotQuery(PageQuery):
    """Which pilots to list."""

    store = id_field(required=False)
    state = EnumField(PilotState, required=False)


class PilotStopInput(serializers.Serializer[Any]):
    """Why it is stopped."""

    reason = serializers.CharField(max_length=300)
