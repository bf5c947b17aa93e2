"""May a promotion run as planned? Depth against the floor, rest between two, former prices that stay true.

Days are the shop's own. A promotion touches every shop day on which it runs at all; the limits on rest and on
the share of days hold per listing, over promotions before and after.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from enum import StrEnum

from config.lib.calendars import business_day, zone
from pricing.engine.contribution import keeps
from pricing.engine.double_pricing import STANDARDS, judge_former_price
from pricing.engine.price_history import DatedPrice, PriceHistory, PriceKind
from pricing.structure import Cost, CostStructure
from pricing.types import PriceCheck

ZERO = Decimal(0)
DAY = timedelta(days=1)
COOL_DOWN_DAYS = 14
WINDOW_DAYS = 56
MOST_SHARE = Decimal("0.40")
MOST_RESTORE_HOURS = 4
RESTORE_TOLERANCE = Decimal("0.005")

_PROPOSED = "domain reference, section 8 (proposed: the Japanese rule then stays true by itself)"


class PromotionState(StrEnum):
    """Where a promotion stands; `ended` waits for proof that the prices are back."""

    PLANNED = "planned"
    RUNNING = "running"
    ENDED = "ended"
    RESTORED = "restored"
    NOT_RESTORED = "not_restored"
    CANCELLED = "cancelled"


LIVE = (PromotionState.PLANNED, PromotionState.RUNNING)
STEPS: dict[PromotionState, frozenset[PromotionState]] = {
    PromotionState.PLANNED: frozenset({PromotionState.RUNNING, PromotionState.CANCELLED}),
    PromotionState.RUNNING: frozenset({PromotionState.ENDED, PromotionState.CANCELLED}),
    PromotionState.ENDED: frozenset({PromotionState.RESTORED, PromotionState.NOT_RESTORED}),
    PromotionState.NOT_RESTORED: frozenset({PromotionState.RESTORED}),
    PromotionState.RESTORED: frozenset(),
    PromotionState.CANCELLED: frozenset(),
}


class NoSuchTime(ValueError):
    """The clocks of the time zone never show this time on this day."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a unit costs beside the lower price. Shares are of what the buyer pays (`ad_uplift_share`: of net
    revenue). The floor must hold for a buyer who uses the coupon, so the share of use does not count here."""

    coupon_amount: Decimal = ZERO
    coupon_share: Decimal = ZERO
    coupon_fee_amount: Decimal = ZERO
    coupon_fee_share: Decimal = ZERO
    points_share: Decimal = ZERO
    ad_uplift_share: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Window:
    """The shop days that a promotion touches, both included."""

    first: date
    last: date
    promotion_id: int = 0

    @property
    def days(self) -> set[date]:
        """Every day of it."""
        return {self.first + n * DAY for n in range((self.last - self.first).days + 1)}


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """One listing of a plan with what is known of it. `structure` is None where its costs are not known;
    `others` are its other promotions, `units_per_day` what it sells without one."""

    sku: str
    promo_price: Decimal
    pre_price: Decimal
    restore_price: Decimal
    structure: CostStructure | None
    floor_margin: Decimal
    history: PriceHistory
    others: tuple[Window, ...] = ()
    units_per_day: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A promotion as planned: when, at what terms, with which listings; planned on the shop day `today`."""

    market: str
    window: Window
    today: date
    terms: Terms
    shows_reference: bool
    items: tuple[PlannedItem, ...]
    budget: Decimal | None = None
    expected_uplift: Decimal | None = None


def instant_of(day: date, at: time, time_zone: str, *, is_end: bool = False) -> datetime:
    """The instant at which the clocks of a zone show a time on a day.

    A time that they show twice (the hour after summer time ends) is the first for a start and the second for
    an end, so that a promotion runs the whole of it. `NoSuchTime` where summer time leaves it out.
    """
    where = zone(time_zone)
    local = datetime.combine(day, at, tzinfo=where).replace(fold=1 if is_end else 0)
    instant = local.astimezone(UTC)
    if instant.astimezone(where).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise NoSuchTime(f"{day.isoformat()} {at.isoformat('minutes')} does not exist in {time_zone}")
    return instant


def window_of(starts_at: datetime, ends_at: datetime, time_zone: str, promotion_id: int = 0) -> Window:
    """The shop days from a start to just before an end."""
    last = business_day(ends_at - timedelta(microseconds=1), time_zone)
    return Window(business_day(starts_at, time_zone), last, promotion_id)


