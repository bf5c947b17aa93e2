"""What speaks against a price test before it is planned or begun, and what its length can show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from config.lib.errors import FieldError, Invalid
from connectors.selectors.stores import get_store
from connectors.types import StoreRef
from pricing.engine.contribution import keeps
from pricing.engine.power import ALPHA, Planned, plan_power
from pricing.engine.switchback import Design, permitted_assignments
from pricing.engine.trial import Guardrails
from pricing.models import PriceLock
from pricing.rules.checks import check_price
from pricing.selectors.context import get_context
from pricing.selectors.experiments import list_open_tests, past_figures, pilot_of, window_of_days
from pricing.selectors.price_histories import history_of
from pricing.selectors.promotions import windows_of
from pricing.selectors.rule_sets import load_active
from pricing.types import LockKind, PricingContext

LEAST_WASHOUT = 1
MOST_DAYS = 180


@dataclass(frozen=True, slots=True)
class TrialDraft:
    """A test as somebody plans it. `wanted` is the smallest change that must show, as a share of what a
    session keeps now; an empty `seed` is drawn."""

    store_id: int
    sku: str
    name: str
    control: Decimal
    treatment: Decimal
    start_on: date
    blocks: int
    block_days: int
    washout_days: int
    wanted: Decimal
    guardrails: Guardrails = field(default_factory=Guardrails)
    seed: str = ""


def design_for(*, start_on: date, blocks: int, block_days: int, washout_days: int, today: date) -> Design:
    """A design; `Invalid` where it is none, or does not lie ahead of `today`."""
    faults = []
    if start_on <= today:
        faults.append(FieldError("/start_on", "A test begins on a later shop day than today.", "past"))
    if washout_days < LEAST_WASHOUT:
        detail = "The day of a change shows both prices: at least one day of a block is washed out."
        faults.append(FieldError("/washout_days", detail, "range"))
    if blocks * block_days > MOST_DAYS:
        faults.append(FieldError("/blocks", f"A test has at most {MOST_DAYS} days.", "range"))
    try:
        design = Design(start_on, blocks, block_days, washout_days)
    except ValueError as error:
        raise Invalid(errors=[*faults, FieldError("/blocks", f"{error}.".capitalize(), "design")]) from error
    if faults:
        raise Invalid(errors=faults)
    return design


def find_faults(
    context: PricingContext, prices: Mapping[str, Decimal], design: Design, *, test_id: int | None = None
) -> list[FieldError]:
    """Everything that forbids a test of these prices (by the member that names each) in these days."""
    store = get_store(context.store_id)
    return [*_price_faults(context, prices), *_window_faults(store, context.sku, design, test_id)]


def _price_faults(context: PricingContext, prices: Mapping[str, Decimal]) -> Iterator[FieldError]:
    if context.missing:
        yield FieldError("/sku", f"Nobody knows {', '.join(context.missing)}.", "missing")
        return
    rules = load_active(context.store_id).of(context)
    margins = [context.floor_margin] + ([] if rules is None else [rules.floor_margin(context)])
    bounds = context.bounds
    history = history_of(store_id=context.store_id, sku=context.sku, on=context.on)
    for name, price in prices.items():
        if not keeps(context.structure, price, max(margins)):
            yield FieldError(f"/{name}", f"{price:f} does not keep the floor.", "below_floor")
        if (bounds.lowest is not None and price < bounds.lowest) or (
            bounds.highest is not None and price > bounds.highest
        ):
            yield FieldError(f"/{name}", f"{price:f} is outside the listing's bounds.", "out_of_bounds")
        for check in check_price(context, price, history):
            if check.blocks:
                yield FieldError(f"/{name}", f"{check.text} ({check.reference})", check.code)


def _window_faults(store: StoreRef, sku: str, design: Design, test_id: int | None) -> Iterator[FieldError]:
    """What else moves or holds the price in the days of the test."""
    for window in windows_of(store, [sku]).get(sku, []):
        if window.first <= design.last and window.last >= design.start:
            text = f"Promotion {window.promotion_id} runs from {window.first} to {window.last}."
            yield FieldError("/start_on", text, "promotion")
    for row in list_open_tests(store.id, sku):
        if row["id"] != test_id:
            yield FieldError("/sku", f"Test {row['id']} of the listing is {row['state']}.", "test")
    pilot = pilot_of(store.id, sku)
    if pilot is not None:
        yield FieldError("/sku", f"The listing is part of pilot {pilot}.", "pilot")
    begin, end = window_of_days(store, design.start, design.last)
    held = PriceLock.objects.filter(
        Q(until_at__isnull=True) | Q(until_at__gt=begin),
        store_id=store.id,
        sku=sku,
        from_at__lt=end,
        released_at__isnull=True,
    ).exclude(kind__in=(LockKind.PROMOTION.value, LockKind.TEST.value))
    for kind, reason in held.values_list("kind", "reason"):
        yield FieldError("/sku", f"The price is locked ({kind}): {reason}", "locked")


def power_of(context: PricingContext, design: Design, wanted: Decimal) -> Planned:
    """What the listing's last eight weeks say of a design, with today's cost structure."""
    store = get_store(context.store_id)
    return plan_power(
        [float(each) for each in past_figures(store, context.sku, context.structure, context.on)],
        blocks=design.blocks,
        block_days=design.block_days,
        washout_days=design.washout_days,
        wanted=float(wanted),
    )


def warnings_of(planned: Planned, design: Design, seed: str) -> list[dict[str, str]]:
    """What a test of this length cannot show."""
    found = []
    if planned.detectable is None:
        text = f"{planned.history_days} days with visits and one price are too few to say what will show"
        found.append({"code": "no_history", "text": text})
    elif not planned.is_long_enough:
        text = (
            f"a change of {planned.wanted:.1%} needs {planned.days_needed} days; these "
            f"{design.blocks * design.block_days} show changes from {planned.detectable:.1%} on"
        )
        found.append({"code": "too_short", "text": text})
    least = 2 / len(permitted_assignments(design, seed=seed))
    if least > ALPHA:
        text = f"with so few blocks no result can be rarer than p = {least:.3f}: it can never show anything"
        found.append({"code": "few_draws", "text": text})
    return found


def context_for(store_id: int, sku: str) -> PricingContext:
    """What is known of the listing; `NotFound` for an unknown store or listing."""
    get_store(store_id)
    return get_context(store_id, sku)


def plain(planned: Planned) -> dict[str, Any]:
    """What history promised in plain values, figures as text."""

    def text(value: float | None) -> str | None:
        return None if value is None else format(Decimal(repr(round(value, 6))), "f")

    return {
        "history_days": planned.history_days,
        "mean": text(planned.mean),
        "deviation": text(planned.deviation),
        "autocorrelation": text(planned.autocorrelation),
        "counted_days": planned.counted_days,
        "detectable": text(planned.detectable),
        "wanted": text(planned.wanted),
        "days_needed": planned.days_needed,
        "is_long_enough": planned.is_long_enough,
    }
