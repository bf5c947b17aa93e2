"""The money lines that several KPIs share, as sums of measures (the margin tree of the domain reference, §4).

cm2 = net sales − landed cost of goods − platform, fulfilment, storage and return fees − other unit costs;
cm3 = cm2 − advertising. Advertising is never in the gross margin.
"""

from __future__ import annotations

from kpis.engine.definitions import CostNeed
from kpis.engine.linear import measure

ORDERS_STREAMS = ("orders", "orders_report")
FINANCES = ("finances",)
RETURNS = ("returns",)
TRAFFIC = ("traffic",)
ADS = ("sp_advertised_product",)
INVENTORY = ("inventory", "inventory_ledger")
INVENTORY_AGE = ("inventory_planning",)
ACCOUNT_HEALTH = ("account_health",)
FEEDBACK = ("seller_feedback",)
OFFERS = ("offers",)
LISTINGS = ("listings",)
FUNNEL = ("funnel",)
RANKS = ("ranks",)
EXPENSES = ("expenses",)
CUSTOMS = ("customs",)
INBOUND = ("inbound",)
STOCK_REPORTS = ("performance",)

GMV = measure("gmv_ordered")
UNITS = measure("units")
ORDERS = measure("orders")
NET_SALES = measure("live_sales") + measure("refunds")
COGS = measure("cogs_sold") - measure("cogs_returned")
PLATFORM_FEES = (
    measure("platform_fees_charged") + measure("platform_fees_estimated") + measure("subscription_fees")
)
FULFILMENT_FEES = measure("fulfilment_fees_charged") + measure("fulfilment_fees_estimated")
STORAGE_FEES = measure("storage_fees")
RETURN_FEES = measure("return_fees")
UNIT_COSTS_OTHER = measure("unit_costs_other")
AD_SPEND = measure("ad_spend")
AD_SALES = measure("ad_sales")
AD_CLICKS = measure("ad_clicks")
OVERHEAD = measure("overhead") + measure("fx_losses") + measure("non_creditable_tax")
ACQUISITION_SPEND = measure("acquisition_spend")
MARKETING = AD_SPEND + measure("marketing_spend") + ACQUISITION_SPEND

CM2 = NET_SALES - COGS - PLATFORM_FEES - FULFILMENT_FEES - STORAGE_FEES - RETURN_FEES - UNIT_COSTS_OTHER
CM3 = CM2 - AD_SPEND
CASH_COST = COGS + PLATFORM_FEES + FULFILMENT_FEES + AD_SPEND

COSTS_OF_SALES = (CostNeed("units", "units_with_cost", "units_without_rate"),)
COSTS_OF_STOCK = (CostNeed("held_units", "held_units_with_cost", "held_units_without_rate"),)
COSTS_OF_AGED_STOCK = (CostNeed("aged_stock_units", "aged_units_with_cost", "aged_units_without_rate"),)

COSTS_OF_RESULTS = (CostNeed("result_units", "result_units_with_cost", "result_units_without_rate"),)

MARGIN_STREAMS = (ORDERS_STREAMS, FINANCES, RETURNS)
