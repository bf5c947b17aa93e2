"""What is recognised in warnings: kind, deadline, sender and references, and how that is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.engine.deadlines import find_deadlines
from alerts.engine.health import (
    ON_THE_CLOCK,
    REMINDERS,
    STEPS,
    UNSETTLED,
    WarningKind,
    WarningState,
    hours_left,
    may_step,
    reminder_due,
)
from alerts.engine.performance import judge_policies, judge_verdicts
from alerts.engine.proportions import wilson
from alerts.engine.warnings import is_sender_of, recognise

# A Friday, 09:00 UTC.
SENT = datetime(2026, 11, 20, 9, tzinfo=UTC)
TOKYO, ANGELES = "Asia/Tokyo", "America/Los_Angeles"


@pytest.mark.parametrize(
    ("text", "time_zone", "expected"),
    [
        ("Please respond within 72 hours.", ANGELES, "2026-11-23T09:00"),
        ("You have 3 days to submit your appeal.", ANGELES, "2026-11-23T09:00"),
        ("Reply within 3 business days or lose it", ANGELES, "2026-11-25T09:00"),
        ("请在48小时内回复并提交行动计划。", TOKYO, "2026-11-22T09:00"),
        ("請於5個工作日內提供文件", TOKYO, "2026-11-27T09:00"),
        ("请于7天之内提交申诉", TOKYO, "2026-11-27T09:00"),
        ("72時間以内にご返信ください。", TOKYO, "2026-11-23T09:00"),
        ("改善計画書を5営業日以内に提出してください", TOKYO, "2026-11-27T09:00"),
        ("Envía tu plan en un plazo de 3 días hábiles", ANGELES, "2026-11-25T09:00"),
        ("Responde dentro de las próximas 48 horas", ANGELES, "2026-11-22T09:00"),
        ("Responde dentro de 48 horas", ANGELES, "2026-11-22T09:00"),
        ("Submit your documents by November 25, 2026.", ANGELES, "2026-11-26T08:00"),
        ("Submit your documents by Nov 25.", ANGELES, "2026-11-26T08:00"),
        ("Provide it no later than 2026-11-25", ANGELES, "2026-11-26T08:00"),
        ("Submit before 25 November 2026 at 5:00 PM PST", ANGELES, "2026-11-26T01:00"),
        ("2026年11月25日(水)までにご提出ください", TOKYO, "2026-11-25T15:00"),
        ("11月25日 17:00までにご返信ください", TOKYO, "2026-11-25T08:00"),
        ("请在2026年11月25日前提交材料", "Asia/Shanghai", "2026-11-24T16:00"),
        ("请在2026年11月25日以前提交材料", "Asia/Shanghai", "2026-11-25T16:00"),
        ("Presenta tu apelación a más tardar el 25 de noviembre de 2026", ANGELES, "2026-11-26T08:00"),
        ("Provide it by January 3", ANGELES, "2027-01-04T08:00"),
        ("Your order defect rate within 60 days is 1.4 %.", ANGELES, None),
        ("订单缺陷率在60天内为1.4%", TOKYO, None),
        ("Please respond by February 30, 2026", ANGELES, None),
        ("Reply within 0 days", ANGELES, None),
    ],
)
def test_deadlines_in_four_languages(text: str, time_zone: str, expected: str | None) -> None:
    """Hours and days to the minute, working days over the weekend, days in the shop's zone."""
    found = find_deadlines(text, counted_from=SENT, time_zone=time_zone)
    assert [f"{each.at.astimezone(UTC):%Y-%m-%dT%H:%M}" for each in found][:1] == (
        [expected] if expected else []
    )
    assert all(each.phrase in text for each in found)


@given(st.text(max_size=300), st.sampled_from([TOKYO, ANGELES]))
def test_no_text_breaks_the_search(text: str, time_zone: str) -> None:
    """Whatever is written, the deadlines found are near, ordered, and quoted from the text."""
    found = find_deadlines(f"submit within 9 days {text} respond by", counted_from=SENT, time_zone=time_zone)
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert all(abs(each.at - SENT) <= timedelta(days=401) for each in found)


