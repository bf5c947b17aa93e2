"""The seller performance report."""

from __future__ import annotations

import json
from typing import Any

from connectors.simulator.http.messages import number
from connectors.simulator.http.reports.document import Ask, Document
from connectors.simulator.world.service import Health, Rate

_COUNTS = (
    "productSafetyCustomerComplaints",
    "receivedIntellectualPropertyComplaints",
    "foodAndProductSafetyIssues",
    "productAuthenticityCustomerComplaints",
    "documentRequests",
    "productConditionCustomerComplaints",
    "otherPolicyViolations",
    "restrictedProductPolicyViolations",
    "suspectedIntellectualPropertyViolations",
)


def build(ask: Ask) -> Document:
    """The account's standing as of yesterday."""
    day = ask.store.today(ask.at)
    health = ask.world.health(ask.store, day)
    marketplace = ask.store.market.marketplace_id
    body = {
        "accountStatuses": [{"marketplaceId": marketplace, "status": "NORMAL"}],
        "performanceMetrics": [_metrics(health, marketplace)],
    }
    keys = ((day.isoformat(), f"{health.odr_afn.rate}|{health.late_shipment.rate}"),)
    return Document(json.dumps(body).encode(), "application/json; charset=UTF-8", 1, keys)


def _common(rate: Rate) -> dict[str, Any]:
    return {
        "reportingDateRange": {
            "reportingDateFrom": f"{rate.start}T00:00Z",
            "reportingDateTo": f"{rate.end}T23:59Z",
        },
        "status": rate.status,
        "rate": number(rate.rate),
        "targetValue": number(rate.target),
        "targetCondition": "GREATER_THAN" if rate.higher_is_better else "LESS_THAN",
    }


def _count(count: int, status: str) -> dict[str, Any]:
    return {"count": count, "status": status}


def _defects(health: Health, kind: str) -> dict[str, Any]:
    rate = health.odr_afn if kind == "afn" else health.odr_mfn
    has_any = kind == "afn"
    return {
        **_common(rate),
        "orderCount": rate.total,
        "orderWithDefects": _count(rate.count, rate.status),
        "claims": _count(health.claims if has_any else 0, "NONE"),
        "chargebacks": _count(health.chargebacks if has_any else 0, "NONE"),
        "negativeFeedback": _count(health.negative if has_any else 0, "NONE"),
        "fulfillmentType": kind,
    }


def _violations(rate: Rate, count: int) -> dict[str, Any]:
    return {
        "reportingDateRange": _common(rate)["reportingDateRange"],
        "defectsCount": count,
        "status": "BAD" if count else "GOOD",
        "targetValue": 0,
        "targetCondition": "EQUALS",
    }


def _metrics(health: Health, marketplace: str) -> dict[str, Any]:
    late, cancel = health.late_shipment, health.cancellation
    tracking, on_time, invoice = health.valid_tracking, health.on_time_delivery, health.invoice_defect
    return {
        "marketplaceId": marketplace,
        "accountHealthRating": {
            "ahrStatus": "GREAT",
            "reportingDateRange": _common(health.odr_afn)["reportingDateRange"],
        },
        "orderDefectRate": {"mfn": _defects(health, "mfn"), "afn": _defects(health, "afn")},
        "lateShipmentRate": {**_common(late), "orderCount": late.total, "lateShipmentCount": late.count},
        "preFulfillmentCancellationRate": {
            **_common(cancel),
            "orderCount": cancel.total,
            "cancellationCount": cancel.count,
        },
        "validTrackingRate": {
            **_common(tracking),
            "shipmentCount": tracking.total,
            "validTrackingCount": tracking.count,
        },
        "onTimeDeliveryRate": {
            **_common(on_time),
            "shipmentCountWithValidTracking": on_time.total,
            "onTimeDeliveryCount": on_time.count,
        },
        "unitOnTimeDeliveryRate": {
            **_common(on_time),
            "unitOnTimeDeliveryCount": on_time.count,
            "totalUnitCount": on_time.total,
        },
        "invoiceDefectRate": {
            **_common(invoice),
            "orderCount": invoice.total,
            "invoiceDefect": _count(invoice.count, invoice.status),
            "missingInvoice": _count(0, "NONE"),
            "lateInvoice": _count(0, "NONE"),
        },
        "listingPolicyViolations": _violations(health.odr_afn, health.violations),
        **{name: _violations(health.odr_afn, 0) for name in _COUNTS},
        "warningStates": [],
    }
