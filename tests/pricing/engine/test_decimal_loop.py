"""The `Decimal` loop, by which millions of rows are checked, against a scan of every tick and the columns."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from pricing.engine.shape import structure_of
from pricing.engine.vector import Priced, price_many
from pricing.engine.vector_endings import ENDINGS
from pricing.rules.endings import charm
from pricing.structure import BandFee, CostStructure, MultipleFee, RateFee
from tests.pricing import oracle
from tests.pricing.decimal_loop import DecimalLoop, skus_of
from tests.pricing.engine.batches import SHAPES, make_batch


@pytest.mark.parametrize("market", SHAPES)
def test_the_loop_finds_what_a_scan_finds(market: str) -> None:
    """Shapes with their bounds pulled together to 150 ticks, odd rows too: floor and target of every row."""
    shape = SHAPES[market]
    unit = shape.tick
    small = replace(
        shape,
        highest=150 * unit,
        rate_bounds=tuple((40 + 35 * n) * unit for n in range(len(shape.rate_bounds))),
        bands=tuple(((55 + 30 * n) * unit, inclusive) for n, (_, inclusive) in enumerate(shape.bands)),
    )
    batch = make_batch(small, 20, 31, odd=True)
    loop, columns = DecimalLoop(small), price_many(batch)
    for row, sku in enumerate(skus_of(batch)):
        expected = oracle.solve(case_of(structure_of(batch, row)))
        for margin, name in ((Decimal(0), "floor"), (sku.target, "target")):
            found = loop.lowest(sku, margin)
            assert getattr(columns, name)[row] == (-1 if found is None else int(found * 100))
            assert (None if found is None else int(found / loop.tick)) == expected[f"{name}_min"]


@pytest.mark.parametrize("is_odd", [False, True], ids=["usual", "odd"])
@pytest.mark.parametrize("market", ["US", "JP", "MX"])
def test_columns_and_loop_agree_in_everything(market: str, is_odd: bool) -> None:
    """Floor, target, price, contribution, margin and reasons of every row."""
    batch = make_batch(SHAPES[market], 300, 32, odd=is_odd)
    found = price_many(batch, ENDINGS[market])
    loop = DecimalLoop(batch.shape, market)
    expected = np.array([loop.price(sku) for sku in skus_of(batch)])
    for number, name in enumerate(Priced.__slots__):
        assert np.array_equal(getattr(found, name), expected[:, number]), name


@pytest.mark.parametrize("market", ["US", "JP", "MX"])
def test_the_loops_endings_are_those_of_the_rules(market: str) -> None:
    """From 1 to 20,000, with floors at, below and above the target."""
    rng = np.random.default_rng(33)
    loop = DecimalLoop(SHAPES[market], market)
    for _ in range(300):
        target = Decimal(int(10 ** rng.uniform(2, 6))) / 100
        target = target if market != "JP" else max(target.to_integral_value(), Decimal(1))
        floor = target * Decimal(int(rng.integers(90, 100))) / 100
        allowed = charm(market, target, lambda price, floor=floor: bool(price >= floor))  # type: ignore[misc]
        assert loop.ending(target, lambda price, floor=floor: bool(price >= floor)) == allowed  # type: ignore[misc]


def case_of(structure: CostStructure) -> oracle.Case:
    """A row's structure as a price case."""
    fees: list[oracle.Case] = []
    for fee in structure.fees:
        told: oracle.Case = {"name": fee.name}
        if fee.tax.value != "ex":
            told["vat"] = fee.tax.value
        if isinstance(fee, RateFee):
            tiers = [[_text(tier.upper), _text(tier.rate)] for tier in fee.tiers]
            told |= {"kind": "rate", "mode": fee.mode.value, "tiers": tiers, "min": _text(fee.minimum)}
        elif isinstance(fee, BandFee):
            bands = [[_text(band.upper), band.is_inclusive, _text(band.amount)] for band in fee.bands]
            told |= {"kind": "band", "bands": bands}
        elif isinstance(fee, MultipleFee):
            told |= {"kind": "mult", "of": fee.of, "rate": _text(fee.rate)}
        fees.append(told)
    return {
        "vat": _text(structure.tax_rate),
        "tick": _text(structure.tick),
        "minor": _text(structure.billing_unit),
        "pmax": _text(structure.highest),
        "target": _text(structure.target_margin),
        "fees": fees,
        "costs": {cost.name: _text(cost.amount) for cost in structure.costs},
        "ads": {"type": "pct", "rate": _text(getattr(structure.ads, "rate", Decimal(0)))},
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
