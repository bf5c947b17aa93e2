"""Listings and rule sets to test with: one plain listing to vary by hand, and worlds drawn at random.

Worlds are drawn by a seeded `random.Random` and not by Hypothesis' own draws: a hundred times cheaper, so
that tests can look at ten thousand of them. Hypothesis chooses the seeds and tells the one that fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

from pricing.rules.actions import ACTIONS
from pricing.rules.actions.base import Parameter, ParameterType, Value
from pricing.rules.conditions import operators_of
from pricing.rules.signals import SIGNALS, Signal, SignalType
from pricing.rules.syntax import (
    ActionCall,
    AllOf,
    AnyOf,
    Clause,
    Condition,
    Limits,
    Not,
    Operator,
    Rule,
    RuleSet,
)
from pricing.structure import (
    AdsByShare,
    Band,
    BandFee,
    Cost,
    CostStructure,
    FeeTax,
    FixedFee,
    RateFee,
    Returns,
    Tier,
    TierMode,
)
from pricing.types import Bounds, InputAge, Lock, LockKind, Objective, PricingContext, RivalView
from pricing.types import Tier as Part

D = Decimal
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
PLAIN = CostStructure(
    currency="USD",
    tax_rate=D(0),
    tick=D("0.01"),
    billing_unit=D("0.01"),
    highest=D(2000),
    fees=(
        RateFee("referral", (Tier(None, D("0.15")),), minimum=D("0.30")),
        FixedFee("fulfilment", D("4.60")),
    ),
    costs=(Cost("landed", D("8.00")),),
    target_margin=D("0.25"),
)
"""Breaks even at 14.82 and keeps 20 % from 19.39 (referral 15 %, 12.60 of other costs)."""


def listing(**changes: Any) -> PricingContext:
    """A US listing at 30.00 of which everything is known, fresh and unlocked; `changes` replace members."""
    base = PricingContext(
        store_id=1,
        sku="TENT",
        product_id="B0TENT",
        market="US",
        platform="amazon_sp",
        channel="platform",
        currency="USD",
        at=AT,
        on=AT.date(),
        price=D("30.00"),
        price_as_of=AT,
        structure=PLAIN,
        lines=(),
        missing=(),
        floor_margin=D(0),
        target_margin=D("0.25"),
        rivals=RivalView(D("28.50"), D("28.00"), D("30.00"), False, 3, AT),
        rank=8,
        stock_units=100,
        cover_days=D(40),
        stock_age_days=30,
        acos=D("0.20"),
        fx_move=D("0.01"),
        fee_change=D(0),
        stage="mature",
        tier=Part.REGULAR,
        objective=Objective.PROFIT,
        bounds=Bounds(),
        locks=(),
        ages=(InputAge("competitor_offers", AT, 24, is_fresh=True),),
        last_changed_at=AT - timedelta(hours=30),
        changes_today=0,
        day_start_price=D("30.00"),
        units_per_day=D("2.5"),
        elasticity=D("-2.5"),
    )
    return replace(base, **changes)


def rule_set(
    *rules: Rule,
    uses_endings: bool = False,
    ranges: dict[str, tuple[Decimal, Decimal]] | None = None,
    **limits: Any,
) -> RuleSet:
    """A rule set with so many rules and, where nothing else is said, the ordinary limits and no endings."""
    return RuleSet("a set", rules, Limits(**limits), ranges or {}, uses_endings)


def percent(by: str, *, when: Clause | None = None, key: str = "rule", until: str | None = None) -> Rule:
    """A rule that moves the price by a share, always unless `when` is given."""
    call = ActionCall("percent", {"by": D(by)})
    return Rule(key, when or AllOf(()), call, None if until is None else D(until))


T = TypeVar("T")

_SCALES = {"US": D(1), "JP": D(100), "MX": D(20)}
_CURRENCIES = {"US": "USD", "JP": "JPY", "MX": "MXN"}
_TAXES = {"US": D(0), "JP": D("0.10"), "MX": D("0.16")}


def seeded(make: Callable[[Random], T]) -> st.SearchStrategy[T]:
    """A strategy over everything `make` draws."""
    return st.integers(0, 2**32 - 1).map(lambda seed: make(Random(seed)))


def draw_structure(rng: Random, market: str) -> CostStructure:
    """Costs of a market: flat, whole-price or marginal referral tiers, bands, advertising, returns."""
    scale, tick = _SCALES[market], D(1) if market == "JP" else D("0.01")
    rates = sorted((_decimal(rng, "0.02", "0.2", 3), _decimal(rng, "0.02", "0.2", 3)))
    mode = rng.choice(list(TierMode))
    bound = _decimal(rng, "5", "60", 0) * scale
    tiers = (Tier(bound, rates[0]), Tier(None, rates[1]))
    tax = FeeTax.EX if market == "US" else rng.choice(list(FeeTax))
    small, large = _decimal(rng, "1", "6", 2) * scale, _decimal(rng, "1", "8", 2) * scale
    bands = (
        Band(_decimal(rng, "5", "60", 0) * scale, rng.random() < 0.5, small),
        Band(None, True, large),
    )
    returns = Returns(
        _decimal(rng, "0.01", "0.2", 2), D("0.2"), D(5) * scale, D(1) * scale, D("0.5"), D(4) * scale
    )
    return CostStructure(
        currency=_CURRENCIES[market],
        tax_rate=_TAXES[market],
        tick=tick,
        billing_unit=tick,
        highest=D(400) * scale,
        fees=(
            RateFee(
                "referral",
                tiers[1:] if mode is TierMode.FLAT else tiers,
                mode,
                minimum=D("0.30") * scale,
                tax=tax,
            ),
            BandFee("fulfilment", bands, tax),
        ),
        costs=(Cost("landed", _decimal(rng, "1", "30", 2) * scale),),
        ads=rng.choice([None, AdsByShare(D("0.05")), AdsByShare(D("0.12"))]),
        returns=rng.choice([None, returns]),
        target_margin=D("0.20"),
    )


def draw_context(rng: Random) -> PricingContext:
    """Any listing of any market: prices below and above the floor, known and unknown inputs.

    About one in three is stopped by a gate; a world of locks and stale data would test nothing else.
    """
    market = rng.choice(list(_SCALES))
    structure = draw_structure(rng, market)
    scale, tick = _SCALES[market], structure.tick

    def price(low: str, high: str) -> Decimal:
        raw = _decimal(rng, low, high, 2) * scale
        return max((raw / tick).to_integral_value() * tick, tick)

    def perhaps(value: T) -> T | None:
        return value if rng.random() < 0.8 else None

    own = price("8", "90")
    near = own * _decimal(rng, "0.7", "1.3", 2)
    bounds = sorted((price("2", "40"), price("20", "120")))
    is_bound = rng.random() < 0.3
    return listing(
        market=market,
        currency=structure.currency,
        platform=rng.choice(["amazon_sp", "mercado_libre"]),
        structure=structure,
        price=own,
        day_start_price=rng.choice([None, own, own + tick]),
        floor_margin=_decimal(rng, "0", "0.2", 2),
        target_margin=_decimal(rng, "0.05", "0.4", 2),
        rivals=RivalView(
            perhaps(near), perhaps(near * 2), perhaps(own + tick), perhaps(rng.random() < 0.5), 2, AT
        ),
        rank=perhaps(rng.randint(1, 100)),
        stock_units=rng.choice([0, *[100] * 15]),
        cover_days=perhaps(_decimal(rng, "0", "200", 1)),
        stock_age_days=perhaps(rng.randint(0, 400)),
        acos=perhaps(_decimal(rng, "0", "0.8", 2)),
        fx_move=perhaps(_decimal(rng, "-0.1", "0.1", 3)),
        fee_change=perhaps(_decimal(rng, "-0.05", "0.05", 3)),
        tier=rng.choice(list(Part)),
        objective=rng.choice(list(Objective)),
        bounds=Bounds(bounds[0], bounds[1], bounds[0]) if is_bound else Bounds(),
        locks=(Lock(rng.choice(list(LockKind)), 1, None, "busy"),) if rng.random() < 0.05 else (),
        ages=(InputAge("fees", AT - timedelta(days=1), 720, is_fresh=rng.random() < 0.95),),
        last_changed_at=AT - timedelta(hours=rng.randint(0, 100)) if rng.random() < 0.5 else None,
        changes_today=rng.choice([0, 0, 0, 0, 1]),
        units_per_day=perhaps(_decimal(rng, "0", "50", 1)),
        elasticity=perhaps(_decimal(rng, "-4", "-0.5", 1)),
        regular_price=perhaps(own),
        family_below=perhaps(own * D("0.8")),
        events=rng.choice([(), ("black_friday",), ("black_friday", "peak")]),
    )


def draw_condition(rng: Random) -> Condition:
    """A comparison of any signal with a value of its kind."""
    signal = rng.choice(list(SIGNALS.values()))
    op = rng.choice(list(operators_of(signal)))
    return Condition(signal.key, op, _wanted(rng, signal, op))


def draw_clause(rng: Random, depth: int = 0) -> Clause:
    """A condition, or all, any and not of some; often one that always holds."""
    kind = rng.randrange(6) if depth < 3 else 0
    if kind == 0:
        return draw_condition(rng)
    if kind == 1:
        return Not(draw_clause(rng, depth + 1))
    if kind in (2, 3):
        inner = tuple(draw_clause(rng, depth + 1) for _ in range(rng.randint(1, 2)))
        return AllOf(inner) if kind == 2 else AnyOf(inner)
    return AllOf(())


def draw_call(rng: Random) -> ActionCall:
    """A call of any action with values that the parser would take."""
    action = rng.choice([each for each in ACTIONS.values() for _ in range(1 if each.key == "hold" else 4)])
    while True:
        values = {
            each.name: _value(rng, each)
            for each in action.parameters
            if each.is_required or rng.random() < 0.5
        }
        if action.fault(values) is None:
            return ActionCall(action.key, values)


def draw_rule_set(rng: Random) -> RuleSet:
    """A rule set that the parser would take, limits of every width included."""
    rules = tuple(
        Rule(
            f"r{n}",
            draw_clause(rng),
            draw_call(rng),
            _decimal(rng, "0", "0.3", 2) if rng.random() < 0.4 else None,
        )
        for n in range(rng.randint(1, 3))
    )
    limits = Limits(
        floor_margin=_decimal(rng, "0", "0.2", 2),
        max_step=_decimal(rng, "0.01", "0.5", 2),
        max_day_move=_decimal(rng, "0.01", "0.6", 2),
        cadence_hours=rng.randint(4, 48),
        changes_per_day=rng.randint(1, 3),
        least_move=rng.choice([D(0), D("0.005"), D("0.02")]),
    )
    return RuleSet("any", rules, limits, {}, rng.random() < 0.6)


def contexts() -> st.SearchStrategy[PricingContext]:
    """Any listing."""
    return seeded(draw_context)


def rule_sets() -> st.SearchStrategy[RuleSet]:
    """Any rule set."""
    return seeded(draw_rule_set)


def _decimal(rng: Random, low: str, high: str, places: int) -> Decimal:
    scale = 10**places
    return D(rng.randint(int(D(low) * scale), int(D(high) * scale))).scaleb(-places)


def _wanted(rng: Random, signal: Signal, op: Operator) -> Decimal | str | bool | tuple[str, ...]:
    if signal.type is SignalType.FLAG:
        return rng.random() < 0.5
    if signal.type is SignalType.FRACTION:
        return _decimal(rng, "0" if signal.low == 0 else "-0.2", "0.5", 2)
    if signal.is_numeric:
        return _decimal(rng, "1", "7" if signal.type is SignalType.COUNT else "100", 0)
    words = signal.choices or ("mature", "black_friday", "peak")
    return (rng.choice(words), rng.choice(words)) if op is Operator.IN else rng.choice(words)


def _value(rng: Random, parameter: Parameter) -> Value:
    if parameter.type is ParameterType.CHOICE:
        return rng.choice(parameter.choices)
    if parameter.type is ParameterType.STEPS:
        return rng.choice([((D(91), D("0.05")), (D(181), D("0.35"))), ((D(0), D("0.9")),)])
    if parameter.type is ParameterType.MONEY:
        return _decimal(rng, "-2", "2", 2)
    return _decimal(rng, str(parameter.low), str(parameter.high), 2)
