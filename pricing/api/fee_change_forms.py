"""The form of what the endpoints of divergences, fee and rate changes and margins at risk take and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString, MoneyField
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField
from pricing.api.boundary import boundary_field
from pricing.api.fee_forms import StatedField, share_field, store_field
from pricing.types import Truth

CURRENCY = r"^[A-Z]{3}$"


def number_field(**kwargs: Any) -> DecimalString:
    """An exact number as text."""
    return DecimalString(max_decimals=30, max_whole=30, **kwargs)


def skus_field() -> serializers.ListField:
    """Which listings; all active ones when left out."""
    return serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, max_length=1000, allow_empty=False
    )


def currency_field(**kwargs: Any) -> serializers.RegexField:
    """An ISO 4217 code."""
    return serializers.RegexField(CURRENCY, **kwargs)


class DivergencesQuery(QuerySerializer):
    """Of which store, and until when."""

    store = store_field()
    on = DayField(required=False, help_text="The last of the 30 shop days, today unless told.")
    sort = serializers.ChoiceField(
        choices=["exposure", "margin"], required=False, help_text="By money a month, or by margin moved."
    )
    limit = serializers.IntegerField(required=False, min_value=1, max_value=1000)


class DivergenceSerializer(serializers.Serializer[Any]):
    """Two sources that do not agree on a line of a SKU; amounts per unit as quoted."""

    sku = serializers.CharField()
    line = serializers.CharField()
    stronger = EnumField(Truth)
    weaker = EnumField(Truth)
    amount = MoneyField()
    expected = MoneyField()
    price = MoneyField()
    units = serializers.IntegerField()
    difference = MoneyField()
    points = number_field(help_text="The difference as a share of the price.")
    relative = number_field(allow_null=True)
    exposure = MoneyField(help_text="Per month; positive: it costs more than the weaker source says.")
    margin_move = number_field(help_text="What the margin moves by; negative: it falls.")


class DivergenceListSerializer(serializers.Serializer[Any]):
    """The divergences of a store; `total` counts all of them, `exposure` sums what was really charged."""

    store_id = serializers.IntegerField()
    on = serializers.DateField()
    total = serializers.IntegerField()
    exposure = MoneyField()
    data = DivergenceSerializer(many=True)  # type: ignore[assignment]
    boundary = boundary_field()


class SupposedSerializer(serializers.Serializer[Any]):
    """A value to be tried in place of a parameter's."""

    key = serializers.CharField(max_length=120)
    value = StatedField()


class FeeChangeInput(serializers.Serializer[Any]):
    """Which change to look at: what the tables say on a day, or what was charged."""

    store_id = store_field()
    cause = serializers.ChoiceField(choices=["parameter", "divergence"], required=False, default="parameter")
    effective_on = DayField(required=False, help_text="For tables: the day to look at, today unless told.")
    skus = skus_field()


class FeeChangePreviewInput(FeeChangeInput):
    """The same, with values to be tried."""

    supposed = serializers.ListField(child=SupposedSerializer(), required=False, max_length=50)


class ChangedValueSerializer(serializers.Serializer[Any]):
    """A parameter that changes."""

    key = serializers.CharField()
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)


class PricedSerializer(serializers.Serializer[Any]):
    """What a unit leaves at a price."""

    price = MoneyField()
    contribution = MoneyField()
    margin = number_field(allow_null=True)


class FeeChangeSerializer(serializers.Serializer[Any]):
    """A listing whose fees change, and the price that keeps its margin."""

    sku = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    cause = serializers.CharField()
    before = PricedSerializer()
    after = PricedSerializer()
    keeping = PricedSerializer(allow_null=True)
    exposure = MoneyField(allow_null=True, help_text="Per month at the present price; negative: lost.")
    values = ChangedValueSerializer(many=True)
    divergences = DivergenceSerializer(many=True)
    held_back = serializers.ListField(child=serializers.CharField())


class UnknownAfterSerializer(serializers.Serializer[Any]):
    """A listing with lines whose value afterwards nobody knows."""

    sku = serializers.CharField()
    missing = serializers.ListField(child=serializers.CharField())


class FeeChangesSerializer(serializers.Serializer[Any]):
    """What a change of fees does to a store."""

    store_id = serializers.IntegerField()
    effective_on = serializers.DateField()
    exposure = MoneyField()
    data = FeeChangeSerializer(many=True)  # type: ignore[assignment]
    unknown = UnknownAfterSerializer(many=True)
    boundary = boundary_field()


