"""The form of what the endpoints of backtests take and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString, MoneyField
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField
from pricing.api.boundary import boundary_field
from pricing.api.lock_forms import id_field
from pricing.selectors.backtests import BacktestState, ElasticitySource
from pricing.services.backtests import BEST_SELLERS, MOST_DAYS, MOST_SKUS
from pricing.types import Outcome
from tenants.serializers import JobSerializer

_LARGEST_VERSION = 2**31 - 1


class BacktestInput(serializers.Serializer[Any]):
    """A rule set, saved or not, and whose last days it is replayed over."""

    store_id = id_field()
    document = serializers.JSONField(required=False, help_text="As GET rule-schema describes it.")
    rule_set = serializers.SlugField(
        max_length=60, required=False, help_text="The key of a saved one, instead of a document."
    )
    version = serializers.IntegerField(
        min_value=1, max_value=_LARGEST_VERSION, required=False, help_text="The latest when left out."
    )
    skus = serializers.ListField(
        child=serializers.CharField(max_length=100),
        required=False,
        default=list,
        max_length=MOST_SKUS,
        help_text=f"None: the store's {BEST_SELLERS} best sellers of these days.",
    )
    days = serializers.IntegerField(
        min_value=1, max_value=MOST_DAYS, required=False, default=MOST_DAYS, help_text="Up to yesterday."
    )
    elasticity = DecimalString(
        max_decimals=4,
        minimum=Decimal(-20),
        maximum=Decimal(0),
        required=False,
        allow_null=True,
        default=None,
        help_text="Of units to price; each listing's own (measured, else stated) unless told.",
    )


class ReplayedDaySerializer(serializers.Serializer[Any]):
    """A day as it was and as it would have been."""

    on = serializers.DateField()
    actual_price = MoneyField()
    price = MoneyField()
    units = serializers.CharField()
    contribution = serializers.CharField()
    actual_contribution = serializers.CharField()
    outcome = EnumField(Outcome, help_text="What the rule set said at the day's end.")
    reason = serializers.CharField(allow_blank=True)


class BacktestSummarySerializer(serializers.Serializer[Any]):
    """A replay in figures."""

    currency = serializers.CharField()
    days = serializers.IntegerField()
    unpriced_days = serializers.IntegerField(help_text="Left out: nobody knows the price.")
    price_sources = serializers.DictField(
        child=serializers.IntegerField(), help_text="Days by where the price came from."
    )
    changes = serializers.IntegerField()
    lowest = serializers.CharField(allow_null=True)
    highest = serializers.CharField(allow_null=True)
    contribution = serializers.CharField(help_text="Of all days, with today's costs.")
    actual_contribution = serializers.CharField(help_text="The same at the prices that stood.")
    clamps = serializers.DictField(child=serializers.IntegerField())
    silent = serializers.DictField(child=serializers.IntegerField())
    elasticity = serializers.CharField(allow_null=True)
    elasticity_source = EnumField(
        ElasticitySource,
        help_text="none: units stay as they were, and only prices and reasons tell.",
    )


class BacktestItemSerializer(serializers.Serializer[Any]):
    """The replay of one listing, or why there is none."""

    sku = serializers.CharField()
    problem = serializers.CharField(allow_null=True)
    summary = BacktestSummarySerializer(allow_null=True)
    days = ReplayedDaySerializer(many=True, allow_null=True)


class BacktestHeadSerializer(serializers.Serializer[Any]):
    """A backtest and how far it is."""

    id = serializers.IntegerField()
    store_id = serializers.IntegerField()
    rule_set = serializers.CharField(allow_null=True)
    rule_set_version = serializers.IntegerField(allow_null=True)
    skus = serializers.ListField(child=serializers.CharField())
    days = serializers.IntegerField()
    last_on = serializers.DateField()
    elasticity = serializers.CharField(allow_null=True)
    state = EnumField(BacktestState)
    job_id = serializers.IntegerField(allow_null=True)
    requested_at = serializers.DateTimeField()
    requested_by = serializers.CharField()
    finished_at = serializers.DateTimeField(allow_null=True)
    boundary = boundary_field()


class PriceBacktestSerializer(BacktestHeadSerializer):
    """A backtest with what it found."""

    costs = serializers.ChoiceField(
        choices=["today"], help_text="Costs, fees and floors are today's, not those of the days."
    )
    items = BacktestItemSerializer(many=True)


class BacktestAcceptedSerializer(serializers.Serializer[Any]):
    """The backtest that was asked for, and the job that does it."""

    boundary = boundary_field()
    backtest = BacktestHeadSerializer()
    job = JobSerializer()


class BacktestQuery(PageQuery):
    """Which backtests to list."""

    store = id_field(required=False)
    rule_set = serializers.SlugField(max_length=60, required=False)


class BacktestDetailQuery(QuerySerializer):
    """How much of a backtest to show."""

    days = serializers.BooleanField(
        required=False, default=False, help_text="True: every day of every listing, too."
    )
