"""The truth equals a recount of what the simulator serves, made by a parser of these tests' own."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.simulator.truth import Truth
from connectors.simulator.world import World
from tests.connectors.simulator.caller import Caller
from tests.connectors.simulator.conftest import NOW

STORES = ("harbor-us", "kumo-us", "kumo-jp", "harbor-mx")
WINDOWS = ((date(2026, 11, 9), date(2026, 11, 15)), (date(2026, 11, 16), date(2026, 11, 20)))
LONG_AGO = "2026-09-01T00:00:00Z"
TAX = {"JP": (Decimal("0.10"), Decimal(1)), "MX": (Decimal("0.16"), Decimal("0.01"))}


class Recount:
    """Everything a client can download of one store, counted line by line."""

    def __init__(self, caller: Caller, first: date, last: date) -> None:
        self.caller, self.first, self.last = caller, first, last
        self.market = caller.store.market
        self.zone = ZoneInfo(self.market.time_zone)
        self.day_of: dict[str, date] = {}
        self.live: list[tuple[str, str, int, Decimal]] = []
        self.sums: defaultdict[str, Decimal] = defaultdict(Decimal)

    def orders(self) -> None:
        """Read the all-orders file in windows of thirty days; the last version of an order counts."""
        rows: dict[str, list[dict[str, str]]] = {}
        at = datetime(2026, 8, 22, tzinfo=UTC)
        while at < NOW:
            until = min(at + timedelta(days=30), NOW)
            kind = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
            for row in self.caller.table(kind, _z(at), _z(until)):
                rows.setdefault(row["amazon-order-id"], []).append(row)
            at = until
        for order_id, lines in rows.items():
            self.day_of[order_id] = (
                datetime.fromisoformat(lines[0]["purchase-date"]).astimezone(self.zone).date()
            )
            if self.first <= self.day_of[order_id] <= self.last:
                for row in lines:
                    self._line(order_id, row)
        self.sums["orders"] = Decimal(len({order_id for order_id, _, _, _ in self.live}))

    def _line(self, order_id: str, row: dict[str, str]) -> None:
        if row["is-replacement-order"] == "true":
            return
        price, discount = Decimal(row["item-price"]), Decimal(row["item-promotion-discount"] or 0)
        if self.market.code in TAX:
            rate, step = TAX[self.market.code]
            tax = Decimal(row["item-tax"]) if row["item-tax"] else _round(price * rate / (1 + rate), step)
            net = price - tax
            discount = _round(discount * net / price, step)
        else:
            net = price
        self.sums["gmv_ordered"] += net
        if "Cancelled" in (row["item-status"], row["order-status"]):
            assert row["quantity"] == "0"
            return
        quantity = int(row["quantity"])
        self.live.append((order_id, row["sku"], quantity, net))
        self.sums["units"] += quantity
        self.sums["live_sales"] += net - discount - Decimal(row.get("points-granted") or 0)
        if row["order-status"] == "Shipped":
            self.sums["units_shipped"] += quantity

    def finances(self) -> None:
        """Walk the breakdown trees; a released twin of a deferred transaction is the same money again."""
        fees = {
            "Commission": "platform_fees_charged",
            "FBAPerUnitFulfillmentFee": "fulfilment_fees_charged",
            "RefundCommission": "return_fees",
            "FBACustomerReturnPerUnitFee": "return_fees",
            "FBAStorageFee": "storage_fees",
            "FBALongTermStorageFee": "storage_fees",
            "Subscription": "subscription_fees",
        }
        by_posted = {"storage_fees", "subscription_fees"}
        charged = set()
        for transaction in self.caller.pages(
            "/finances/2024-06-19/transactions",
            "nextToken",
            "transactions",
            postedAfter="2026-08-20T00:00:00Z",
            postedBefore=_z(NOW - timedelta(minutes=3)),
            marketplaceId=self.caller.marketplace,
        ):
            names = {
                r["relatedIdentifierName"]: r["relatedIdentifierValue"]
                for r in transaction["relatedIdentifiers"]
            }
            if "DEFERRED_TRANSACTION_ID" in names:
                continue
            order = names.get("ORDER_ID", "")
            posted = datetime.fromisoformat(transaction["postedDate"]).astimezone(self.zone).date()
            if transaction["transactionType"] == "Shipment":
                charged.add(order)
            total = Decimal(0)
            for path, amount in _leaves(transaction):
                total += amount
                name = next((fees[part] for part in path if part in fees), "")
                day = posted if name in by_posted else self.day_of.get(order, posted)
                if not self.first <= day <= self.last:
                    continue
                if name:
                    self.sums[name] -= amount
                elif transaction["transactionType"] == "Refund" and "OurPricePrincipal" in path:
                    self.sums["refunds"] += amount
            assert total == Decimal(str(transaction["totalAmount"]["currencyAmount"]))
        self._estimates({order for order, _, _, _ in self.live} - charged)

    def _estimates(self, uncharged: set[str]) -> None:
        """What Amazon estimates for the orders without a charge yet."""
        known: dict[str, tuple[Decimal, Decimal]] = {}
        for order, sku, quantity, _ in self.live:
            if order not in uncharged:
                continue
            if sku not in known:
                known[sku] = self._ask(sku)
            self.sums["units_uncharged"] += quantity
            self.sums["platform_fees_estimated"] += quantity * known[sku][0]
            self.sums["fulfilment_fees_estimated"] += quantity * known[sku][1]

    def _ask(self, sku: str) -> tuple[Decimal, Decimal]:
        price = next(product.price for product in self.caller.store.products if product.sku == sku)
        money = {"CurrencyCode": self.market.currency, "Amount": float(price)}
        wanted = {
            "MarketplaceId": self.caller.marketplace,
            "IsAmazonFulfilled": True,
            "PriceToEstimateFees": {"ListingPrice": money},
            "Identifier": sku,
        }
        ask = [{"FeesEstimateRequest": wanted, "IdType": "SellerSKU", "IdValue": sku}]
        (answer,) = json.loads(
            self.caller.post("/products/fees/v0/feesEstimate", ask).text, parse_float=Decimal
        )
        fees = {
            f["FeeType"]: Decimal(f["FinalFee"]["Amount"]) for f in answer["FeesEstimate"]["FeeDetailList"]
        }
        return fees["ReferralFee"] + fees["VariableClosingFee"], fees["FBAFees"]

    def returns(self) -> None:
        """Units that came back, by their order's day."""
        rows: list[dict[str, str]] = []
        for start, end in ((LONG_AGO, "2026-10-15T00:00:00Z"), ("2026-10-15T00:00:00Z", _z(NOW))):
            rows += self.caller.table("GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA", start, end)
        for row in rows:
            if self.first <= self.day_of[row["order-id"]] <= self.last:
                self.sums["units_returned"] += int(row["quantity"])

    def visits_and_ads(self) -> None:
        """The sales and traffic report and the advertising report."""
        body = self.caller.report(
            "GET_SALES_AND_TRAFFIC_REPORT",
            f"{self.first}T00:00:00Z",
            f"{self.last}T00:00:00Z",
            dateGranularity="DAY",
            asinGranularity="SKU",
        )
        for day in json.loads(body, parse_float=Decimal)["salesAndTrafficByDate"]:
            views, share = day["trafficByDate"]["pageViews"], day["trafficByDate"]["buyBoxPercentage"]
            self.sums["sessions"] += day["trafficByDate"]["sessions"]
            self.sums["page_views"] += views
            self.sums["buy_box_views"] += Decimal(share) / 100 * views
            self.sums["traffic_units"] += day["salesByDate"]["unitsOrdered"]
        today = NOW.astimezone(self.zone).date()
        for row in self.caller.ads_rows(str(self.first), str(min(self.last, today - timedelta(days=1)))):
            self.sums["ad_spend"] += Decimal(row["cost"])
            self.sums["ad_sales"] += Decimal(row["sales7d"])
            self.sums["ad_clicks"] += row["clicks"]

    def stock_and_service(self) -> None:
        """The ledger's sellable rows of active listings, and the ratings."""
        found = self.caller.pages(
            f"/listings/2021-08-01/items/{self.caller.store.seller_id}",
            "pageToken",
            "items",
            marketplaceIds=self.caller.marketplace,
            includedData="summaries",
        )
        active = {item["sku"] for item in found if "BUYABLE" in item["summaries"][0]["status"]}
        for row in self.caller.table(
            "GET_LEDGER_SUMMARY_VIEW_DATA", f"{self.first}T00:00:00Z", f"{self.last}T23:59:59Z"
        ):
            if row["Disposition"] == "SELLABLE" and row["MSKU"] in active:
                self.sums["sku_days"] += 1
                self.sums["stockout_sku_days"] += row["Ending Warehouse Balance"] == "0"
        for row in self.caller.table("GET_SELLER_FEEDBACK_DATA", LONG_AGO, _z(NOW)):
            day = _feedback_day(row["date"], self.market.code)
            if self.first <= day <= self.last:
                self.sums["feedback_stars"] += int(row["rating"])
                self.sums["feedback_count"] += 1


