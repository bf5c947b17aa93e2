"""KPIs of cash: how long it takes, what is lost on the way, and what is hedged."""

from __future__ import annotations

from kpis.catalog import formulas as f
from kpis.catalog.inventory import INVENTORY
from kpis.engine.definitions import KPI, Names, Ratio, Snapshot
from kpis.engine.kinds import Combination
from kpis.engine.linear import measure
from kpis.types import Basis, Direction, Position, Reason, Unit

PAYOUTS = ("payouts",)

_INVENTORY_DAYS = next(kpi for kpi in INVENTORY if kpi.key == "inventory_turnover_days")
_COLLECTION = Ratio(
    key="cash_collection_days",
    family="finance",
    names=Names("回款天数", "Cash collection days", "入金日数", "Días de cobro"),
    formula="Σ amount × days from order to bank / Σ amount, over payouts on the day they were paid",
    numerator=measure("payouts_waited"),
    denominator=measure("payouts_received"),
    reason_when_zero=Reason.NO_PAYOUTS,
    unit=Unit.DAYS,
    direction=Direction.DOWN,
    basis=Basis.POSTED,
    settles_after_days=3,
    needs=(PAYOUTS,),
    source=("Amazon DD+7 from 2026-03-12 (ecommercebytes.com); TikTok 1, 5, 8 or 31 days (hyperfocus.tech)"),
    position=Position.FINANCE,
    window="M",
)
# A part of the cash conversion cycle, no KPI of its own: the catalogue does not list it.
_PAYABLE = Snapshot(
    key="payable_days",
    family="finance",
    names=Names("应付账款天数", "Payable days", "買掛債務回転日数", "Días de pago"),
    formula="Σ amount × days until suppliers are paid / Σ amount, at the last check",
    numerator=measure("payable_days_good"),
    denominator=measure("payable_days_of"),
    reason_when_zero=Reason.NO_CHECKS,
    unit=Unit.DAYS,
    direction=Direction.UP,
    basis=Basis.OBSERVED,
    settles_after_days=31,
    needs=(("evidence.payable_days",),),
    source="definition",
    position=Position.FINANCE,
    window="M",
)

FINANCE: tuple[KPI, ...] = (
    _COLLECTION,
    Combination(
        key="cash_conversion_cycle",
        family="finance",
        names=Names("现金周转周期", "Cash conversion cycle", "CCC", "Ciclo de conversión de efectivo"),
        formula=(
            "inventory days + days from order to bank − days until suppliers are paid; the three beside it"
        ),
        parts=((1, _INVENTORY_DAYS), (1, _COLLECTION), (-1, _PAYABLE)),
        unit=Unit.DAYS,
        direction=Direction.DOWN,
        basis=Basis.SNAPSHOT,
        settles_after_days=31,
        needs=(f.INVENTORY, f.ORDERS_STREAMS, PAYOUTS, ("evidence.payable_days",)),
        needs_costs=_INVENTORY_DAYS.needs_costs,
        source="proposed",
        position=Position.FINANCE,
        stages=("mature",),
        window="M",
    ),
    Ratio(
        key="fx_loss_rate",
        family="finance",
        names=Names("汇损率", "FX loss rate", "為替差損率", "Pérdida cambiaria"),
        formula="Σ payout × (1 − payout's rate / booked rate) / net sales; a gain counts against losses",
        numerator=measure("exchange_loss"),
        denominator=f.NET_SALES,
        reason_when_zero=Reason.NO_SALES,
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.POSTED,
        settles_after_days=30,
        needs=(PAYOUTS, f.ORDERS_STREAMS, f.FINANCES),
        source="S0 pitfall 4; numbers proposed",
        position=Position.FINANCE,
        window="M",
    ),
    Snapshot(
        key="hedge_coverage",
        family="finance",
        names=Names("锁汇覆盖率", "Hedge coverage", "為替ヘッジ率", "Cobertura cambiaria"),
        formula=(
            "currency hedged for the next 90 days / net exposure expected in the next 90 days, at the"
            " last check"
        ),
        numerator=measure("hedge_coverage_good"),
        denominator=measure("hedge_coverage_of"),
        reason_when_zero=Reason.NO_EXPOSURE,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=0,
        needs=(("evidence.hedge_coverage",),),
        source="S0; proposed",
        position=Position.FINANCE,
        stages=("mature",),
        window="PIT",
    ),
    Ratio(
        key="settlement_gap_rate",
        family="finance",
        names=Names(
            "结算对账差异率", "Settlement reconciliation gap", "入金照合差異率", "Diferencia de conciliación"
        ),
        formula=(
            "Σ |expected payout − payout| / Σ expected payout; gaps of opposite sign do not hide each other"
        ),
        numerator=measure("payouts_gap"),
        denominator=measure("payouts_expected"),
        reason_when_zero=Reason.NO_PAYOUTS,
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.POSTED,
        settles_after_days=3,
        needs=(PAYOUTS,),
        source="S3 FAQ (settlements come 3 days late); numbers proposed",
        position=Position.FINANCE,
        window="settlement",
    ),
)
