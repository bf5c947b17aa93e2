"""Decompositions over HTTP: do the parts add up to the change of the scorecard's own figures?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kpis.catalog.formulas import CM3, NET_SALES
from tests.api.validating import ValidatingClient
from tests.kpis.shops import BASE, WEEK, get, line
from tests.kpis.world import World

pytestmark = pytest.mark.django_db
CLOSE = Decimal("1e-6")
KINDS = ("margin", "sales", "acos", "price-volume-mix", "rate-mix")
BEFORE = "2026-W30"


def decomposition(client: ValidatingClient, kind: str, **query: Any) -> dict[str, Any]:
    """One decomposition of the week."""
    extra = {"kpi": "conversion_rate"} if kind == "rate-mix" else {}
    return get(client, f"decompositions/{kind}", period=WEEK, **extra, **query)


def contributions(body: dict[str, Any]) -> Decimal:
    """What the branches add up to."""
    return sum((Decimal(node["contribution"]) for node in body["nodes"]), Decimal(0))


@pytest.mark.parametrize("kind", KINDS)
def test_contributions_add_up_to_the_change(owner: ValidatingClient, shops: World, kind: str) -> None:
    """For every store and for all of them in the reporting currency, to 1e-6; the answer shows both sides."""
    for stores in ([], *([store] for store in shops.stores.values())):
        query = {"store": ",".join(map(str, stores))} if stores else {}
        body = decomposition(owner, kind, **query)
        assert abs(contributions(body) - Decimal(body["check"]["change"])) < CLOSE, (kind, stores)
        assert abs(Decimal(body["check"]["sum"]) - Decimal(body["check"]["change"])) < CLOSE
        assert body["compare"]["id"] == BEFORE
        assert body["stores"] == (stores or sorted(shops.stores.values()))


def test_the_margin_is_that_of_the_scorecard(owner: ValidatingClient, shops: World) -> None:
    """Both sides of CM3 and net sales are the scorecard's; points add up; subtotals walk down to CM3."""
    store = str(shops.stores["JP"])
    body = decomposition(owner, "margin", store=store)
    cards = [get(owner, "scorecards/weekly", period=p, store=store, explain="true") for p in (BEFORE, WEEK)]
    for side, card in zip(("before", "after"), cards, strict=True):
        sums = line(card, "cm3_pct")["explain"]["measures"]
        net, cm3 = (
            sum(sign * Decimal(sums[key]) for sign, key in formula.terms) for formula in (NET_SALES, CM3)
        )
        assert abs(Decimal(body["result"][side]) - cm3 / net) < CLOSE
        assert abs(Decimal(body["subtotals"][0][side]) - net) < CLOSE
    points = sum(Decimal(n["points"]) for n in body["nodes"] if n["points"] is not None)
    assert abs(points - Decimal(body["result"]["change"])) < CLOSE
    nodes = {node["key"]: node for node in body["nodes"]}
    landed = [row for row in body["cost_lines"] if row["of"] == "landed_cost"]
    assert {row["key"] for row in landed} >= {"purchase", "first_leg"}
    for side in ("before", "after", "contribution", "points"):
        told = sum(Decimal(row[side]) for row in landed)
        assert abs(told - Decimal(nodes["landed_cost"][side])) < CLOSE, side
    last = body["subtotals"][-1]
    assert abs(sum(Decimal(n["after"]) for n in body["nodes"]) - Decimal(last["after"])) < CLOSE
    heads = {n["key"]: Decimal(n["after"]) for n in body["nodes"] if n["points"] is None}
    assert set(heads) == {"price_paid", "tax", "discounts", "refunds"}
    assert abs(sum(heads.values()) - Decimal(body["subtotals"][0]["after"])) < CLOSE


def test_sales_of_one_store_are_the_product_of_the_factors(owner: ValidatingClient, shops: World) -> None:
    """Visits × orders per visit × units per order × price × what is left = net sales, before and after."""
    body = decomposition(owner, "sales", store=str(shops.stores["US"]))
    for side in ("before", "after"):
        product = Decimal(1)
        for node in body["nodes"]:
            product *= Decimal(node[side])
        assert abs(product - Decimal(body["result"][side])) < Decimal("1e-4")


