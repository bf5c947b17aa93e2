"""Which checks people count, how long a check stands, and under which stream key it is known."""

from __future__ import annotations

import calendar
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

EVIDENCE_PREFIX = "evidence."


class Population(StrEnum):
    """Among what a sample for a check is drawn."""

    SKUS = "skus"
    ORDERS = "orders"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class EvidenceMetric:
    """What is counted. `is_share`: the numerator is a part of the denominator. `is_own`: the product works it
    out itself and nobody enters it."""

    counts: str
    of: str
    population: Population = Population.NONE
    is_share: bool = True
    is_own: bool = False


_SKUS, _ORDERS = Population.SKUS, Population.ORDERS

METRICS: Mapping[str, EvidenceMetric] = {
    "label_check_pass": EvidenceMetric("SKUs whose label passed", "SKUs whose label was checked", _SKUS),
    "price_display_compliance": EvidenceMetric("listings with a lawful price", "listings checked", _SKUS),
    "language_audit": EvidenceMetric("listings without language faults", "listings read", _SKUS),
    "packaging_check": EvidenceMetric("SKUs packed as the market asks", "SKUs checked", _SKUS),
    "invoice_format": EvidenceMetric("orders with a proper invoice", "orders checked", _ORDERS),
    "tax_filing_on_time": EvidenceMetric("filings submitted by their due date", "filings due"),
    "ja_support_coverage": EvidenceMetric("hours staffed by Japanese speakers", "hours required"),
    "hedge_coverage": EvidenceMetric("exposure hedged", "exposure", is_share=False),
    "payable_days": EvidenceMetric("amount-weighted days until suppliers are paid", "amount", is_share=False),
    "forecast_mape": EvidenceMetric("sum of absolute errors", "sum of actual units", _SKUS, is_share=False),
    "budget_pacing": EvidenceMetric("advertising spent", "advertising planned", is_share=False),
    "invalid_click_ratio": EvidenceMetric("clicks found invalid", "clicks"),
    "price_deviation_pct": EvidenceMetric(
        "deviation from the set price", "set price", is_share=False, is_own=True
    ),
    "below_floor_skus": EvidenceMetric("SKUs below their floor price", "SKUs with a floor", is_own=True),
    "margin_floor_breach_rate": EvidenceMetric("orders below the margin floor", "orders", is_own=True),
    "clearance_cash_rate": EvidenceMetric("cash recovered", "cash bound", is_share=False, is_own=True),
    "kpi_attainment": EvidenceMetric("weighted score", "weight", is_share=False, is_own=True),
    "data_freshness_hours": EvidenceMetric("hours of age, summed", "sources", is_share=False, is_own=True),
    "data_completeness": EvidenceMetric("facts received", "facts expected", is_own=True),
}


def draw_sample(population: Sequence[str], size: int, *, seed: str) -> list[str]:
    """Draw `size` of the population, in a way that anybody can repeat and nobody can steer.

    Each member is ranked by the hash of the seed and its name (a simple random sample without replacement);
    the same seed and population always give the same sample, and a member that is added later displaces at
    most one other.
    """
    ranked = sorted(set(population), key=lambda each: hashlib.sha256(f"{seed}|{each}".encode()).hexdigest())
    return ranked[:size]


def stream_of(metric: str) -> str:
    """The stream key that a KPI needs for the evidence of a metric."""
    return f"{EVIDENCE_PREFIX}{metric}"


def metric_of(stream: str) -> str | None:
    """The metric of an evidence stream's key, None for any other stream."""
    return stream.removeprefix(EVIDENCE_PREFIX) if stream.startswith(EVIDENCE_PREFIX) else None


def validity_of(observed_on: date, expires_on: date | None) -> tuple[date, date]:
    """The days (both included) for which a check speaks.

    It speaks for the calendar month in which it was made, from its first day on, so that a check in the
    middle of a week is evidence for that week too, and until it expires; until the end of the month where
    no expiry was set.
    """
    last_of_month = calendar.monthrange(observed_on.year, observed_on.month)[1]
    until = expires_on if expires_on is not None else observed_on.replace(day=last_of_month)
    return observed_on.replace(day=1), max(until, observed_on)
