"""Every detector; a new one is a file here and a line below."""

from __future__ import annotations

from typing import Any

from alerts.detectors.base import Detector
from config.lib.registry import Registry

DETECTORS: Registry[Detector[Any, Any]] = Registry(
    "detector",
    Detector,  # type: ignore[type-abstract]
    {
        "kpi_threshold": "alerts.detectors.kpi_threshold.DETECTOR",
        "kpi_change": "alerts.detectors.kpi_change.DETECTOR",
        "anomaly": "alerts.detectors.anomaly.DETECTOR",
        "stock_out_forecast": "alerts.detectors.stock_out_forecast.DETECTOR",
        "over_stock": "alerts.detectors.over_stock.DETECTOR",
        "stock_zero": "alerts.detectors.stock_zero.DETECTOR",
        "price_drop": "alerts.detectors.price_drop.DETECTOR",
        "price_deviation": "alerts.detectors.price_deviation.DETECTOR",
        "below_floor": "alerts.detectors.below_floor.DETECTOR",
        "promotion_not_restored": "alerts.detectors.promotion_not_restored.DETECTOR",
        "abnormal_clicks": "alerts.detectors.abnormal_clicks.DETECTOR",
        "fx_move": "alerts.detectors.fx_move.DETECTOR",
        "hedge_expiry": "alerts.detectors.hedge_expiry.DETECTOR",
        "stale_data": "alerts.detectors.stale_data.DETECTOR",
        "credential_expiry": "alerts.detectors.credential_expiry.DETECTOR",
        "fee_change": "alerts.detectors.fee_change.DETECTOR",
        "policy_change": "alerts.detectors.policy_change.DETECTOR",
        "bad_reviews": "alerts.detectors.bad_reviews.DETECTOR",
        "logistics_chain": "alerts.detectors.logistics_chain.DETECTOR",
        "account_performance": "alerts.detectors.account_performance.DETECTOR",
    },
)
