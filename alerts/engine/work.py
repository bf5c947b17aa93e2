"""Which KPI an alert is about, which way it ought to move, and who is asked to move it; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from kpis.types import Direction, Position

_KPI = re.compile(r"^kpi:([a-z0-9_]+)")
#: What alerts that are about no KPI themselves endanger; the others need a person to say.
KPI_OF_DETECTOR: Mapping[str, str] = {
    "stock_out_forecast": "stockout_rate",
    "stock_zero": "stockout_rate",
    "over_stock": "aged_90_share",
    "abnormal_clicks": "acos",
    "bad_reviews": "seller_feedback_score",
    "below_floor": "gross_margin_pct",
}
DEPARTMENT_OF: Mapping[Position, str] = {
    Position.ACCOUNT_MANAGER: "operations",
    Position.LISTING_OPERATOR: "operations",
    Position.ADS_OPERATOR: "advertising",
    Position.WAREHOUSE: "warehouse",
    Position.CUSTOMER_SERVICE: "customer_service",
    Position.FINANCE: "finance",
    Position.COMPLIANCE: "compliance",
}
#: A finished action has this long to show in the figure before it counts as having failed.
SETTLE = timedelta(hours=48)
#: A subject that breaches again within this time after it recovered was not repaired for good.
RELAPSE = timedelta(days=14)


class WorkState(StrEnum):
    """What became of the work on an alert. FAILED: the action is done and the alert still stands."""

    OPEN = "open"
    RECOVERED = "recovered"
    FAILED = "failed"


def kpi_of(subject: str, detector: str) -> str | None:
    """The KPI that an alert is about; None when a person has to name one."""
    named = _KPI.match(subject)
    return named[1] if named else KPI_OF_DETECTOR.get(detector)


def is_to_rise(direction: Direction, observed: Decimal | None, limit: Decimal | None) -> bool:
    """Is the figure to go up? By the KPI's good direction, else away from the side it strayed to."""
    if direction in (Direction.UP, Direction.DOWN):
        return direction is Direction.UP
    return observed is not None and limit is not None and observed < limit
