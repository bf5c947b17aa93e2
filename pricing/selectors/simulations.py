"""What a listing keeps at a price, line by line, and what it would keep if something were different.

Nothing is written: facts are read, and the arithmetic is that of floors and suggestions.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from config.lib.errors import BadRequest, FieldError, Invalid, NotFound
from pricing.engine.build import Built, build, with_amounts
from pricing.engine.contribution import Contribution, evaluate
from pricing.engine.solve import Root, Solution, find_root, solve
from pricing.engine.what_if import WhatIf, suppose
from pricing.selectors.context import Loaded, facts_of, load, margins_of
from pricing.types import UsedLine

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class ComponentView:
    """A part of a bundle: how many, its own price, and what one of it leaves by itself at that price."""

    sku: str
    quantity: int
    price: Decimal | None
    contribution: Decimal | None


@dataclass(frozen=True, slots=True)
class BundleView:
    """What a bundle stands against: `parts_contribution` is what its parts leave when bought one by one.

    `loss_per_buyer` is what is lost on a buyer of the bundle who would have bought the parts anyway
    (negative: the bundle leaves more). None where a part's own figures are not known.
    """

    components: tuple[ComponentView, ...]
    parts_price: Decimal | None
    parts_contribution: Decimal | None
    loss_per_buyer: Decimal | None

    @property
    def note(self) -> str:
        """What the figures mean, in a sentence."""
        if self.loss_per_buyer is None:
            return "What the parts leave by themselves is not known, so nobody can say what the bundle takes."
        if self.loss_per_buyer <= 0:
            return "Even a buyer who would have bought the parts anyway leaves no less with the bundle."
        return (
            f"A buyer who would have bought the parts anyway leaves {self.loss_per_buyer} less: the bundle "
            "pays by buyers who would not."
        )


@dataclass(frozen=True, slots=True)
class PriceView:
    """A listing at a price on a day: what is left, of which lines, and where its floors are."""

    sku: str
    title: str
    on: date
    price: Decimal | None
    result: Contribution | None
    lines: tuple[UsedLine, ...]
    missing: tuple[str, ...]
    floor_margin: Decimal
    target_margin: Decimal
    break_even: Root
    solution: Solution
    bundle: BundleView | None = None


@dataclass(frozen=True, slots=True)
class Simulated:
    """A listing as it is and as it would be, with both at every price that was asked for."""

    base: PriceView
    changed: PriceView
    base_at: tuple[Contribution, ...]
    changed_at: tuple[Contribution, ...]


def get_price_view(
    *, store_id: int, sku: str, price: Decimal | None = None, on: date | None = None
) -> PriceView:
    """Return what a listing keeps at a price (None: its present one) on a shop day (None: today).

    A later day knows the costs and fees that are recorded for it; what is measured stays that of today.
    `NotFound` where the store does not list the SKU, `BadRequest` for a price that is no tick.
    """
    loaded = load(store_id=store_id, skus=[sku], on=on)
    if sku not in loaded.listings:
        raise NotFound(f"store {store_id} has no listing {sku!r}")
    floor_margin, target_margin = margins_of(loaded, sku)
    built = build(facts_of(loaded, sku), target_margin)
    _check_price(built, price)
    view = _view(loaded, sku, built, price, floor_margin, target_margin)
    if not loaded.profile_of(sku).components or view.result is None:
        return view
    return _with_bundle(view, loaded)


def simulate(
    *, store_id: int, skus: Collection[str], what: WhatIf, prices: Sequence[Decimal], on: date | None = None
) -> list[Simulated]:
    """Return listings as they are and as they would be, at their present price and at each of `prices`.

    `NotFound` names SKUs that the store does not list, `Invalid` prices that are no ticks.
    """
    loaded = load(store_id=store_id, skus=skus, on=on)
    unknown = [sku for sku in skus if sku not in loaded.listings]
    if unknown:
        raise NotFound(f"store {store_id} has no listing {', '.join(unknown)}")
    return [_simulated(loaded, sku, what, prices) for sku in loaded.listings]


def _simulated(loaded: Loaded, sku: str, what: WhatIf, prices: Sequence[Decimal]) -> Simulated:
    facts = facts_of(loaded, sku)
    floor_margin, target_margin = margins_of(loaded, sku)
    base = build(facts, target_margin)
    for n, price in enumerate(prices):
        _check_price(base, price, f"/prices/{n}")
    new_floor = floor_margin if what.floor_margin is None else what.floor_margin
    new_target = target_margin if what.target_margin is None else what.target_margin
    changed = suppose(facts, what, new_target)
    return Simulated(
        _view(loaded, sku, base, None, floor_margin, target_margin),
        _view(loaded, sku, changed, None, new_floor, new_target),
        tuple(evaluate(base.structure, price) for price in prices),
        tuple(evaluate(changed.structure, price) for price in prices),
    )


def _view(
    loaded: Loaded,
    sku: str,
    built: Built,
    price: Decimal | None,
    floor_margin: Decimal,
    target_margin: Decimal,
) -> PriceView:
    row = loaded.listings[sku]
    at = row.price if price is None else price
    structure = built.structure
    solution = solve(structure, (floor_margin, target_margin))
    return PriceView(
        sku=sku,
        title=row.title,
        on=loaded.on,
        price=at,
        result=evaluate(structure, at) if at else None,
        lines=with_amounts(structure, built.lines, at),
        missing=built.missing,
        floor_margin=floor_margin,
        target_margin=target_margin,
        break_even=solution.floor if floor_margin == 0 else find_root(structure, ZERO),
        solution=solution,
    )


def _with_bundle(view: PriceView, loaded: Loaded) -> PriceView:
    profile = loaded.profile_of(view.sku)
    parts = load(
        store_id=loaded.store.id, skus=[part.sku for part in profile.components], at=loaded.at, on=loaded.on
    )
    components = []
    for part in profile.components:
        row = parts.listings.get(part.sku)
        left = None
        if row is not None and row.price:
            built = build(facts_of(parts, part.sku))
            left = None if built.missing else evaluate(built.structure, row.price).contribution
        components.append(ComponentView(part.sku, part.quantity, row.price if row else None, left))
    price = _weighted([(each.quantity, each.price) for each in components])
    left = _weighted([(each.quantity, each.contribution) for each in components])
    loss = None if left is None or view.result is None else left - view.result.contribution
    bundle = BundleView(tuple(components), price, left, loss)
    return PriceView(
        **{name: getattr(view, name) for name in PriceView.__slots__ if name != "bundle"}, bundle=bundle
    )


def _weighted(parts: Sequence[tuple[int, Decimal | None]]) -> Decimal | None:
    known = [quantity * value for quantity, value in parts if value is not None]
    return sum(known, ZERO) if len(known) == len(parts) else None


def _check_price(built: Built, price: Decimal | None, pointer: str = "") -> None:
    structure = built.structure
    if price is None or (0 < price <= structure.highest and price % structure.tick == 0):
        return
    told = f"A price is a multiple of {structure.tick} {structure.currency} up to {structure.highest}."
    if not pointer:
        raise BadRequest(errors=[FieldError("", told, "not_a_tick", parameter="price")])
    raise Invalid(errors=[FieldError(pointer, told, "not_a_tick")])
