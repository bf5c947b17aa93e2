"""Between an alert's row and the snapshot that is decided on: read whole, written whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any

from alerts.engine.lifecycle import Snapshot
from alerts.models import Alert
from alerts.types import AlertState, Check, Policy, Severity

# What both name alike and hold alike; `state` is set where the move is made.
_PLAIN = (
    *("since", "clears", "is_blind", "is_muted", "told_at", "is_owed", "is_spent", "fired_at"),
    *("acknowledged_at", "acknowledged_until", "resolved_at", "told_resolved_at", "level"),
    *("escalate_at", "sequence"),
)
_POLICY = tuple(field.name for field in fields(Policy))
_LARGEST = Decimal(10) ** 18
_SIX_PLACES = Decimal("0.000001")


def snapshot_of(row: Alert) -> Snapshot:
    """The alert as the decision sees it."""
    return Snapshot(
        state=AlertState(row.state),
        severity=Severity(row.severity),
        recent=tuple(row.recent),
        told=Severity(row.told) if row.told else None,
        told_before=Severity(row.told_before) if row.told_before else None,
        **{name: getattr(row, name) for name in _PLAIN},
    )


def fill(row: Alert, snapshot: Snapshot) -> None:
    """Write everything but the state into the row."""
    for name in _PLAIN:
        setattr(row, name, getattr(snapshot, name))
    row.severity = snapshot.severity.value
    row.recent = list(snapshot.recent)
    row.told = snapshot.told.value if snapshot.told else ""
    row.told_before = snapshot.told_before.value if snapshot.told_before else ""


def fill_check(row: Alert, check: Check) -> None:
    """Write what a check found: figures of any size fit, cut to six places as they are shown."""
    row.observed = _fitting(check.observed)
    row.limit = _fitting(check.limit)
    row.unit = check.unit[:24]
    row.basis = check.basis[:500]
    row.as_of = check.as_of
    row.evidence = dict(check.evidence)


def policy_of(stored: Mapping[str, Any]) -> Policy:
    """The policy that a row carries; one written by another version of the product, as far as it is known."""
    known = {name: stored[name] for name in _POLICY if name in stored}
    if known.get("escalate_after_hours") is not None:
        known["escalate_after_hours"] = Decimal(known["escalate_after_hours"])
    return Policy(**known)


def policy_body(policy: Policy) -> dict[str, Any]:
    """A policy as a row carries it."""
    hours = policy.escalate_after_hours
    return {**asdict(policy), "escalate_after_hours": None if hours is None else str(hours)}


def _fitting(figure: Decimal | None) -> Decimal | None:
    """A figure as the column holds it; one beyond 10^18 (or no number) cannot be one of a shop."""
    if figure is None or not figure.is_finite() or abs(figure) >= _LARGEST:
        return None
    return figure.quantize(_SIX_PLACES)