def promoted(structure: CostStructure, price: Decimal, terms: Terms) -> tuple[CostStructure, Decimal]:
    """The structure of a unit sold at a promotion's price, and what a buyer with the coupon pays for it.

    The coupon's fee, the points and additional advertising are costs of that unit; each is rounded up.
    """
    unit = structure.billing_unit
    off = max(terms.coupon_amount, (price * terms.coupon_share).quantize(unit, ROUND_HALF_UP))
    paid = max(price - off, ZERO)
    net = paid / (1 + structure.tax_rate)
    extra = (
        ("coupon_fee", terms.coupon_fee_amount + paid * terms.coupon_fee_share if off else ZERO),
        ("points", paid * terms.points_share),
        ("ad_uplift", net * terms.ad_uplift_share),
    )
    costs = tuple(Cost(name, amount.quantize(unit, ROUND_CEILING)) for name, amount in extra if amount)
    return replace(structure, costs=structure.costs + costs), paid


def keeps_floor(structure: CostStructure, price: Decimal, terms: Terms, margin: Decimal) -> bool:
    """Does a unit at a promotion's price keep a margin, with coupon, points and additional advertising?"""
    whole, paid = promoted(structure, price, terms)
    return paid > 0 and keeps(whole, paid, margin)


def check_plan(plan: Plan) -> tuple[PriceCheck, ...]:
    """Everything that speaks against a plan, what blocks it first; nothing: it may run."""
    found = [check for item in plan.items for check in _of_item(plan, item)]
    found.extend(_budget(plan))
    return tuple(sorted(found, key=lambda check: not check.blocks))


def rhythm(windows: Iterable[Window], on: date) -> tuple[int, int | None]:
    """Promotion days within the eight weeks up to a day, and days since the last one (None: none before)."""
    days = {day for window in windows for day in window.days if day <= on}
    recent = sum(day > on - WINDOW_DAYS * DAY for day in days)
    return recent, (on - max(days)).days if days else None


def is_back(observed: Decimal, restore: Decimal) -> bool:
    """Is an observed price the one to be restored? At most 0.5 % below it; a higher one is no promotion."""
    return observed >= restore * (1 - RESTORE_TOLERANCE)


def _of_item(plan: Plan, item: PlannedItem) -> Iterable[PriceCheck]:
    yield from _prices(item)
    yield from _depth(plan, item)
    yield from _overlap(plan, item)
    yield from _cool_down(plan, item)
    yield from _share(plan, item)
    yield from _reference(plan, item)


def _prices(item: PlannedItem) -> Iterable[PriceCheck]:
    if item.promo_price >= item.pre_price:
        values = {"sku": item.sku, "promotion": str(item.promo_price), "before": str(item.pre_price)}
        text = "The price of the promotion is not below the present price."
        yield PriceCheck("promo_price", True, text, "a promotion lowers a price", values)
    if item.restore_price <= item.promo_price:
        values = {"sku": item.sku, "promotion": str(item.promo_price), "after": str(item.restore_price)}
        text = "The price afterwards is not above that of the promotion."
        yield PriceCheck("restore_price", True, text, "a promotion ends with a higher price", values)


def _depth(plan: Plan, item: PlannedItem) -> Iterable[PriceCheck]:
    reference = "domain reference, section 8: depth at most down to the margin of the floor"
    if item.structure is None:
        text = "Costs are not known, so nobody can say whether the price keeps its floor."
        yield PriceCheck("promo_costs", True, text, reference, {"sku": item.sku})
        return
    structure = item.structure
    if not keeps_floor(structure, item.promo_price, plan.terms, item.floor_margin):
        lowest = _lowest(structure, item.promo_price, item.pre_price, plan.terms, item.floor_margin)
        values = {
            "sku": item.sku,
            "price": str(item.promo_price),
            "floor_margin": str(item.floor_margin),
            "lowest": "" if lowest is None else str(lowest),
        }
        text = "The price does not keep its floor with coupon, points and additional advertising."
        yield PriceCheck("promo_depth", True, text, reference, values)