@pytest.mark.parametrize(
    ("platform", "subject", "text", "kind"),
    [
        ("amazon_sp", "Your seller account has been deactivated", "", "suspension"),
        ("amazon_sp", "Notice", "Your account has been deactivated for counterfeit items.", "suspension"),
        ("amazon_sp", "At risk of deactivation: action required", "inauthentic", "account_at_risk"),
        ("amazon_sp", "Policy Warning", "Your account may be deactivated.", "policy_violation"),
        ("amazon_sp", "您的账户可能会被停用", "", "account_at_risk"),
        ("amazon_sp", "知的財産権の侵害について", "", "intellectual_property"),
        ("amazon_sp", "Late shipment rate above target", "", "late_shipment"),
        ("rakuten", "【重要】違反点数のご連絡", "", "policy_violation"),
        ("mercado_libre", "Pausamos tu publicación", "", "listing_removed"),
        ("mercado_libre", "Tus envíos con demora aumentaron", "", "late_shipment"),
        ("tiktok_shop", "违规扣分通知", "", "policy_violation"),
        ("walmart", "Order defect rate", "", "order_defects"),
        ("shopify", "Your funds are held", "", "funds_held"),
        ("amazon_sp", "Happy holidays", "Sell more.", "other"),
    ],
)
def test_kinds_by_platform(platform: str, subject: str, text: str, kind: str) -> None:
    """The subject decides before the text; without a phrase it is "other" and a person must look."""
    found = recognise(
        platform=platform, subject=subject, text=text, sender="", counted_from=SENT, time_zone=TOKYO
    )
    assert found.kind == kind
    assert ("kind" in found.unrecognised) == (kind == "other")
    assert "deadline" in found.unrecognised


def test_several_deadlines_are_all_told() -> None:
    """The earliest counts, the other is kept, and a note says that a person decides."""
    text = "Respond within 7 days. To avoid loss of sales, submit your plan within 48 hours."
    found = recognise(
        platform="walmart", subject="x", text=text, sender="a@walmart.com", counted_from=SENT, time_zone=TOKYO
    )
    assert found.deadline is not None
    assert found.deadline.at == SENT + timedelta(hours=48)
    assert [each.at for each in found.other_deadlines] == [SENT + timedelta(days=7)]
    assert any("earliest" in note for note in found.notes)


@pytest.mark.parametrize(
    ("sender", "is_known"),
    [
        ("a@amazon.com", True),
        ("a@marketplace.AMAZON.com", True),
        ("a@notamazon.com", False),
        ("a@amazon.com.evil.example", False),
        ("a@amazon.com@evil.example", False),
        ("", False),
    ],
)
def test_lookalike_senders_are_not_the_platform(sender: str, is_known: bool) -> None:
    """Only the domain itself and those below it."""
    assert is_sender_of("amazon_sp", sender) is is_known


def test_the_life_of_a_warning_as_a_table() -> None:
    """Every state × state, against the allowed steps written out by hand."""
    allowed = {
        *product(["received"], ["in_work", "draft_ready", "expired", "dismissed"]),
        *product(["in_work"], ["draft_ready", "expired", "dismissed"]),
        *product(["draft_ready"], ["draft_ready", "in_work", "signed_off", "expired", "dismissed"]),
        *product(["signed_off"], ["draft_ready", "in_work", "submitted", "expired", "dismissed"]),
        *product(["submitted"], ["accepted", "rejected", "expired", "dismissed"]),
        *product(["expired"], ["in_work", "accepted", "rejected", "dismissed"]),
        ("rejected", "in_work"),
    }
    for present, to in product(WarningState, WarningState):
        assert may_step(present, to) is ((present.value, to.value) in allowed), (present, to)
    assert set(STEPS) == set(WarningState)
    assert set(ON_THE_CLOCK) < set(UNSETTLED)


