"""Prices of bundles: inside the discounts, above the floor, and whether they pay."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.engine.bundles import BundlePrice, Part, suggest
from pricing.engine.contribution import evaluate, keeps
from pricing.structure import Cost
from tests.pricing.recommendations.listings import STRUCTURE

PARTS = (
    Part("TENT", 1, D("29.99"), evaluate(STRUCTURE, D("29.99")).contribution),
    Part("PEG", 2, D("9.99"), D("2.10")),
)


def bundle(
    landed: str = "14.00", least: str = "0.05", most: str = "0.20", target: str = "0.20"
) -> BundlePrice:
    """A bundle of a tent and two sets of pegs that costs `landed`."""
    structure = replace(STRUCTURE, costs=(Cost("landed", D(landed)),))
    return suggest(
        structure,
        PARTS,
        floor_margin=D(0),
        target_margin=D(target),
        least_discount=D(least),
        most_discount=D(most),
    )


@settings(max_examples=60, deadline=None)
@given(
    landed=st.integers(200, 4500).map(lambda cents: str(D(cents) / 100)),
    least=st.integers(0, 10),
    width=st.integers(0, 30),
    target=st.integers(0, 50),
)
def test_a_price_is_within_the_discounts_and_above_the_floor(
    landed: str, least: int, width: int, target: int
) -> None:
    """Always both, or no price with the reason why."""
    found = bundle(landed, str(D(least) / 100), str(D(least + width) / 100), str(D(target) / 100))
    structure = replace(STRUCTURE, costs=(Cost("landed", D(landed)),))
    if found.price is None:
        assert [reason.code for reason in found.reasons] == ["bundle_below_floor"]
        return
    assert keeps(structure, found.price, D(0))
    off = 1 - found.price / found.parts_price
    assert D(least) / 100 <= off
    assert found.lowest is not None
    assert found.lowest <= found.price <= found.highest
    missed = "target_margin_missed" in {reason.code for reason in found.reasons}
    assert missed or keeps(structure, found.price, D(target) / 100)


def test_it_pays_as_long_as_few_would_have_bought_the_parts() -> None:
    """The share at which the bundle leaves exactly what its parts would have left."""
    found = bundle()
    assert found.result is not None
    lost = PARTS[0].contribution + 2 * PARTS[1].contribution
    assert found.share_allowed == min(found.result.contribution / lost, D(1))
    dear = bundle(landed="24.00")
    assert dear.result is not None
    assert dear.share_allowed == dear.result.contribution / lost < 1
    assert "cannibalises" in {reason.code for reason in dear.reasons}


def test_a_bundle_has_parts() -> None:
    """Nothing is suggested for none."""
    with pytest.raises(ValueError, match="parts"):
        suggest(
            STRUCTURE,
            (),
            floor_margin=D(0),
            target_margin=D(0),
            least_discount=D(0),
            most_discount=D(0),
        )