class FXChangeInput(serializers.Serializer[Any]):
    """Which currency; `move` is a supposed move from now on (0.05: 5 % dearer)."""

    store_id = store_field()
    currency = currency_field()
    move = DecimalString(
        required=False, max_decimals=6, max_whole=1, minimum=Decimal("-0.9"), maximum=Decimal(5)
    )
    skus = skus_field()


class FXProposeInput(serializers.Serializer[Any]):
    """Which currency; only what really happened is proposed."""

    store_id = store_field()
    currency = currency_field()
    skus = skus_field()


class FXChangeSerializer(serializers.Serializer[Any]):
    """A listing with costs in the currency."""

    sku = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    since = serializers.DateField(allow_null=True)
    move = number_field()
    level = serializers.ChoiceField(choices=["quiet", "note", "suggest", "urgent"])
    cost_share = number_field()
    trigger = number_field(allow_null=True)
    before = PricedSerializer()
    after = PricedSerializer()
    keeping = PricedSerializer(allow_null=True)
    balanced = PricedSerializer(allow_null=True)
    is_due = serializers.BooleanField()
    held_back = serializers.ListField(child=serializers.CharField())


class HedgeSerializer(serializers.Serializer[Any]):
    """The store's position in the currency."""

    exposure = MoneyField(help_text="A quarter's costs in the currency, in the store's money.")
    value_at_risk = MoneyField(help_text="At the 95 % level over 90 days.")
    is_due = serializers.BooleanField()
    cover = MoneyField()


class FXChangesSerializer(serializers.Serializer[Any]):
    """What a currency does to a store."""

    store_id = serializers.IntegerField()
    currency = serializers.CharField()
    on = serializers.DateField()
    rate = number_field()
    rate_on = serializers.DateField()
    hedge = HedgeSerializer(allow_null=True)
    data = FXChangeSerializer(many=True)  # type: ignore[assignment]
    boundary = boundary_field()


class ProposedSerializer(serializers.Serializer[Any]):
    """A suggestion that was opened or confirmed."""

    recommendation_id = serializers.IntegerField()
    sku = serializers.CharField()
    is_new = serializers.BooleanField()
    headline = serializers.CharField()
    superseded_id = serializers.IntegerField(allow_null=True)


class HeldBackSerializer(serializers.Serializer[Any]):
    """A listing without a suggestion, and why."""

    sku = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())


class ProposedSetSerializer(serializers.Serializer[Any]):
    """What a set of proposals led to."""

    proposed = ProposedSerializer(many=True)
    held_back = HeldBackSerializer(many=True)
    boundary = boundary_field()


class MarginAtRiskQuery(QuerySerializer):
    """Of which store, in which cost currency, over how long."""

    store = store_field()
    currency = currency_field(required=False, help_text="CNY unless told.")
    days = serializers.IntegerField(required=False, min_value=1, max_value=365)
    seed = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    hedge_cost = share_field(required=False, help_text="What covering one unit of exposure costs.")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=1000)


class MitigationSerializer(serializers.Serializer[Any]):
    """A way to lift the margin at risk to its floor; see the guide to pricing."""

    way = serializers.ChoiceField(choices=["price", "hedge", "route"])
    size = MoneyField()
    monthly_cost = MoneyField(allow_null=True)
    is_enough = serializers.BooleanField()


class AtRiskSerializer(serializers.Serializer[Any]):
    """A listing's margin now and at the fifth percentile."""

    sku = serializers.CharField()
    margin = number_field()
    p5_margin = number_field()
    monthly_loss = MoneyField()
    driver = serializers.ChoiceField(choices=["fx", "duty", "fees", "returns"])
    mitigations = MitigationSerializer(many=True)
    cheapest = serializers.CharField(allow_null=True)


class MarginAtRiskSerializer(serializers.Serializer[Any]):
    """The margins at risk of a store; a simulation, the same seed gives the same answer."""

    store_id = serializers.IntegerField()
    on = serializers.DateField()
    currency = serializers.CharField()
    days = serializers.IntegerField()
    seed = serializers.IntegerField()
    margin = number_field(allow_null=True)
    p5_margin = number_field(allow_null=True)
    left_out = serializers.IntegerField()
    total = serializers.IntegerField()
    data = AtRiskSerializer(many=True)  # type: ignore[assignment]
    boundary = boundary_field()
