"""Rule sets, their versions and dry runs as they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from config.lib.money import Money
from pricing.api.boundary import bounded
from pricing.selectors.dry_runs import DryRow, DryRun
from pricing.selectors.rule_sets import find_activation, get_version
from pricing.types import Reason, TraceStep


def version_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """A version."""
    return bounded({name: value for name, value in row.items() if name != "id"})


def detail_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """A rule set with its latest version and its last activation."""
    latest = version_body(get_version(row["key"], row["latest_version"]))
    return bounded({**row, "latest": latest, "activation": find_activation(row["key"])})


def dry_run_body(key: str, version: int, store_id: int, found: DryRun, *, has_trace: bool) -> dict[str, Any]:
    """A dry run."""
    return bounded(
        {
            "key": key,
            "version": version,
            "store_id": store_id,
            "outcomes": dict(found.outcomes),
            "reasons": dict(found.reasons),
            "data": [_row(row, has_trace) for row in found.rows],
            "next_sku": found.next_sku,
        }
    )


def _row(row: DryRow, has_trace: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "sku": row.sku,
        "outcome": row.proposal.outcome.value,
        "in_scope": row.is_in_scope,
        "current_price": _money(row.current, row.currency),
        "price": _money(row.proposal.price, row.currency),
        "reasons": [_reason(reason) for reason in row.proposal.reasons],
    }
    return (
        {**body, "trace": [_step(step, row.currency) for step in row.proposal.trace]} if has_trace else body
    )


def _step(step: TraceStep, currency: str) -> dict[str, Any]:
    return {
        "stage": step.stage,
        "name": step.name,
        "before": _money(step.before, currency),
        "after": _money(step.after, currency),
        "reason": _reason(step.reason),
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code, "text": reason.text, "values": dict(reason.values)}


def _money(amount: Decimal | None, currency: str) -> dict[str, str] | None:
    return None if amount is None else Money(amount, currency).to_json()
