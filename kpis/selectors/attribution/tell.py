"""The verdicts on what moved a KPI, per store, with links to the figures behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from urllib.parse import urlencode

from config.lib.calendars import Period
from config.lib.errors import FieldError, Invalid
from connectors.types import StoreRef
from kpis.catalog import CATALOG
from kpis.engine.attribution.case import Case
from kpis.engine.attribution.checklist import Attribution, attribute
from kpis.engine.attribution.verdict import Evidence, Verdict
from kpis.selectors.attribution.gather import gather
from kpis.selectors.decomposition.comparison import plain
from kpis.selectors.lines import Row
from kpis.selectors.scorecards import choose_stores
from kpis.selectors.series import get_kpi

# What a KPI's moves are measured in: net sales, or the margin after advertising (CM3).
OF_SALES = frozenset(
    {
        "gmv_ordered",
        "net_sales",
        "orders",
        "units",
        "aov",
        "asp",
        "sessions",
        "conversion_rate",
        "buy_box_pct",
    }
)
OF_PROFIT = frozenset(
    {
        "gross_margin_pct", "cm1_pct", "cm3_pct", "net_margin_pct", "roi", "unit_profit", "platform_fee_rate",
        "fulfilment_cost_rate", "landed_cost_ratio", "return_cost_rate", "acos", "tacos", "ad_spend",
        "refund_amount_rate", "return_rate",
    }
)  # fmt: skip


def get_attributions(
    kpi_key: str, period: Period, compared: Period | None, store_ids: Sequence[int], *, path: str
) -> Row:
    """Return every cause's verdict for each store; links lie below `path`, the client's part of the API.

    `NotFound` for an unknown KPI or store, `Invalid` for a KPI the checklist does not speak of.
    """
    get_kpi(kpi_key)
    if kpi_key not in OF_SALES | OF_PROFIT:
        told = f"the checklist speaks of {', '.join(sorted(OF_SALES | OF_PROFIT))}"
        raise Invalid(told, errors=[FieldError("", told, "no_checklist", parameter="kpi")])
    stores = choose_stores(store_ids)
    before = compared or period.previous()
    of_sales = kpi_key in OF_SALES
    cases = gather(stores, period, before)
    return {
        "kpi": kpi_key,
        "measured_in": "net_sales" if of_sales else "cm3",
        "period": period.id,
        "compare": before.id,
        "stores": [_store(store, cases[store.id], of_sales, period, path) for store in stores],
    }


def _store(store: StoreRef, case: Case, of_sales: bool, period: Period, path: str) -> Row:
    found = attribute(case)
    change = (
        case.after.net_sales - case.before.net_sales if of_sales else case.after.profit - case.before.profit
    )
    return {
        "store": store.id,
        "name": store.name,
        "currency": store.currency,
        "before": plain(case.before.net_sales if of_sales else case.before.profit),
        "after": plain(case.after.net_sales if of_sales else case.after.profit),
        "change": plain(change),
        "explained": plain(found.explained(of_sales=of_sales)),
        "unexplained": plain(change - found.explained(of_sales=of_sales)),
        "is_unexplained": found.is_unexplained,
        "causes": [_cause(each, case, of_sales, store, period, path) for each in _relevant(found, of_sales)],
    }


def _relevant(found: Attribution, of_sales: bool) -> list[Verdict]:
    """Every cause is told; those that act on the KPI's own money come first within their likelihood."""
    order = {
        likelihood: n for n, likelihood in enumerate(dict.fromkeys(v.likelihood for v in found.verdicts))
    }
    return sorted(
        found.verdicts,
        key=lambda v: (order[v.likelihood], (v.sales if of_sales else v.profit) is None, -v.strength),
    )


def _cause(verdict: Verdict, case: Case, of_sales: bool, store: StoreRef, period: Period, path: str) -> Row:
    effect = verdict.sales if of_sales else verdict.profit
    return {
        "cause": verdict.cause.value,
        "verdict": verdict.likelihood.value,
        "strength": plain(verdict.strength),
        "contribution": plain(effect),
        "points": plain(_points(verdict, case)),
        "data_quality": verdict.quality.value,
        "evidence": [_evidence(each, store, period, path) for each in verdict.evidence],
    }


def _points(verdict: Verdict, case: Case) -> Decimal | None:
    """What a cost did to the margin as a share of net sales; demand moves no margin in per cent by itself."""
    if verdict.profit is None or verdict.sales or case.after.net_sales <= 0:
        return None
    return verdict.profit / case.after.net_sales


def _evidence(evidence: Evidence, store: StoreRef, period: Period, path: str) -> Mapping[str, object]:
    link = None
    if evidence.figure in CATALOG:
        query = {"period": period.id, "store": store.id, **({"sku": evidence.sku} if evidence.sku else {})}
        link = f"{path}/kpis/{evidence.figure}/rows?{urlencode(query)}"
    return {
        "figure": evidence.figure,
        "sku": evidence.sku or None,
        "before": plain(evidence.before),
        "after": plain(evidence.after),
        "note": evidence.note,
        "link": link,
    }
