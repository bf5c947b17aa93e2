"""Rules and checks for tests of the life cycle."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from alerts.types import Check, Policy, RuleView, Severity, Verdict

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def check(
    verdict: Verdict,
    subject: str = "kpi:acos",
    *,
    store_id: int | None = 1,
    severity: Severity | None = None,
    observed: str = "0.42",
) -> Check:
    """A check of one subject."""
    return Check(
        subject=subject,
        verdict=verdict,
        store_id=store_id,
        observed=Decimal(observed),
        limit=Decimal("0.3"),
        unit="ratio",
        basis="ACOS of the last 7 days against the limit",
        as_of=NOW,
        severity=severity,
        evidence={"orders": "12"},
    )


def breach(subject: str = "kpi:acos", **kwargs: object) -> Check:
    """A check that found a breach."""
    return check(Verdict.BREACH, subject, **kwargs)  # type: ignore[arg-type]


def clear(subject: str = "kpi:acos", **kwargs: object) -> Check:
    """A check that found nothing wrong."""
    return check(Verdict.CLEAR, subject, **kwargs)  # type: ignore[arg-type]


def no_data(subject: str = "kpi:acos", **kwargs: object) -> Check:
    """A check that could not be made."""
    return check(Verdict.NO_DATA, subject, **kwargs)  # type: ignore[arg-type]


def rule(
    policy: Policy | None = None,
    *,
    rule_id: int = 7,
    detector: str = "kpi_threshold",
    severity: Severity = Severity.WARNING,
) -> RuleView:
    """A rule in force."""
    return RuleView(
        id=rule_id,
        version=1,
        key=f"rule-{rule_id}",
        detector=detector,
        title="ACOS above the limit",
        store_ids=(),
        parameters={},
        severity=severity,
        policy=policy or Policy(),
        owner="ads_operator",
        is_required=False,
        is_active=True,
    )