def test_acos_tells_what_a_click_may_cost(owner: ValidatingClient, shops: World) -> None:
    """Break-even ACoS is CM2/net sales; the dearest click is the limit × sales per click."""
    store = str(shops.stores["US"])
    body = decomposition(owner, "acos", store=store)
    card = get(owner, "scorecards/weekly", period=WEEK, store=store)
    limits = body["limits"]
    margin = line(card, "gross_margin_pct")["value"]
    if margin is not None:
        assert abs(Decimal(limits["break_even_acos"]) - Decimal(margin)) < Decimal("1e-5")
    per_click = {node["key"]: Decimal(node["after"]) for node in body["nodes"]}
    sales_per_click = 1 / (per_click["clicks_per_order"] * per_click["orders_per_sale"])
    limit = max(Decimal(limits["target_acos"] or limits["break_even_acos"]), Decimal(0))
    assert abs(Decimal(limits["max_cost_per_click"]) - limit * sales_per_click) < CLOSE


@pytest.mark.parametrize("by", ["store", "day", "sku"])
def test_a_breakdown_adds_up(owner: ValidatingClient, shops: World, by: str) -> None:
    """The parts of a sum add up to it; a ratio's parts have its numerator and denominator."""
    store = str(shops.stores["MX"])
    body = get(owner, "kpis/net_sales/breakdown", period=WEEK, store=store, by=by)
    parts = sum(Decimal(part["value"]["amount"]) for part in body["parts"])
    assert abs(parts - Decimal(body["value"]["amount"])) <= Decimal("0.01") * len(body["parts"])
    ratio = get(owner, "kpis/gross_margin_pct/breakdown", period=WEEK, store=store, by=by)
    assert len(ratio["parts"]) == len(body["parts"]) or by == "sku"


def test_the_rows_behind_a_number_add_up_to_it(owner: ValidatingClient, shops: World) -> None:
    """All pages of the order lines give the units; nothing that stands for a person is shown."""
    store = str(shops.stores["US"])
    rows: list[dict[str, Any]] = []
    query: dict[str, Any] = {"period": WEEK, "store": store, "limit": 3}
    while True:
        page = get(owner, "kpis/units/rows", **query)
        rows += page["data"]
        if page["page"]["next"] is None:
            break
        query["cursor"] = page["page"]["next"]
    live = [row for row in rows if row["status"] != "cancelled" and not row["is_replacement"]]
    card = get(owner, "kpis/units/breakdown", period=WEEK, store=store)
    assert sum(row["quantity"] for row in live) == Decimal(card["value"])
    assert len({row["id"] for row in rows}) == len(rows)
    assert not {"buyer_hash", "run_id"} & rows[0].keys()
    charges = get(owner, "kpis/net_sales/rows", period=WEEK, store=store, source="charges")
    refunds = sum(Decimal(row["amount"]) for row in charges["data"] if row["kind"] == "refund")
    lines = get(owner, "kpis/net_sales/breakdown", period=WEEK, store=store)
    assert refunds <= 0
    assert lines["value"] is not None


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("decompositions/margin?period=2020-W01", 422, "net sales"),
        ("decompositions/rate-mix?period=2026-W31&kpi=units", 422, "not a ratio"),
        ("decompositions/rate-mix?period=2026-W31&kpi=conversion_rate&by=sku", 422, "not known by SKU"),
        ("decompositions/rate-mix?period=2026-W31&kpi=nothing", 404, "nothing"),
        ("decompositions/margin?period=2026-W31&store=99999", 404, "99999"),
        ("decompositions/margin?period=week", 422, "period"),
        ("decompositions/margin", 400, "period"),
        ("kpis/conversion_rate/breakdown?period=2026-W31&by=sku", 422, "not known by SKU"),
        ("kpis/net_sales/rows?period=2026-W31&source=traffic", 422, "order_lines"),
        ("kpis/sessions/rows?period=2026-W31&sku=MUG", 200, ""),
    ],
)
def test_what_cannot_be_told_is_refused(
    owner: ValidatingClient, shops: World, path: str, status: int, word: str
) -> None:
    """The problem says in words what is the matter."""
    response = owner.get(f"{BASE}/{path}")
    assert response.status_code == status, response.content
    assert word in response.content.decode()
