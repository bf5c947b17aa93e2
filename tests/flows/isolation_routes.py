"""What the isolation proof sends along: bodies, rows to name, and values for what a question lacks."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db.models import Model

from tests.support.any_row import AT

# What an otherwise right request carries, so that it is the object, not the form, that is refused.
BODIES: dict[str, dict[str, Any]] = {
    "credential": {"credential": {"client_id": "a", "client_secret": "b", "refresh_token": "c"}},
    "stores": {"marketplace_id": "A2EUQ1WTGCTBG2"},
    "syncs": {"stream": "orders"},
    "baselines": {"value": "1", "source": "x"},
    "acceptance": {"reason": "x"},
    "rejection": {"reason": "x"},
    "validate": {
        "effective_on": "2026-08-03",
        "lines": [{"kpi": "gross_margin_pct", "role": "core", "weight": "100", "target": "0.2"}],
    },
    "hand-offs": {"department": "warehouse"},
    "appeal": {"reason": "x"},
    "template": {"template": "us_fba_mature", "owner": "x", "effective_on": "2026-08-03"},
    "<slug:key>": {"target": "0.2", "effective_on": "2026-08-03", "direction": "up", "weight": "10"},
    "<int:connection_id>": {"name": "stolen"},
    "<int:member_id>": {"role": "owner"},
}
#: What pricing and alerts keep under an id; a row of each is made without regard to what stands in it.
TABLES_ABOVE: dict[str, type[Model]] = {
    name: apps.get_model(label)
    for name, label in {
        "alert_id": "alerts.Alert",
        "backtest_id": "pricing.PriceBacktest",
        "channel_id": "alerts.Channel",
        "delivery_id": "alerts.Delivery",
        "fact_id": "pricing.PriceFact",
        "halt_id": "pricing.PriceHalt",
        "incident_id": "alerts.Incident",
        "item_id": "alerts.SampledItem",
        "lock_id": "pricing.PriceLock",
        "pilot_id": "pricing.PricePilot",
        "promotion_id": "pricing.Promotion",
        "recommendation_id": "pricing.Recommendation",
        "silence_id": "alerts.Silence",
        "sister_id": "pricing.SisterSeller",
        "source_id": "pricing.PermittedSource",
        "test_id": "pricing.PriceTest",
        "warning_id": "alerts.HealthWarning",
        "work_id": "alerts.AlertWork",
    }.items()
}
_LATER = AT + timedelta(days=1)
#: What some of these rows cannot be without.
GIVEN: dict[str, dict[str, Any]] = {
    "fact_id": {"amount": Decimal(1)},
    "promotion_id": {"ends_at": _LATER},
    "silence_id": {"ends_at": _LATER},
    "test_id": {"treatment_amount": Decimal(2)},
}
#: Values for parameters without which a question cannot be asked.
ASKED = {
    "store": "1",
    "sku": "acme-sku-1",
    "on": "2026-08-03",
    "from": "2026-08-03",
    "to": "2026-08-09",
    "period": "2026-W32",
    "price": "10",
    "reference_price": "12",
    "market": "US",
    "category": "home",
    "platform": "amazon",
    "product": "acme-product",
    "against": "1",
    "before": "1",
    "after": "2",
    "after_id": "1",
}

SCORECARDS: dict[str, dict[str, str]] = {
    "daily": {"period": "2026-08-03"},
    "weekly": {"period": "2026-W32"},
    "monthly": {"period": "2026-08"},
    "quarterly": {"period": "2026-Q3"},
    "rolling": {"days": "28", "end": "2026-08-09"},
    "compare": {"period": "2026-W32", "by": "market"},
    "comparisons": {"period": "2026-W32"},
}