def _feedback_day(text: str, market: str) -> date:
    parts = [int(part) for part in text.split("/")]
    return date(*parts) if market == "JP" else date(2000 + parts[2], parts[0], parts[1])


def _z(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _round(amount: Decimal, step: Decimal) -> Decimal:
    return amount.quantize(step, rounding=ROUND_HALF_UP)


def _leaves(transaction: dict[str, Any]) -> list[tuple[tuple[str, ...], Decimal]]:
    trees = [tree for item in transaction["items"] for tree in item["breakdowns"]] or transaction[
        "breakdowns"
    ]

    def walk(node: dict[str, Any], path: tuple[str, ...]) -> list[tuple[tuple[str, ...], Decimal]]:
        path = (*path, node["breakdownType"])
        if node["breakdowns"]:
            return [leaf for child in node["breakdowns"] for leaf in walk(child, path)]
        return [(path, Decimal(str(node["breakdownAmount"]["currencyAmount"])))]

    return [leaf for tree in trees for leaf in walk(tree, ())]


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize(("first", "last"), WINDOWS)
def test_truth_equals_a_recount_of_the_served_documents(
    caller: Callable[[str], Caller], world: World, store: str, first: date, last: date
) -> None:
    """Every sum that documents can show equals the truth exactly, to the last cent."""
    recount = Recount(caller(store), first, last)
    recount.orders()
    recount.finances()
    recount.returns()
    recount.visits_and_ads()
    recount.stock_and_service()
    truth = Truth(world, NOW).measures(store, first, last)
    counted = {name: value for name, value in recount.sums.items() if value}
    assert counted == {name: truth.get(name) for name in counted}
    unseen = {
        "cogs_sold",
        "cogs_returned",
        "unit_costs_other",
        "inventory_cost",
        "fx_level",
        "fx_level_before",
    }
    unseen |= {name for name in truth if name.startswith(("aged_", "price_", "odr", "late_"))}
    assert {name for name, value in truth.items() if value} - set(counted) <= unseen


def test_the_search_and_the_file_tell_of_the_same_orders(caller: Callable[[str], Caller]) -> None:
    """Both order sources name the same lines with the same prices, discounts, points and states."""
    one = caller("kumo-jp")
    kind = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
    start, end = "2026-11-10T00:00:00Z", _z(NOW - timedelta(minutes=2))
    filed = {}
    for row in one.table(kind, start, end):
        filed[row["amazon-order-id"], row["sku"]] = (
            Decimal(row["item-price"]),
            Decimal(row["item-promotion-discount"] or 0),
            Decimal(row["points-granted"] or 0),
            (row["item-status"] or "Pending").upper(),
        )
    searched = {}
    included = "PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT"
    for order in one.pages(
        "/orders/2026-01-01/orders",
        "paginationToken",
        "orders",
        marketplaceIds=one.marketplace,
        lastUpdatedAfter=start,
        lastUpdatedBefore=end,
        includedData=included,
    ):
        for item in order["orderItems"]:
            parts = {b["type"]: b for b in item["proceeds"]["breakdowns"]}
            cut = parts.get("DISCOUNT", {}).get("detailedBreakdowns", [])
            points = item.get("expense", {}).get("pointsCost", {}).get("pointsGranted", {})
            is_gone = "cancellation" in item
            searched[order["orderId"], item["product"]["sellerSku"]] = (
                Decimal(parts["ITEM"]["subtotal"]["amount"]),
                -sum((Decimal(d["value"]["amount"]) for d in cut if d["subtype"] == "ITEM"), Decimal(0)),
                Decimal(points.get("pointsMonetaryValue", {}).get("amount", 0)),
                "CANCELLED" if is_gone else order["fulfillment"]["fulfillmentStatus"],
            )
    assert len(filed) > 50
    assert filed == searched


def test_momentary_figures_count_on_the_day_they_were_told(world: World) -> None:
    """Asked once now: age as of yesterday, prices and account health as of today, and none before."""
    truth = Truth(world, NOW)
    today = truth.kpis("kumo-jp", date(2026, 11, 19), date(2026, 11, 21))
    week = truth.kpis("kumo-jp", date(2026, 11, 9), date(2026, 11, 15))
    for key in (
        "aged_90_share",
        "aged_180_share",
        "odr",
        "late_shipment_rate",
        "price_competitiveness_index",
    ):
        assert today[key] is not None
        assert week[key] is None
    index = today["price_competitiveness_index"]
    assert index is not None
    assert Decimal("0.8") < index < Decimal("1.1")


def test_a_zero_denominator_is_none(world: World) -> None:
    """Before the world began nothing is known, and no ratio is zero for it."""
    nothing = Truth(world, NOW).kpis("kumo-us", date(2026, 1, 1), date(2026, 1, 7))
    assert nothing["units"] == 0
    assert all(
        nothing[key] is None
        for key in ("aov", "gross_margin_pct", "acos", "conversion_rate", "stockout_rate")
    )


def test_all_twenty_five_kpis_are_there(world: World) -> None:
    """The first set of KPIs, by key."""
    listed = (
        "gmv_ordered net_sales units orders aov asp gross_margin_pct roi sessions conversion_rate buy_box_pct"
        " ad_spend acos tacos roas return_rate stockout_rate inventory_turnover_days aged_90_share"
        " aged_180_share odr late_shipment_rate seller_feedback_score price_competitiveness_index"
        " fx_change_pct"
    )
    expected = set(listed.split())
    assert set(Truth(world, NOW).kpis("kumo-jp", *WINDOWS[0])) == expected
