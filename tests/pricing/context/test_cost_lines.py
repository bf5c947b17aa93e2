"""Costs read for many SKUs at once are those that connectors tells of each one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from config.lib.errors import NotFound
from connectors.selectors.landed_costs import get_landed_cost
from connectors.selectors.stores import get_store
from pricing.engine.landed import Measured, landed_lines
from pricing.selectors.cost_lines import read_cost_facts
from tests.kpis.world import World
from tests.kpis.world_costs import SKUS
from tests.pricing.context.shops import ON


@pytest.mark.parametrize("market", ["US", "JP", "MX"])
@pytest.mark.parametrize("channel", ["platform", "merchant"])
@pytest.mark.parametrize("on", [ON, date(2026, 7, 20)])
def test_set_wise_costs_equal_those_of_connectors(market: str, channel: str, on: date, world: World) -> None:
    """Every line of every SKU: amount, currency, conversion, rate, source, confidence."""
    store = get_store(world.stores[market])
    facts = read_cost_facts(store=store, channels=dict.fromkeys(SKUS, channel), on=on)
    compared = 0
    for sku in SKUS:
        try:
            known = get_landed_cost(store=store, sku=sku, channel=channel, on=on)
        except NotFound:
            assert sku not in facts.sheets
            assert facts.measured.get(sku, Measured()).units == 0
            continue
        lines = landed_lines(
            sheet=facts.sheets.get(sku),
            measured=facts.measured.get(sku, Measured()),
            store=facts.store,
            estimate=facts.estimates.get(sku),
            convert=facts.convert,
        )
        ours = [
            (each.name, each.amount, each.own, each.rate, each.rate_on, each.source, each.confidence)
            for each in lines
        ]
        theirs = [
            (
                each.line,
                each.amount and each.amount.amount,
                each.converted and each.converted.amount,
                each.rate,
                each.rate_on,
                each.source,
                each.confidence.value,
            )
            for each in known.lines
        ]
        assert ours == theirs
        compared += sum(each.own is not None for each in lines)
    assert compared > 15


def test_the_same_sheet_serves_both_channels_unless_one_has_its_own(world: World) -> None:
    """An amount is per unit and exact."""
    store = get_store(world.stores["JP"])
    facts = read_cost_facts(store=store, channels={"TENT": "platform"}, on=ON)
    assert all(isinstance(money.amount, Decimal) for money in facts.sheets["TENT"].lines.values())
