"""Which of a platform's figures are beyond their limit or close to it, and what kind of warning that is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from alerts.engine.health import WarningKind as Kind
from alerts.engine.health import severity_of
from alerts.types import Severity

# Close is the last fifth of what a limit leaves; of a score (a floor above 1) the last twentieth of it.
_NEAR = Decimal("0.2")
_NEAR_SCORE = Decimal("0.05")
_GRAVE = re.compile(r"deactivat|suspen|block|clos|terminat|ban\b", re.IGNORECASE)

#: KPIs by which platforms judge an account; demands on stock or capacity are no account-health warnings.
KIND_OF_KPI: Mapping[str, Kind] = {
    "odr": Kind.ORDER_DEFECTS,
    "claims_rate": Kind.ORDER_DEFECTS,
    "ebay_defect_rate": Kind.ORDER_DEFECTS,
    "late_shipment_rate": Kind.LATE_SHIPMENT,
    "meli_delayed_handling_rate": Kind.LATE_SHIPMENT,
    "rakuten_on_time_rate": Kind.LATE_SHIPMENT,
    "yahoo_late_ship_rate": Kind.LATE_SHIPMENT,
    "ebay_late_rate": Kind.LATE_SHIPMENT,
    "pre_fulfilment_cancel_rate": Kind.CANCELLATIONS,
    "meli_cancellation_rate": Kind.CANCELLATIONS,
    "seller_fault_cancel_rate": Kind.CANCELLATIONS,
    "vtr": Kind.TRACKING,
    "otdr": Kind.TRACKING,
    "account_health_rating": Kind.ACCOUNT_AT_RISK,
    "meli_level": Kind.ACCOUNT_AT_RISK,
    "tiktok_sps": Kind.ACCOUNT_AT_RISK,
    "walmart_standards_met": Kind.ACCOUNT_AT_RISK,
}
_KIND_OF_LIST = (
    ("intellectual_property", Kind.INTELLECTUAL_PROPERTY),
    ("authenticity", Kind.AUTHENTICITY),
    ("safety", Kind.PRODUCT_SAFETY),
    ("restricted", Kind.RESTRICTED_PRODUCT),
    ("product_reviews", Kind.REVIEW_MANIPULATION),
    ("document_request", Kind.DOCUMENT_REQUEST),
)
_QUIET = frozenset({"", "NONE", "GOOD", "NORMAL", "RESOLVED", "CLOSED", "CLEARED"})
_KIND_OF_STATUS = {"AT_RISK": Kind.ACCOUNT_AT_RISK, "DEACTIVATED": Kind.SUSPENSION}


@dataclass(frozen=True, slots=True)
class Finding:
    """A figure with its verdict: fine, close to its limit, or beyond. `origin` is the same every day."""

    origin: str
    kind: Kind
    severity: Severity
    is_near: bool
    is_over: bool
    title: str
    facts: Mapping[str, str]

    @property
    def is_fine(self) -> bool:
        """Neither close nor beyond."""
        return not (self.is_near or self.is_over)


def judge_policies(rows: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """Judge a platform's demands (`kpis.selectors.policies`); the worst window of each counts.

    What has no value, or too few orders for the platform to judge, is left out: nobody knows.
    """
    for row in rows:
        kind = KIND_OF_KPI.get(row["kpi"] or "")
        known = [
            each for each in row["windows"] if each["distance"] is not None and not each["is_below_sample"]
        ]
        if kind is None or not known:
            continue
        worst = min(known, key=lambda each: Decimal(each["distance"]))
        is_over = not worst["is_met"]
        is_near = not is_over and Decimal(worst["distance"]) <= _margin(row)
        told = "beyond" if is_over else "close to" if is_near else "inside"
        is_grave = is_over and bool(_GRAVE.search(row["consequence"]))
        yield Finding(
            origin=f"figure:{row['kpi']}",
            kind=kind,
            severity=Severity.CRITICAL if is_grave else Severity.WARNING,
            is_near=is_near,
            is_over=is_over,
            title=f"{row['metric']} is {worst['value']}, {told} the limit {row['comparator']} {row['limit']}",
            facts={
                "kpi": row["kpi"],
                "value": worst["value"],
                "comparator": row["comparator"],
                "limit": row["limit"],
                "window_days": str(worst["days"]),
                "consequence": row["consequence"],
                "source": row["source"],
            },
        )


def judge_verdicts(rows: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """Judge what the platform's last report says in words: the account's standing, lists of violations."""
    for row in rows:
        metric, status = row["metric"], str(row["status"]).upper()
        if metric == "account_status":
            kind = _KIND_OF_STATUS.get(status)
            if kind is None and status != "NORMAL":
                continue
            is_over = kind is not None
        else:
            kind = next((each for part, each in _KIND_OF_LIST if part in metric), Kind.POLICY_VIOLATION)
            count = row["numerator"]
            is_over = status not in _QUIET if count is None else count > 0
        found = kind or Kind.ACCOUNT_AT_RISK
        shown = metric.replace("_", " ")
        yield Finding(
            origin=f"list:{metric}:{row['scope']}"[:120],
            kind=found,
            severity=severity_of(found),
            is_near=False,
            is_over=is_over,
            title=f"The platform reports {shown}: {status if row['numerator'] is None else row['numerator']}",
            facts={
                "metric": metric,
                "status": status,
                "count": "" if row["numerator"] is None else str(row["numerator"]),
                "reported_on": row["reported_on"].isoformat(),
            },
        )


def _margin(row: Mapping[str, Any]) -> Decimal:
    limit = Decimal(row["limit"])
    if row["comparator"].startswith("<"):
        return limit * _NEAR
    return (1 - limit) * _NEAR if limit <= 1 else limit * _NEAR_SCORE
