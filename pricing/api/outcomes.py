"""What executed prices achieved, and what our prices were, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.money import MoneyField
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import page_of
from config.lib.money import Money
from connectors.selectors.stores import get_store
from pricing.api.boundary import boundary_field, bounded
from pricing.api.lock_forms import id_field
from pricing.engine.outcome import Doubt, Verdict
from pricing.selectors.approvals import get_stand
from pricing.selectors.history import observations_query
from pricing.selectors.outcomes import get_outcome, outcomes_query
from pricing.services.outcomes import MEASURING
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["pricing: outcomes"]
_VERDICTS = [MEASURING, *(verdict.value for verdict in Verdict)]
_MONEY = ("promised_gain", "delay_cost", "delay_actual")


class EstimateSerializer(serializers.Serializer[Any]):
    """The change of a metric that is due to the price, as a fraction (of a share: in points), with its 90 %
    interval; null without enough data, and `doubts` says what is missing."""

    delta = serializers.CharField(allow_null=True)
    low = serializers.CharField(allow_null=True)
    high = serializers.CharField(allow_null=True)
    controls = serializers.IntegerField()
    enough_data = serializers.BooleanField()
    doubts = serializers.ListField(child=serializers.ChoiceField(choices=[d.value for d in Doubt]))


class PriceOutcomeSerializer(serializers.Serializer[Any]):
    """An outcome window: what was frozen before, what was measured since. `delay_cost` is what waiting for
    the approval cost by the suggestion's own promise, `delay_actual` by the measured gain."""

    id = serializers.IntegerField()
    recommendation_id = serializers.IntegerField()
    store_id = serializers.IntegerField()
    sku = serializers.CharField()
    opened_at = serializers.DateTimeField()
    before_first = serializers.DateField()
    before_last = serializers.DateField()
    after_first = serializers.DateField()
    after_last = serializers.DateField()
    metrics = serializers.ListField(child=serializers.CharField())
    controls = serializers.ListField(child=serializers.CharField())
    hours_waited = serializers.CharField()
    promised_gain = MoneyField(allow_null=True, help_text="Per day.")
    delay_cost = MoneyField(allow_null=True)
    delay_actual = MoneyField(allow_null=True)
    verdict = serializers.ChoiceField(choices=_VERDICTS)
    doubts = serializers.ListField(child=serializers.ChoiceField(choices=[d.value for d in Doubt]))
    estimates = serializers.DictField(child=EstimateSerializer())
    measured_at = serializers.DateTimeField(allow_null=True)
    is_final = serializers.BooleanField()
    boundary = boundary_field()


class OutcomeQuery(PageQuery):
    """Which outcomes to list."""

    store = id_field(required=False)
    sku = serializers.CharField(required=False, max_length=100)
    verdict = serializers.ChoiceField(choices=_VERDICTS, required=False)


class PriceObservationSerializer(serializers.Serializer[Any]):
    """A price of ours that a sync saw; `is_change` False for a first sight and for an echo."""

    id = serializers.IntegerField()
    store_id = serializers.IntegerField()
    sku = serializers.CharField()
    kind = serializers.ChoiceField(choices=["listing", "offer"])
    price = MoneyField()
    before = MoneyField(allow_null=True)
    observed_at = serializers.DateTimeField()
    business_on = serializers.DateField()
    is_change = serializers.BooleanField()
    recommendation_id = serializers.IntegerField(allow_null=True)
    boundary = boundary_field()


class PriceHistoryQuery(PageQuery):
    """Of which listing, and whether changes only."""

    sku = serializers.CharField(required=False, max_length=100)
    changes = serializers.BooleanField(required=False, help_text="Only changes.")


class RecommendationOutcomeView(TenantView):
    """What one suggestion achieved."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    looks = "price_outcomes"

    @extend_schema(operation_id="get_recommendation_outcome", responses=PriceOutcomeSerializer, tags=TAGS)
    def get(self, request: Request, client: str, recommendation_id: int) -> Response:
        """Show the outcome of an executed suggestion; 404 before it is executed."""
        get_stand(recommendation_id)
        return self.ok(_outcome(get_outcome(recommendation_id)))


class PriceOutcomesView(TenantView):
    """What suggestions achieved."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": OutcomeQuery.of(PriceOutcomeSerializer)}
    looks = "price_outcomes"

    @extend_schema(operation_id="list_price_outcomes", responses=page_of(PriceOutcomeSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the outcome windows, the newest first."""
        asked = self.query
        rows = outcomes_query(store_id=asked.get("store"), sku=asked.get("sku"), verdict=asked.get("verdict"))
        return self.page(rows, shape=_outcome)


class PriceHistoryView(TenantView):
    """What our prices were."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {
        "GET": PriceHistoryQuery.of(PriceObservationSerializer)
    }
    looks = "price_history"

    @extend_schema(
        operation_id="list_price_history", responses=page_of(PriceObservationSerializer), tags=TAGS
    )
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """List the prices that syncs saw in a store, the newest first."""
        get_store(store_id)
        rows = observations_query(
            store_id, sku=self.query.get("sku"), is_change=True if self.query.get("changes") else None
        )
        return self.page(rows, shape=_observation)


def _outcome(row: Mapping[str, Any]) -> dict[str, Any]:
    currency = row["currency"]
    plain = {
        name: value for name, value in row.items() if not name.endswith("_amount") and name != "currency"
    }
    money = {name: _money(row[f"{name}_amount"], currency) for name in _MONEY}
    return bounded({**plain, "hours_waited": format(row["hours_waited"], "f"), **money})


def _observation(row: Mapping[str, Any]) -> dict[str, Any]:
    currency = row["currency"]
    plain = {name: value for name, value in row.items() if not name.endswith("amount") and name != "currency"}
    price, before = _money(row["amount"], currency), _money(row["previous_amount"], currency)
    return bounded({**plain, "price": price, "before": before})


def _money(amount: Any, currency: str) -> dict[str, str] | None:
    return None if amount is None else Money(amount, currency).to_json()
