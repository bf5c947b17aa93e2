"""Suggested prices, for lists and for one with everything that led to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce

from config.lib.errors import NotFound
from config.lib.money import Money
from pricing.engine.lifecycle import TABLE
from pricing.models import Recommendation
from pricing.types import RecommendationState

Row = dict[str, Any]

SHORT = (
    "id", "store_id", "sku", "product_id", "market", "currency", "tier", "kind", "state", "version",
    "headline", "current_amount", "suggested_amount", "floor_amount", "expected_contribution_amount",
    "expected_margin", "gain_per_day_amount", "confidence", "level_needed", "due_at",
    "opened_at", "expires_at", "run_id",
)  # fmt: skip
WHOLE = (
    *SHORT,
    *("rule_set_id", "rule_set_version", "source_id", "target_amount", "current_contribution_amount"),
    *("current_margin", "confidence_why", "reasons", "checks", "inputs_sha256", "confirmed_at"),
    *("approved_at", "approved_amount", "decided_by", "decision_reason", "observed_at", "observed_amount"),
    *("closed_at", "superseded_by_id"),
)
AMOUNTS = (
    *("current", "suggested", "floor", "target", "current_contribution", "expected_contribution"),
    *("gain_per_day", "approved", "observed"),
)
# Behind every known gain when the largest come first.
_NO_GAIN = Decimal("-9999999999999")


def recommendations_query(
    *,
    states: Collection[RecommendationState] = (),
    store_id: int | None = None,
    sku: str | None = None,
    kind: str | None = None,
    tier: str | None = None,
    level: str | None = None,
    run_id: int | None = None,
    rule_set_id: int | None = None,
    least_gain: Decimal | None = None,
) -> QuerySet[Any, Any]:
    """Suggestions, for paging; show each by `shown`. `gain_order` sorts by gain, unknown ones last."""
    asked = {
        "store_id": store_id,
        "sku": sku,
        "kind": kind,
        "tier": tier,
        "level_needed": level,
        "run_id": run_id,
        "rule_set_id": rule_set_id,
        "gain_per_day_amount__gte": least_gain,
    }
    rows = Recommendation.objects.filter(
        **{name: value for name, value in asked.items() if value is not None}
    )
    if states:
        rows = rows.filter(state__in=[state.value for state in states])
    gain = Coalesce(F("gain_per_day_amount"), Value(_NO_GAIN), output_field=_gain_field())
    found: QuerySet[Any, Any] = rows.annotate(gain_order=gain).values(*SHORT, "gain_order")
    return found


def get_recommendation(recommendation_id: int, *, with_trace: bool = False) -> Row:
    """Return one suggestion; `with_trace` also its trace and the whole snapshot of its inputs. `NotFound`."""
    columns = (*WHOLE, "trace", "inputs") if with_trace else WHOLE
    row = Recommendation.objects.filter(pk=recommendation_id).values(*columns).first()
    if row is None:
        raise NotFound(f"There is no recommendation {recommendation_id}.")
    return {**shown(row), "available_transitions": transitions_from(row["state"])}


def transitions_from(state: str) -> list[str]:
    """Return the states that a suggestion in this state can go to."""
    present = RecommendationState(state)
    return sorted(move.to.value for (before, _), move in TABLE.items() if before is present)


def shown(row: Mapping[str, Any]) -> Row:
    """A row with its amounts as money."""
    found = {name: value for name, value in row.items() if name != "gain_order"}
    for name in AMOUNTS:
        column = f"{name}_amount"
        if column in found:
            amount = found.pop(column)
            found[name] = None if amount is None else Money(amount, row["currency"])
    return found


def _gain_field() -> Any:
    return Recommendation._meta.get_field("gain_per_day_amount").clone()
