"""Why a client's margin moved last week, asked of the API and told in a few lines a person can read."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from alerts.demo.api import API

_LEAST_POINTS = Decimal("0.0005")
_NAMES = {
    "ads": "advertising",
    "rank": "search rank",
    "price_gap": "our price",
    "competitor": "a competitor's price",
    "stock_out": "a stock-out",
    "listing_edit": "a listing edit",
    "logistics": "deliveries",
    "season": "the season",
    "fee_change": "a change of the platform's fees",
    "unit_cost": "the cost of the goods",
    "exchange_rate": "the exchange rate",
    "refunds": "refunds",
}


def why_the_margin_moved(api: API, client: str, week: str) -> Iterator[str]:
    """Yield what moved the client's margin after advertising in the week, and the causes behind it."""
    margin = api.get(f"/clients/{client}/decompositions/margin", {"period": week})
    causes = api.get(f"/clients/{client}/attributions", {"period": week, "kpi": "cm3_pct"})
    result = margin["result"]
    yield (
        f"Why the margin after advertising of {client} moved in week {week} (all stores):"
        f" {_percent(result['before'])} to {_percent(result['after'])}, {_points(result['change'])}"
    )
    lines = [node for node in margin["nodes"] if _weighs(node)]
    for node in sorted(lines, key=lambda node: Decimal(node["points"])):
        yield f"  {node['key'].replace('_', ' '):<18} {_points(node['points']):>9}"
    for store in causes["stores"]:
        yield from _store(store)


def _weighs(node: dict[str, Any]) -> bool:
    return node["points"] is not None and abs(Decimal(node["points"])) >= _LEAST_POINTS


def _store(store: dict[str, Any]) -> Iterator[str]:
    currency = store["currency"]
    yield f"  {store['name']}: {_money(store['change'], currency)} of margin"
    likely = [cause for cause in store["causes"] if cause["verdict"] == "likely"]
    for cause in likely:
        yield (
            f"    likely {_NAMES[cause['cause']]}: about {_money(cause['contribution'], currency)}"
            f" (strength {Decimal(cause['strength']):.1f}); {_seen(cause['evidence'])}"
        )
    possible = [_NAMES[c["cause"]] for c in store["causes"] if c["verdict"] == "possible"]
    if possible:
        yield f"    possible: {', '.join(possible)}"
    if not likely:
        yield "    no cause has enough evidence"


def _seen(evidence: list[dict[str, Any]]) -> str:
    return "; ".join(_one(each) for each in evidence[:2])


def _one(evidence: dict[str, Any]) -> str:
    whose = f" of {evidence['sku']}" if evidence["sku"] else ""
    what = evidence["note"] or evidence["figure"].replace("_", " ")
    before, after = (_plain(evidence[side]) for side in ("before", "after"))
    return f"{what}{whose} {before} to {after}" if before != "-" else f"{what}{whose} {after}"


def _plain(value: str | None) -> str:
    return "-" if value is None else f"{Decimal(value):,.2f}".rstrip("0").rstrip(".")


def _money(value: str | None, currency: str) -> str:
    return "an unknown sum" if value is None else f"{Decimal(value):+,.0f} {currency}"


def _percent(value: str) -> str:
    return f"{Decimal(value) * 100:.1f} %"


def _points(value: str) -> str:
    return f"{Decimal(value) * 100:+.1f} pp"
