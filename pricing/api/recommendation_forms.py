"""The form of suggestions, and how lists of them are asked for."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString, MoneyField
from config.lib.api.query import PageQuery, QuerySerializer, SortField
from config.lib.api.schema import EnumField
from pricing.api.boundary import boundary_field
from pricing.types import ProposalKind, RecommendationState, Tier

LARGEST = 2**63 - 1


def id_field(**kwargs: Any) -> serializers.IntegerField:
    """An id."""
    return serializers.IntegerField(min_value=1, max_value=LARGEST, **kwargs)


class PriceReasonSerializer(serializers.Serializer[Any]):
    """Why: a stable code, an English sentence, and the figures in it."""

    code = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    values = serializers.DictField(child=serializers.CharField(allow_blank=True))


class SuggestionCheckSerializer(serializers.Serializer[Any]):
    """What a law or a platform's policy says to the price."""

    code = serializers.CharField()
    blocks = serializers.BooleanField()
    text = serializers.CharField()
    reference = serializers.CharField(allow_blank=True)
    values = serializers.DictField(child=serializers.CharField(allow_blank=True))


class PriceRecommendationSerializer(serializers.Serializer[Any]):
    """A suggested price in short. Amounts are in the store's currency, margins fractions of net revenue."""

    id = serializers.IntegerField()
    boundary = boundary_field()
    store_id = serializers.IntegerField()
    sku = serializers.CharField()
    product_id = serializers.CharField(allow_blank=True)
    market = serializers.CharField()
    currency = serializers.CharField()
    tier = serializers.CharField(allow_blank=True)
    kind = EnumField(ProposalKind)
    state = EnumField(RecommendationState)
    version = serializers.IntegerField()
    headline = serializers.CharField(allow_blank=True, help_text="All of it in one sentence.")
    current = MoneyField(allow_null=True, help_text="The price when it was suggested.")
    suggested = MoneyField()
    floor = MoneyField(help_text="The lowest price that keeps the margin of the floor.")
    expected_contribution = MoneyField(help_text="What a unit leaves at the suggested price.")
    expected_margin = DecimalString(max_decimals=6)
    gain_per_day = MoneyField(allow_null=True, help_text="Expected contribution more per day.")
    confidence = DecimalString(max_decimals=3, help_text="0 to 1.")
    level_needed = serializers.CharField(allow_blank=True, help_text="Whose signature it needs first.")
    due_at = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    run_id = serializers.IntegerField(allow_null=True)


class PriceTraceStepSerializer(serializers.Serializer[Any]):
    """One step on the way to the price: rule, limit, ending, bounds, floor, gate or check."""

    stage = serializers.CharField()
    name = serializers.CharField()
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)
    reason = PriceReasonSerializer()


class PriceReproductionSerializer(serializers.Serializer[Any]):
    """Whether computing it anew from the stored inputs comes to the same; `null`: it is not made by rules."""

    is_intact = serializers.BooleanField(help_text="The stored inputs have the stored digest.")
    price = serializers.CharField(allow_null=True, help_text="What the rules say to the stored inputs now.")
    is_same = serializers.BooleanField(allow_null=True)


class PriceRecommendationLinksSerializer(serializers.Serializer[Any]):
    """Where to read on."""

    decisions = serializers.CharField(help_text="Who decided what on it.")
    outcome = serializers.CharField(help_text="What came of it.")
    run = serializers.CharField(allow_null=True)
    superseded_by = serializers.CharField(allow_null=True)


class PriceRecommendationDetailSerializer(PriceRecommendationSerializer):
    """A suggested price with why, and with `explain=true` everything it was computed from."""

    rule_set_id = serializers.IntegerField(allow_null=True)
    rule_set_version = serializers.IntegerField(allow_null=True)
    source_id = serializers.IntegerField(allow_null=True, help_text="The promotion, test or pilot behind it.")
    target = MoneyField(allow_null=True, help_text="The lowest price that keeps the target margin.")
    current_contribution = MoneyField(allow_null=True)
    current_margin = DecimalString(max_decimals=6, allow_null=True)
    confidence_why = PriceReasonSerializer(many=True)
    reasons = PriceReasonSerializer(many=True)
    checks = SuggestionCheckSerializer(many=True)
    inputs_sha256 = serializers.CharField(help_text="Digest of the inputs: the same digest, the same price.")
    confirmed_at = serializers.DateTimeField(
        allow_null=True, help_text="When a run last came to the same suggestion."
    )
    approved_at = serializers.DateTimeField(allow_null=True)
    approved = MoneyField(allow_null=True)
    decided_by = serializers.CharField(allow_blank=True)
    decision_reason = serializers.CharField(allow_blank=True)
    observed_at = serializers.DateTimeField(allow_null=True)
    observed = MoneyField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    superseded_by_id = serializers.IntegerField(allow_null=True)
    available_transitions = serializers.ListField(
        child=EnumField(RecommendationState), help_text="Where it can go from here."
    )
    links = PriceRecommendationLinksSerializer()
    trace = PriceTraceStepSerializer(many=True, required=False, help_text="Only with explain=true.")
    inputs = serializers.JSONField(required=False, help_text="The whole snapshot; only with explain=true.")
    reproduction = PriceReproductionSerializer(required=False, allow_null=True)


_COLUMNS = {"id": "id", "gain": "gain_order", "expires_at": "expires_at", "opened_at": "opened_at"}


class RecommendationQuery(PageQuery):
    """Which suggestions to list; those that are live unless told."""

    state = serializers.MultipleChoiceField(
        choices=[state.value for state in RecommendationState],
        required=False,
        help_text="One or more, separated by commas; without it the live ones: open, escalated, approved.",
    )
    store = id_field(required=False)
    sku = serializers.CharField(required=False, max_length=100)
    kind = EnumField(ProposalKind, required=False)
    tier = EnumField(Tier, required=False)
    level = serializers.CharField(required=False, max_length=24)
    run = id_field(required=False)
    rule_set = id_field(required=False)
    min_gain = DecimalString(
        required=False, help_text="The least expected gain per day, in the store's currency."
    )
    sort = SortField(_COLUMNS)


class DetailQuery(QuerySerializer):
    """How much to tell."""

    explain = serializers.BooleanField(
        required=False, default=False, help_text="Also the trace, the inputs, and whether they reproduce it."
    )
