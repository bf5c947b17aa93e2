"""What the account-health report says: every figure by which Amazon judges the seller, as delivered.

Amazon's own example contradicts itself (a rate of 0.005 beside 551 of 17,197), so rates, counts and verdicts
are all kept and none is computed from another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connectors.engine.protocol import StreamContext
from connectors.platforms.common.numbers import json_count, json_decimal
from connectors.types import PerformanceRecord

REPORT = "GET_V2_SELLER_PERFORMANCE_REPORT"
# Amazon's schema and its own example differ in some names; both are read.
_NAMES = {
    "orderDefectRate": "odr",
    "lateShipmentRate": "late_shipment_rate",
    "prefulfillmentCancelRate": "cancellation_rate",
    "preFulfillmentCancellationRate": "cancellation_rate",
    "warningStates": "warning_state",
    "documentRequests": "document_request",
}
# Which member counts the faults and which the base, in the order they are looked for.
_NUMERATORS = (
    "orderWithDefects", "invoiceDefect", "lateShipmentCount", "cancellationCount", "onTimeDeliveryCount",
    "unitOnTimeDeliveryCount", "validTrackingCount", "defectsCount",
)  # fmt: skip
_DENOMINATORS = ("orderCount", "shipmentCountWithValidTracking", "totalUnitCount", "shipmentCount")


def metrics_of(
    report: Mapping[str, Any], context: StreamContext, reported_on: date, spoken_at: datetime
) -> Iterator[PerformanceRecord | tuple[str, str, dict[str, Any]]]:
    """Yield the figures of the store's marketplace; a block that cannot be read as (pointer, reason, raw)."""
    place = context.store.marketplace_id
    for account in report.get("accountStatuses") or []:
        if account.get("marketplaceId") == place:
            status = str(account.get("status") or "")
            yield _verdict("account_status", "", status, reported_on, spoken_at)
    for number, metrics in enumerate(report.get("performanceMetrics") or []):
        if metrics.get("marketplaceId") not in (place, None):
            continue
        for name, block in metrics.items():
            pointer = f"/performanceMetrics/{number}/{name}"
            try:
                yield from _blocks(name, block, reported_on, spoken_at)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                yield pointer, str(error), block if isinstance(block, dict) else {}


def _blocks(name: str, block: Any, reported_on: date, spoken_at: datetime) -> Iterator[PerformanceRecord]:
    metric = _NAMES.get(name) or _snake(name)
    if isinstance(block, list):
        for warning in block:
            scope = str(warning.get("warningType") or "")[:24]
            yield _verdict(metric, scope, str(warning.get("status") or ""), reported_on, spoken_at)
    elif isinstance(block, dict) and "reportingDateRange" in block:
        yield _figure(metric, "", block, reported_on, spoken_at)
    elif isinstance(block, dict):
        for scope, inner in block.items():
            yield _figure(metric, scope, inner, reported_on, spoken_at)


def _figure(
    metric: str, scope: str, block: Mapping[str, Any], reported_on: date, spoken_at: datetime
) -> PerformanceRecord:
    window = block["reportingDateRange"]
    return PerformanceRecord(
        metric=metric,
        scope=scope,
        reported_on=reported_on,
        window_start_on=date.fromisoformat(window["reportingDateFrom"][:10]),
        window_end_on=date.fromisoformat(window["reportingDateTo"][:10]),
        rate=_optional(block.get("rate")),
        target=_optional(block.get("targetValue")),
        target_condition=str(block.get("targetCondition") or ""),
        numerator=_count(block, _NUMERATORS),
        denominator=_count(block, _DENOMINATORS),
        status=str(block.get("status") or block.get("ahrStatus") or ""),
        source_updated_at=spoken_at,
    )


def _verdict(
    metric: str, scope: str, status: str, reported_on: date, spoken_at: datetime
) -> PerformanceRecord:
    return PerformanceRecord(
        metric, scope, reported_on, reported_on, reported_on, None, None, "", None, None, status, spoken_at
    )


def _optional(value: Any) -> Decimal | None:
    return None if value is None else json_decimal(value)


def _count(block: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        value = block.get(name)
        if value is not None:
            return json_count(value.get("count") if isinstance(value, dict) else value)
    return None


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
