"""Formulas over summed measures: ratios of sums, nulls with reasons, levels, worst stores, rounding once."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.catalog import CATALOG, formulas
from kpis.engine.definitions import Ratio
from kpis.engine.evaluate import evaluate
from kpis.types import Reason
from tests.kpis.engine.windows import window

# domain reference, method_examples.json "aggregation": two stores, ACoS of the sums and the wrong mean.
AGGREGATION = json.loads(
    '{"stores": [{"spend": 100, "sales": 1000}, {"spend": 900, "sales": 2000}],'
    ' "ratio_of_sums": "0.333333", "mean_of_ratios": "0.275"}'
)

amounts = st.decimals(min_value=0, max_value=10**9, places=4)


def test_acos_is_the_ratio_of_sums_not_the_mean_of_ratios() -> None:
    """100/1,000 and 900/2,000 make 0.3333; the mean 0.275 is the trap."""
    stores = [{"ad_spend": s["spend"], "ad_sales": s["sales"]} for s in AGGREGATION["stores"]]
    found = evaluate(CATALOG["acos"], window(*stores), "USD").value
    assert found == Decimal(AGGREGATION["ratio_of_sums"])
    assert found != Decimal(AGGREGATION["mean_of_ratios"])


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=5))
def test_splitting_a_store_changes_no_ratio(parts: list[tuple[Decimal, Decimal]]) -> None:
    """One store or its parts: the sums are the same, so is every ratio."""
    apart = window(*({"ad_spend": spend, "ad_sales": sold} for spend, sold in parts))
    whole = window({"ad_spend": sum(p[0] for p in parts), "ad_sales": sum(p[1] for p in parts)})
    for key in ("acos", "roas"):
        assert evaluate(CATALOG[key], apart, "USD").value == evaluate(CATALOG[key], whole, "USD").value


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("acos", Reason.NO_AD_SALES),
        ("roas", Reason.NO_AD_SPEND),
        ("tacos", Reason.NO_SALES),
        ("aov", Reason.NO_ORDERS),
        ("conversion_rate", Reason.NO_SESSIONS),
        ("return_rate", Reason.NO_SHIPMENTS),
        ("gross_margin_pct", Reason.NO_SALES),
        ("seller_feedback_score", Reason.NO_FEEDBACK),
        ("price_competitiveness_index", Reason.NO_COMPETITORS),
        ("inventory_turnover_days", Reason.NO_SNAPSHOT),
        ("aged_90_share", Reason.NO_SNAPSHOT),
        ("odr", Reason.NO_DATA),
        ("fx_change_pct", Reason.NO_DATA),
    ],
)
def test_nothing_is_null_with_its_reason_never_zero(key: str, reason: Reason) -> None:
    """A zero denominator or a missing snapshot gives no value and says why."""
    found = evaluate(CATALOG[key], window({}), "USD")
    assert (found.value, found.why_missing) == (None, reason)


def test_every_ratio_has_its_own_reason() -> None:
    """No ratio divides by zero silently, whatever its key."""
    for kpi in CATALOG.values():
        if isinstance(kpi, Ratio):
            assert evaluate(kpi, window({}), "JPY").value is None, kpi.key


def test_sums_of_nothing_are_zero() -> None:
    """No orders on known days are zero orders; whether the days are known is coverage's business."""
    assert evaluate(CATALOG["orders"], window({}), "USD").value == 0


def test_a_missing_rate_spoils_exactly_what_needs_it() -> None:
    """A null in a money sum makes the KPI null; KPIs without it stand."""
    broken = window({"live_sales": None, "orders": 3})
    assert evaluate(CATALOG["net_sales"], broken, "USD").why_missing is Reason.FX_MISSING
    assert evaluate(CATALOG["orders"], broken, "USD").value == 3


def test_reporting_currency_converts_money_and_nothing_else() -> None:
    """Reporting values are twice the native ones here: sales double, orders do not."""
    both = window({"live_sales": 10, "orders": 4}, {"live_sales": 5, "orders": 1}, in_reporting=True)
    assert evaluate(CATALOG["net_sales"], both, "USD").value == 30
    assert evaluate(CATALOG["orders"], both, "USD").value == 5
    assert evaluate(CATALOG["aov"], both, "USD").value == 6


def test_the_worst_store_counts_for_account_health() -> None:
    """A mean of 0.5 % and 1.5 % would hide the account in danger."""
    assert evaluate(CATALOG["odr"], window({"odr": "0.005"}, {"odr": "0.015"}, {}), "USD").value == Decimal(
        "0.015"
    )


def test_turnover_is_the_mean_level_over_the_flow() -> None:
    """10 days' stock of 100 each, seen on 2 of 7 days: the mean is 100, not 200/7."""
    stock = window({"inventory_cost": 200, "cogs_sold": 50}, days=7, n=2)
    assert evaluate(CATALOG["inventory_turnover_days"], stock, "USD").value == 14


def test_price_index_is_symmetric() -> None:
    """Twice as dear and half as dear cancel out."""
    logs = window({"price_log_sum": Decimal(2).ln() - Decimal(2).ln(), "price_comparisons": 2})
    assert evaluate(CATALOG["price_competitiveness_index"], logs, "USD").value == 1


def test_fx_move_is_against_the_period_before_and_of_the_furthest_store() -> None:
    """+2 % and −5 %: the second is shown; without a former rate there is no number."""
    now, before = window({"fx_level": 102}, {"fx_level": 95}), window({"fx_level": 100}, {"fx_level": 100})
    kpi = CATALOG["fx_change_pct"]
    assert evaluate(kpi, now, "USD", before).value == Decimal("-0.05")
    assert evaluate(kpi, now, "USD", None).why_missing is Reason.NO_REFERENCE


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "1235"), ("USD", "1234.50"), ("MXN", "1234.50")])
def test_money_is_rounded_half_up_to_its_exponent(currency: str, shown: str) -> None:
    """Yen have no decimals."""
    assert str(evaluate(CATALOG["net_sales"], window({"live_sales": "1234.5"}), currency).value) == shown


costs = st.fixed_dictionaries(
    dict.fromkeys(
        (
            "cogs_sold",
            "platform_fees_charged",
            "platform_fees_estimated",
            "subscription_fees",
            "fulfilment_fees_charged",
            "fulfilment_fees_estimated",
            "storage_fees",
            "return_fees",
            "unit_costs_other",
        ),
        amounts,
    )
)


@given(costs, st.decimals(min_value=1, max_value=10**9, places=4))
def test_margin_and_its_cost_lines_add_up_to_net_sales(lines: dict[str, Decimal], sales: Decimal) -> None:
    """The margin tree closes: net sales = cm2 + six cost lines, exactly."""
    values = window({**lines, "live_sales": sales})
    parts = (
        formulas.CM2,
        formulas.COGS,
        formulas.PLATFORM_FEES,
        formulas.FULFILMENT_FEES,
        formulas.STORAGE_FEES,
        formulas.RETURN_FEES,
        formulas.UNIT_COSTS_OTHER,
    )
    assert sum(part.evaluate(values) for part in parts) == sales