@given(st.lists(st.integers(-500, 6000), min_size=1, max_size=30))
def test_reminders_come_once_each_and_never_too_late(minutes_left: list[int]) -> None:
    """However the clock is looked at: thresholds fall strictly, each is reached, none comes after the end."""
    deadline, told, given_ = SENT + timedelta(days=5), None, []
    for minutes in sorted(minutes_left, reverse=True):
        now = deadline - timedelta(minutes=minutes)
        due = reminder_due(deadline, now, told)
        if due is not None:
            assert 0 < minutes <= due * 60
            given_.append(due)
            told = due
        expected = [hours for hours in REMINDERS if 0 < minutes <= hours * 60]
        if expected:
            assert told == min(expected)
    assert given_ == sorted(set(given_), reverse=True)


def test_hours_left_are_rounded_towards_zero() -> None:
    """A minute before and after the deadline is neither an hour early nor late."""
    assert hours_left(SENT + timedelta(minutes=89), SENT) == Decimal("1.4")
    assert hours_left(SENT - timedelta(minutes=89), SENT) == Decimal("-1.4")
    assert hours_left(SENT, SENT) == 0


def _row(
    kpi: str, comparator: str, limit: str, value: str | None, *, small: bool = False
) -> dict[str, object]:
    distance = None
    if value is not None:
        gap = Decimal(limit) - Decimal(value)
        distance = str(gap if comparator.startswith("<") else -gap)
    is_met = None if distance is None else Decimal(distance) > 0
    window = {"days": 30, "value": value, "distance": distance, "is_met": is_met, "is_below_sample": small}
    return {
        "kpi": kpi, "metric": kpi, "comparator": comparator, "limit": limit, "windows": [window],
        "consequence": "deactivation risk", "source": "x",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (_row("odr", "<", "0.01", "0.012"), ("over", "critical")),
        (_row("odr", "<", "0.01", "0.0085"), ("near", "warning")),
        (_row("odr", "<", "0.01", "0.0079"), ("fine", "warning")),
        (_row("vtr", ">=", "0.95", "0.94"), ("over", "critical")),
        (_row("vtr", ">=", "0.95", "0.955"), ("near", "warning")),
        (_row("vtr", ">=", "0.95", "0.99"), ("fine", "warning")),
        (_row("account_health_rating", ">=", "200", "205"), ("near", "warning")),
        (_row("odr", "<", "0.01", None), None),
        (_row("odr", "<", "0.01", "0.5", small=True), None),
        (_row("days_of_cover", ">=", "28", "3"), None),
    ],
)
def test_figures_against_their_limits(row: dict[str, object], expected: tuple[str, str] | None) -> None:
    """Beyond, in the last fifth before the limit, fine, or nobody knows; stock is no account health."""
    found = [
        ("over" if each.is_over else "near" if each.is_near else "fine", each.severity.value)
        for each in judge_policies([row])
    ]
    assert found == ([expected] if expected else [])


def test_the_platforms_own_words() -> None:
    """AT_RISK and a list with entries are warnings, NORMAL and an empty list are fine."""
    on = SENT.date()
    rows = [
        ("account_status", "AT_RISK", None, (WarningKind.ACCOUNT_AT_RISK, True)),
        ("account_status", "DEACTIVATED", None, (WarningKind.SUSPENSION, True)),
        ("account_status", "NORMAL", None, (WarningKind.ACCOUNT_AT_RISK, False)),
        ("account_status", "MARTIAN", None, None),
        ("suspected_intellectual_property_violations", "BAD", 2, (WarningKind.INTELLECTUAL_PROPERTY, True)),
        ("listing_policy_violations", "GOOD", 0, (WarningKind.POLICY_VIOLATION, False)),
    ]
    for metric, status, count, expected in rows:
        row = {"metric": metric, "scope": "", "status": status, "numerator": count, "reported_on": on}
        found = [(each.kind, each.is_over) for each in judge_verdicts([row])]
        assert found == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(1, 1, "0.2065", "1.0000"), (8, 10, "0.4902", "0.9433"), (0, 5, "0.0000", "0.4345")],
)
def test_wilson_equals_published_values(hits: int, n: int, low: str, high: str) -> None:
    """Values of the textbook formula (Newcombe 1998); no cases give no share."""
    found = wilson(hits, n)
    assert (str(found.low), str(found.high)) == (low, high)
    assert wilson(0, 0).rate is None
