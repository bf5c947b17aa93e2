"""KPIs of exchange rates."""

from __future__ import annotations

from kpis.engine.definitions import KPI, Move, Names
from kpis.types import Basis, Direction, Position, Unit

FX: tuple[KPI, ...] = (
    Move(
        key="fx_change_pct",
        family="finance",
        names=Names("汇率波动", "FX move vs reference", "為替変動率", "Movimiento cambiario"),
        formula=(
            "store currency per reporting currency at the end of the period / at the end of the period before"
            " − 1; several stores: the furthest move"
        ),
        level="fx_level",
        unit=Unit.FRACTION,
        direction=Direction.ABS,
        basis=Basis.RATE,
        settles_after_days=1,
        position=Position.FINANCE,
        window="D",
        needs=(),
        source="S0 scene 6, S4 scene 7; numbers proposed; reference: the former period's last rate",
    ),
)
