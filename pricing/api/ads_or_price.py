"""Advertising or price over HTTP: what a lower bid and a higher price are expected to leave."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.money import DecimalString, MoneyField
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.money import Money
from pricing.api.boundary import boundary_field, bounded
from pricing.api.recommendation_forms import PriceReasonSerializer
from pricing.engine.ads_or_price import BID_ELASTICITY, Choice, Comparison, Way, compare
from pricing.selectors.context import get_context
from tenants.http import TenantView
from tenants.permissions import Capability

_MONEY = Decimal("0.0001")
_SHARE = Decimal("0.000001")


class AdsOrPriceQuery(QuerySerializer):
    """What to assume."""

    bid_elasticity = DecimalString(
        required=False,
        minimum=Decimal("0.1"),
        maximum=Decimal(3),
        help_text=f"How clicks answer to the bid: (bid / bid₀)^this. {BID_ELASTICITY} unless told.",
    )


class AdsOrPriceChoiceSerializer(serializers.Serializer[Any]):
    """One way, and what it is expected to leave per day."""

    way = EnumField(Way)
    price = MoneyField()
    cost_per_click = MoneyField()
    units_per_day = DecimalString(max_decimals=6)
    contribution_per_day = MoneyField()
    acos = DecimalString(max_decimals=6, allow_null=True)


class AdsOrPriceSerializer(serializers.Serializer[Any]):
    """The ways beside each other. ACoS are fractions of the net revenue of advertised sales."""

    boundary = boundary_field()
    store_id = serializers.IntegerField()
    sku = serializers.CharField()
    acos = DecimalString(max_decimals=6, allow_null=True)
    break_even_acos = DecimalString(max_decimals=6, allow_null=True)
    target_acos = DecimalString(max_decimals=6, allow_null=True)
    highest_bid = MoneyField(allow_null=True, help_text="The cost per click that keeps the target margin.")
    is_too_dear = serializers.BooleanField(allow_null=True, help_text="Is the ACoS above break-even?")
    best = EnumField(Way, allow_null=True, help_text="null: they cannot be compared; the reasons say why.")
    choices = AdsOrPriceChoiceSerializer(many=True)
    probe = MoneyField(allow_null=True, help_text="A price 5 % higher.")
    units_may_fall = DecimalString(
        max_decimals=6,
        allow_null=True,
        help_text="Share of units that may be lost at `probe` before it is worse than now.",
    )
    reasons = PriceReasonSerializer(many=True)


class AdsOrPriceView(TenantView):
    """A listing whose advertising may cost too much."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": AdsOrPriceQuery}

    @extend_schema(
        operation_id="compare_ads_or_price", responses=AdsOrPriceSerializer, tags=["pricing: advertising"]
    )
    def get(self, request: Request, client: str, store_id: int, sku: str) -> Response:
        """Compare lowering the bid with raising the price, by the contribution each is expected to leave."""
        context = get_context(store_id, sku)
        found = compare(context, bid_elasticity=self.query.get("bid_elasticity") or BID_ELASTICITY)
        return self.ok(bounded({"store_id": store_id, "sku": sku, **_shown(found, context.currency)}))


def _shown(found: Comparison, currency: str) -> dict[str, Any]:
    return {
        "acos": _share(found.acos),
        "break_even_acos": _share(found.break_even_acos),
        "target_acos": _share(found.target_acos),
        "highest_bid": _money(found.highest_bid, currency),
        "is_too_dear": found.is_too_dear,
        "best": found.best,
        "choices": [_choice(each, currency) for each in found.choices],
        "probe": _money(found.probe, currency),
        "units_may_fall": _share(found.units_may_fall),
        "reasons": list(found.reasons),
    }


def _choice(found: Choice, currency: str) -> dict[str, Any]:
    return {
        "way": found.way,
        "price": _money(found.price, currency),
        "cost_per_click": _money(found.cost_per_click, currency),
        "units_per_day": _share(found.units_per_day),
        "contribution_per_day": _money(found.contribution_per_day, currency),
        "acos": _share(found.acos),
    }


def _money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount.quantize(_MONEY, ROUND_HALF_UP), currency)


def _share(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_SHARE, ROUND_HALF_UP)
