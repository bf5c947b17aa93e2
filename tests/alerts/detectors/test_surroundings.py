"""What detectors of surroundings decide (rates, feeds, connections, demands, deliveries), case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerts.detectors import (
    account_performance,
    bad_reviews,
    credential_expiry,
    fee_change,
    fx_move,
    logistics_chain,
    policy_change,
    stale_data,
)
from alerts.detectors.known import Known
from alerts.engine.chain import Leg, Part
from alerts.types import Severity, Verdict
from connectors.selectors.upload_plans import DueUpload, PlanView
from connectors.types import ConnectionState, FreshnessState, StreamFreshness
from connectors.values import ConnectionView
from tests.alerts.detectors.deciding import (
    AT,
    BREACH,
    CLEAR,
    FRESH,
    LATE,
    NO_DATA,
    TODAY,
    D,
    decided,
    verdicts,
)


@pytest.mark.parametrize(
    ("now", "before", "parameters", "verdict"),
    [
        ("0.0070", "0.0067", {}, BREACH),
        ("0.0064", "0.0067", {}, BREACH),
        ("0.0064", "0.0067", {"way": "rise"}, CLEAR),
        ("0.00687", "0.0067", {}, NO_DATA),
        ("0.0067", "0.0067", {"floor": "0.0068"}, BREACH),
        ("0.0067", "0.0067", {"ceiling": "0.0066"}, BREACH),
        (None, "0.0067", {}, NO_DATA),
        ("0.0067", None, {}, NO_DATA),
    ],
)
def test_a_rate_that_moved(
    now: str | None, before: str | None, parameters: dict[str, Any], verdict: Verdict
) -> None:
    """Three per cent in a week, or a floor or a ceiling passed; an old rate proves nothing."""
    rate = fx_move.Rate("JPY", "USD", now and D(now), TODAY, before and D(before))  # type: ignore[arg-type]
    assert verdicts("fx_move", (rate,), **parameters) == [verdict]


def test_a_hedge_that_ends() -> None:
    """Told from 21 days before the end to 14 days after it, then critical; far ahead it is clear."""
    hedges = ["JPY 2026-12-11 bank A", "MXN 2026-12-12", "USD 2026-11-19", "EUR 2026-11-05"]
    checks = decided("hedge_expiry", AT, hedges=hedges)
    assert [(check.verdict, check.severity) for check in checks] == [
        (BREACH, None),
        (CLEAR, None),
        (BREACH, Severity.CRITICAL),
        (CLEAR, None),
    ]


def stream(state: FreshnessState, hours: int) -> StreamFreshness:
    """A stream whose data are so old."""
    return StreamFreshness(1, "orders", state, AT - timedelta(hours=hours), TODAY, TODAY, AT, "")


@pytest.mark.parametrize(
    ("state", "hours", "parameters", "expected"),
    [
        (FreshnessState.FRESH, 1, {}, [CLEAR]),
        (FreshnessState.STALE, 30, {}, [BREACH]),
        (FreshnessState.STALE, 30, {"grace_hours": 36}, [CLEAR]),
        (FreshnessState.SUSPECT_EMPTY, 1, {}, [BREACH]),
        (FreshnessState.NEVER, 1, {}, []),
        (FreshnessState.NEVER, 1, {"with_never": True}, [BREACH]),
    ],
)
def test_late_data_are_a_breach_of_their_own(
    state: FreshnessState, hours: int, parameters: dict[str, Any], expected: list[Verdict]
) -> None:
    """The one detector to which missing data are wrong; an upload is late only beyond its grace."""
    plan = PlanView(1, 1, "landed_costs", 30, 3, TODAY, "finance", True, 1, AT)
    uploads = tuple(DueUpload(plan, None, TODAY, True, late) for late in (0, 2))
    inputs = stale_data.Inputs(AT, (stream(state, hours),), uploads)
    assert verdicts("stale_data", inputs, **parameters) == [*expected, CLEAR, BREACH]


def test_connections_that_are_lost_or_end_soon() -> None:
    """Needs attention is a breach for each store it feeds; a stated end is told a month ahead."""
    attention = {"code": "revoked", "message": "Access was withdrawn.", "since": AT.isoformat()}
    view = ConnectionView(
        12, "amazon_sp", "US", {}, ConnectionState.NEEDS_ATTENTION, attention, [], 1, AT, AT
    )
    fine = replace(view, id=13, state=ConnectionState.ACTIVE, attention=None)
    inputs = credential_expiry.Inputs(
        AT, (credential_expiry.Connection(view, 1), credential_expiry.Connection(fine, 2))
    )
    checks = decided("credential_expiry", inputs, ends=["13 2026-12-05", "12 2027-12-05"])
    assert [(check.subject, check.store_id, check.verdict) for check in checks] == [
        ("connection:12", 1, BREACH),
        ("authorisation:12", 1, CLEAR),
        ("connection:13", 2, CLEAR),
        ("authorisation:13", 2, BREACH),
    ]


def test_fees_that_change_and_fees_charged_otherwise() -> None:
    """Every coming change is told; a difference only if it costs more than the least exposure a month."""
    coming = fee_change.Coming(1, "jp.amazon.fba.small", "Small parcel", "288", "300", TODAY, 0)
    difference = fee_change.Difference(
        1, "MUG", "referral", "USD", "charged", "table", D(3), D(2), D(-60), D("-0.03")
    )
    inputs = fee_change.Inputs((coming,), (difference, replace(difference, exposure=D(50))))
    assert verdicts("fee_change", inputs) == [BREACH, BREACH, CLEAR]


@pytest.mark.parametrize(
    ("is_met", "severity", "affected"),
    [(True, None, "no"), (False, Severity.WARNING, "yes"), (None, None, "unknown")],
)
def test_a_new_demand_says_who_is_affected(
    is_met: bool | None, severity: Severity | None, affected: str
) -> None:
    """Told to all, and as a warning to the store that does not meet it."""
    demand = policy_change.Demand(
        1, "Amazon", "VTR", ">=", "0.99", "0.95", TODAY, 0, is_met, "0.97", "listing removed", "the pages"
    )
    (check,) = decided("policy_change", (demand,))
    assert (check.verdict, check.severity, check.evidence["is_affected"]) == (BREACH, severity, affected)


@pytest.mark.parametrize(
    ("bad", "known", "verdict"),
    [(3, FRESH, BREACH), (2, FRESH, NO_DATA), (1, FRESH, CLEAR), (9, LATE, NO_DATA)],
)
def test_more_than_two_bad_reviews(bad: int, known: Known, verdict: Verdict) -> None:
    """Three are one too many, two keep the state, one is right; late data prove nothing."""
    stars = (*[("", 1)] * bad, ("", 5), ("", 4))
    voices = bad_reviews.Voices(1, "reviews", TODAY, TODAY, known, stars)
    (check,) = decided("bad_reviews", (voices,))
    assert (check.verdict, check.observed, check.limit) == (verdict, D(bad), D(2))
    assert "Offer no refund" in check.evidence["options"]


def test_bad_reviews_are_counted_by_sku() -> None:
    """Three of one SKU are told of that SKU alone."""
    stars = (("A", 1), ("A", 2), ("A", 1), ("B", 1), ("B", 5))
    voices = bad_reviews.Voices(1, "reviews", TODAY, TODAY, FRESH, stars)
    checks = decided("bad_reviews", (voices,), by_sku=True)
    assert [(check.subject, check.verdict) for check in checks] == [
        ("reviews:A", BREACH),
        ("reviews:B", CLEAR),
    ]


def test_the_chain_of_deliveries_is_ranked() -> None:
    """The worst leg comes first with its way out; a leg with few pieces, or with late data, is not judged."""
    parts = (
        Part(Leg.LAST_MILE, "slow", 100, 9, D(60)),
        Part(Leg.HANDLING, "hub", 100, 4, D(20)),
        Part(Leg.PICK_UP, "slow", 100, 1, D(5)),
        Part(Leg.INBOUND, "ship", 4, 3, D(900)),
        Part(Leg.CUSTOMS, "", 100, 90, D(90)),
    )
    known = {leg: LATE if leg is Leg.CUSTOMS else FRESH for leg in Leg}
    checks = decided("logistics_chain", (logistics_chain.Chain(1, parts, known),))
    assert [(check.subject, check.verdict) for check in checks] == [
        ("leg:customs", NO_DATA),
        ("leg:last_mile", BREACH),
        ("leg:handling", NO_DATA),
        ("leg:inbound", NO_DATA),
        ("leg:pick_up", CLEAR),
    ]
    assert "local warehouse" in checks[1].evidence["options"]
    assert "Rank 2 of 5" in checks[1].basis


@pytest.mark.parametrize(
    ("value", "left", "is_met", "changes", "expected"),
    [
        ("0.012", "-0.002", False, {}, (BREACH, Severity.CRITICAL)),
        ("0.009", "0.001", True, {}, (BREACH, None)),
        ("0.0075", "0.0025", True, {}, (NO_DATA, None)),
        ("0.005", "0.005", True, {}, (CLEAR, None)),
        ("0.012", "-0.002", False, {"is_below_sample": True}, (NO_DATA, None)),
        ("0.012", "-0.002", False, {"problem": "stale"}, (NO_DATA, None)),
        (None, None, None, {}, (NO_DATA, None)),
        ("0.98", "0.03", True, {"comparator": ">=", "limit": D("0.95")}, (CLEAR, None)),
        ("0.955", "0.005", True, {"comparator": ">=", "limit": D("0.95")}, (BREACH, None)),
    ],
)
def test_the_account_near_and_beyond_a_demand(
    value: str | None,
    left: str | None,
    is_met: bool | None,
    changes: dict[str, Any],
    expected: tuple[Verdict, Severity | None],
) -> None:
    """Beyond is critical, near a warning; of a floor of 95 % the room is the five points above it."""
    demand = account_performance.Demand(
        store_id=1,
        metric="Order defect rate",
        kpi="odr",
        comparator="<",
        limit=D("0.01"),
        days=60,
        value=None if value is None else D(value),
        left=None if left is None else D(left),
        is_met=is_met,
        is_below_sample=False,
        consequence="deactivation risk",
        source="the pages",
        problem="",
        known=FRESH,
    )
    (check,) = decided("account_performance", (replace(demand, **changes),))
    assert (check.verdict, check.severity) == expected
