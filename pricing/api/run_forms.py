"""The form of pricing runs, and how they are asked for."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.lib.api.money import MoneyField
from config.lib.api.query import PageQuery
from config.lib.api.schema import EnumField
from pricing.api.boundary import boundary_field
from pricing.api.recommendation_forms import PriceReasonSerializer, id_field
from pricing.selectors.runs import PricingRunState
from pricing.types import Outcome, Trigger
from tenants.serializers import JobSerializer

_MOST = 2000
OUTCOMES = (*(outcome.value for outcome in Outcome), "failed")


class PricingRunInput(serializers.Serializer[Any]):
    """Which listings to look at: those of a store, or some of them."""

    store_id = id_field()
    skus = serializers.ListField(
        child=serializers.CharField(max_length=100),
        required=False,
        default=list,
        max_length=_MOST,
        help_text="None: every active listing of the store.",
    )


class PricingRunSerializer(serializers.Serializer[Any]):
    """A run: how far it is, and how many listings came out how."""

    id = serializers.IntegerField()
    boundary = boundary_field()
    store_id = serializers.IntegerField()
    trigger = EnumField(Trigger)
    state = EnumField(PricingRunState)
    skus = serializers.ListField(child=serializers.CharField(), help_text="None: every listing.")
    job_id = serializers.IntegerField(allow_null=True)
    requested_at = serializers.DateTimeField()
    requested_by = serializers.CharField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    total = serializers.IntegerField(allow_null=True, help_text="Listings to look at, once it has begun.")
    done = serializers.IntegerField()
    suggested = serializers.IntegerField()
    held = serializers.IntegerField(help_text="Nothing calls for another price, or it has to wait.")
    blocked = serializers.IntegerField(help_text="Inputs are missing or stale, or pricing is halted.")
    refused = serializers.IntegerField(help_text="A law or a platform's policy speaks against the price.")
    failed = serializers.IntegerField(help_text="The listing could not be judged; its reason tells why.")
    opened = serializers.IntegerField(help_text="Suggestions that are new.")
    confirmed = serializers.IntegerField(help_text="Suggestions that stood already.")


class PricingRunAcceptedSerializer(serializers.Serializer[Any]):
    """The run that was asked for, and the job that does it."""

    boundary = boundary_field()
    run = PricingRunSerializer()
    job = JobSerializer()


class PricingRunItemForm(serializers.Serializer[Any]):
    """What a run said of one listing."""

    id = serializers.IntegerField()
    boundary = boundary_field()
    sku = serializers.CharField()
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    headline = serializers.CharField()
    reasons = PriceReasonSerializer(many=True)
    current = MoneyField(allow_null=True)
    suggested = MoneyField(allow_null=True)
    recommendation_id = serializers.IntegerField(allow_null=True)


class RunQuery(PageQuery):
    """Which runs to list."""

    store = id_field(required=False)
    trigger = EnumField(Trigger, required=False)


class RunItemQuery(PageQuery):
    """Which listings of a run to list."""

    outcome = serializers.ChoiceField(choices=OUTCOMES, required=False)
    reason = serializers.CharField(
        required=False, max_length=64, help_text="The code of a reason, for instance data_fresh."
    )
    sku = serializers.CharField(required=False, max_length=100)
