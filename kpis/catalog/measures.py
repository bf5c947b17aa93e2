"""The explicit tables of everything that may be summed; a new measure is a value in its own file."""

from __future__ import annotations

from kpis.catalog.measures_ads import AD_MEASURES, ADS
from kpis.catalog.measures_charges import CHARGE_MEASURES, CHARGES
from kpis.catalog.measures_evidence import EVIDENCE
from kpis.catalog.measures_expenses import CUSTOMS_DUTY, EXPENSE_MEASURES, EXPENSES
from kpis.catalog.measures_growth import BUYERS, GROWTH_MEASURES
from kpis.catalog.measures_history import HISTORY, HISTORY_MEASURES
from kpis.catalog.measures_inventory import (
    INVENTORY_AGE,
    INVENTORY_DAY,
    INVENTORY_MEASURES,
    STOCK_REPORTS,
)
from kpis.catalog.measures_operations import OPERATIONS_MEASURES, OPERATIONS_SOURCES
from kpis.catalog.measures_pricing import EXCHANGE, OFFERS, PRICING_MEASURES
from kpis.catalog.measures_results import RESULT_MEASURES, SKU_RESULT
from kpis.catalog.measures_sales import (
    FUNNEL,
    NEW_LISTINGS,
    ORDER_LINES,
    RANKS,
    RETURNED_FULFILMENT,
    RETURNS,
    SALES_MEASURES,
    TRAFFIC,
)
from kpis.catalog.measures_service import FEEDBACK, PERFORMANCE, SERVICE_MEASURES
from kpis.catalog.measures_trailing import (
    AD_TARGETS,
    INBOUND_FLOW,
    SKU_ACTIVITY,
    TRAILING_MEASURES,
)
from kpis.engine.measures import Measures, Sources

SOURCES: Sources = {
    source.key: source
    for source in (
        ORDER_LINES,
        RETURNS,
        CHARGES,
        TRAFFIC,
        ADS,
        INVENTORY_DAY,
        INVENTORY_AGE,
        PERFORMANCE,
        FEEDBACK,
        OFFERS,
        EXCHANGE,
        EVIDENCE,
        *OPERATIONS_SOURCES,
        RETURNED_FULFILMENT,
        FUNNEL,
        RANKS,
        NEW_LISTINGS,
        EXPENSES,
        CUSTOMS_DUTY,
        STOCK_REPORTS,
        SKU_ACTIVITY,
        SKU_RESULT,
        AD_TARGETS,
        HISTORY,
        INBOUND_FLOW,
        BUYERS,
    )
}

ALL_MEASURES = (
    *SALES_MEASURES,
    *CHARGE_MEASURES,
    *AD_MEASURES,
    *INVENTORY_MEASURES,
    *SERVICE_MEASURES,
    *PRICING_MEASURES,
    *OPERATIONS_MEASURES,
    *EXPENSE_MEASURES,
    *TRAILING_MEASURES,
    *RESULT_MEASURES,
    *HISTORY_MEASURES,
    *GROWTH_MEASURES,
)

MEASURES: Measures = {measure.key: measure for measure in ALL_MEASURES}