def _lowest(
    structure: CostStructure, low: Decimal, high: Decimal, terms: Terms, margin: Decimal
) -> Decimal | None:
    """The lowest tick from `low` to `high` that keeps the floor, looked for in at most 2,000 steps."""
    count = int((high - low) / structure.tick)
    stride = max(1, -(-count // 1_000))
    coarse = range(0, count + 1, stride)
    hit = next((n for n in coarse if _at(structure, low, n, terms, margin)), None)
    if hit is None:
        return None
    first = next(n for n in range(max(hit - stride + 1, 0), hit + 1) if _at(structure, low, n, terms, margin))
    return low + first * structure.tick


def _at(structure: CostStructure, low: Decimal, ticks: int, terms: Terms, margin: Decimal) -> bool:
    return keeps_floor(structure, low + ticks * structure.tick, terms, margin)


def _overlap(plan: Plan, item: PlannedItem) -> Iterable[PriceCheck]:
    for other in item.others:
        if other.first <= plan.window.last and plan.window.first <= other.last:
            values = {"sku": item.sku, "promotion": str(other.promotion_id)}
            text = "The listing is in another promotion on some of these days."
            yield PriceCheck("promo_overlap", True, text, "one promotion at a time", values)


def _cool_down(plan: Plan, item: PlannedItem) -> Iterable[PriceCheck]:
    for other in item.others:
        before, after = sorted((other, plan.window), key=lambda window: window.first)
        rest = (after.first - before.last).days - 1
        if 0 <= rest < COOL_DOWN_DAYS:
            values = {"sku": item.sku, "days": str(rest), "least": str(COOL_DOWN_DAYS)}
            text = "There are too few days between two promotions of the listing."
            yield PriceCheck("promo_cool_down", True, text, _PROPOSED, values)


def _share(plan: Plan, item: PlannedItem) -> Iterable[PriceCheck]:
    days = plan.window.days.union(*(other.days for other in item.others))
    worst = max(
        sum(end - WINDOW_DAYS * DAY < day <= end for day in days)
        for end in (plan.window.first + n * DAY for n in range(_reach(plan.window)))
    )
    if worst > MOST_SHARE * WINDOW_DAYS:
        values = {"sku": item.sku, "days": str(worst), "most": str(int(MOST_SHARE * WINDOW_DAYS))}
        text = "The listing would be in promotion on too many days of eight weeks."
        yield PriceCheck("promo_share", True, text, _PROPOSED, values)


def _reach(window: Window) -> int:
    """How many days from its start on have a window of eight weeks that holds a day of the promotion."""
    return (window.last - window.first).days + WINDOW_DAYS


def _reference(plan: Plan, item: PlannedItem) -> Iterable[PriceCheck]:
    """On every day of the promotion the former price must be proved, as far as history goes on as planned."""
    if not plan.shows_reference or plan.market not in STANDARDS:
        return
    history = _projected(plan, item)
    for day in sorted(plan.window.days):
        found = judge_former_price(plan.market, history, item.pre_price, day, present=item.promo_price)
        if not found.may_show:
            values = {
                "sku": item.sku,
                "on": day.isoformat(),
                "why": ",".join(reason.code for reason in found.reasons),
                "days": str(len(found.counted)),
            }
            text = "The former price could not be shown on every day of the promotion."
            yield PriceCheck("promo_reference", True, text, found.standard.law, values)
            return


def _projected(plan: Plan, item: PlannedItem) -> PriceHistory:
    """What was recorded before today, then the present price until the start, then the promotion's."""
    recorded = item.history.between(date.min, plan.today - DAY)
    ahead = []
    day = plan.today
    while day <= plan.window.last:
        is_on = day >= plan.window.first
        price, kind = (item.promo_price, PriceKind.PROMOTION) if is_on else (item.pre_price, PriceKind.BASE)
        ahead.append(DatedPrice(day, price, kind))
        day += DAY
    return PriceHistory((*recorded, *ahead))


def _budget(plan: Plan) -> Iterable[PriceCheck]:
    if plan.budget is None:
        return
    unknown = [item.sku for item in plan.items if item.units_per_day is None]
    if unknown or plan.expected_uplift is None:
        lacking = ", ".join([*unknown, *(["expected_uplift"] if plan.expected_uplift is None else [])])
        text = "What the promotion costs cannot be compared with its budget."
        yield PriceCheck("promo_budget_unknown", False, text, "the plan's own budget", {"missing": lacking})
        return
    cost = expected_cost(plan)
    if cost > plan.budget:
        values = {"cost": str(cost), "budget": str(plan.budget)}
        text = "The promotion is expected to cost more than its budget."
        yield PriceCheck("promo_budget", True, text, "the plan's own budget", values)


def expected_cost(plan: Plan) -> Decimal:
    """What the plan gives away: expected units × what a unit costs more than at the present price.

    ValueError where units or the uplift are not known.
    """
    length = len(plan.window.days)
    total = ZERO
    for item in plan.items:
        if item.units_per_day is None or plan.expected_uplift is None:
            raise ValueError("units and uplift are needed")
        units = item.units_per_day * length * (1 + plan.expected_uplift)
        total += units * given_away(item, plan.terms)
    return total.quantize(Decimal("0.01"), ROUND_HALF_UP)


def given_away(item: PlannedItem, terms: Terms) -> Decimal:
    """What one unit gives away: the discount, the coupon with its fee, points and additional advertising."""
    if item.structure is None:
        return item.pre_price - item.promo_price
    whole, paid = promoted(item.structure, item.promo_price, terms)
    added: Sequence[Cost] = whole.costs[len(item.structure.costs) :]
    return item.pre_price - paid + sum((cost.amount for cost in added), ZERO)
