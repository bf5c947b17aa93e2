"""The explicit table of every KPI, in the order scorecards show them; what is not listed does not exist."""

from __future__ import annotations

from kpis.catalog.account_health import ACCOUNT_HEALTH
from kpis.catalog.ads import ADS
from kpis.catalog.compliance import COMPLIANCE
from kpis.catalog.finance import FINANCE
from kpis.catalog.fulfilment import FULFILMENT
from kpis.catalog.fx import FX
from kpis.catalog.growth import GROWTH
from kpis.catalog.inventory import INVENTORY
from kpis.catalog.measures import ALL_MEASURES, MEASURES, SOURCES
from kpis.catalog.pricing import PRICING
from kpis.catalog.profit import PROFIT
from kpis.catalog.sales import SALES
from kpis.catalog.service import SERVICE
from kpis.catalog.team import TEAM
from kpis.engine.definitions import KPI

ALL_KPIS: tuple[KPI, ...] = (
    *SALES,
    *PROFIT,
    *ADS,
    *INVENTORY,
    *FULFILMENT,
    *SERVICE,
    *ACCOUNT_HEALTH,
    *COMPLIANCE,
    *PRICING,
    *FX,
    *FINANCE,
    *TEAM,
    *GROWTH,
)

CATALOG: dict[str, KPI] = {kpi.key: kpi for kpi in ALL_KPIS}

__all__ = ["ALL_KPIS", "ALL_MEASURES", "CATALOG", "MEASURES", "SOURCES"]
