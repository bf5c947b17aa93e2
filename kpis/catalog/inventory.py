"""KPIs of stock: is it there, does it move, does it grow old."""

from __future__ import annotations

from kpis.catalog import formulas as f
from kpis.engine.definitions import KPI, Names, Ratio, Snapshot, Turnover
from kpis.engine.linear import measure
from kpis.types import Basis, Direction, Reason, Unit

INVENTORY: tuple[KPI, ...] = (
    Ratio(
        key="stockout_rate",
        family="inventory",
        names=Names("缺货率", "Stock-out rate", "欠品率", "Tasa de quiebre"),
        formula="SKU-days with no sellable unit / active SKU-days",
        numerator=measure("stockout_sku_days"),
        denominator=measure("sku_days"),
        reason_when_zero=Reason.NO_STOCK,
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.SNAPSHOT,
        settles_after_days=1,
        needs=(f.INVENTORY,),
        source="S3 (> 5 % is an alert)",
    ),
    Turnover(
        key="inventory_turnover_days",
        family="inventory",
        names=Names("库存周转天数", "Inventory turnover days", "在庫回転日数", "Días de rotación"),
        formula="mean (sellable + reserved units) × landed cost × days of the period / landed COGS",
        level=measure("inventory_cost"),
        flow=f.COGS,
        reason_when_zero=Reason.NO_SALES,
        unit=Unit.DAYS,
        direction=Direction.DOWN,
        basis=Basis.SNAPSHOT,
        settles_after_days=2,
        needs=(f.INVENTORY, f.ORDERS_STREAMS),
        needs_costs=f.COSTS_OF_STOCK + f.COSTS_OF_SALES,
        source="S2 (≤ 45 days); mean of daily snapshots",
    ),
    Snapshot(
        key="aged_90_share",
        family="inventory",
        names=Names("90天以上库龄占比", "Stock aged >90d", "90日超在庫比率", "Inventario >90 días"),
        formula="landed cost of units older than 90 days / landed cost of all units, last age report",
        numerator=measure("aged_90_cost"),
        denominator=measure("aged_stock_cost"),
        reason_when_zero=Reason.NO_STOCK,
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.SNAPSHOT,
        settles_after_days=1,
        needs=(f.INVENTORY_AGE,),
        needs_costs=f.COSTS_OF_AGED_STOCK,
        source="S2 (stock older than 90 days → clearance)",
    ),
    Snapshot(
        key="aged_180_share",
        family="inventory",
        names=Names("180天以上库龄占比", "Stock aged >180d", "180日超在庫比率", "Inventario >180 días"),
        formula="units older than 180 days / all units, last age report",
        numerator=measure("aged_180_units"),
        denominator=measure("aged_stock_units"),
        reason_when_zero=Reason.NO_STOCK,
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.SNAPSHOT,
        settles_after_days=1,
        needs=(f.INVENTORY_AGE,),
        source="Amazon pages (US aged surcharge from day 181, JP 271)",
    ),
)
