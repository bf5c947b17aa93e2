"""What the random world holds beyond sales and stock: deliveries, voices, papers, payouts, the team's work."""

from __future__ import annotations

import random
from datetime import date


def make_operations(rng: random.Random, store_id: int, market: str, days: list[date]) -> None:
    """Fill one store with operational facts of `days`; `tests.kpis.world` calls it last for every store."""
