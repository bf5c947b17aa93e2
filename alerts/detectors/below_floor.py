"""A live price below the floor that keeps its margin: every sale loses what was promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from alerts.detectors.base import Detector, Scope
from alerts.engine.parameters import decimal, flag, words
from alerts.engine.saying import percent, plain, say
from alerts.engine.threshold import HELD
from alerts.types import Check, Severity, Verdict
from config.lib.errors import gettext_noop
from connectors.selectors.skus import list_skus
from connectors.types import StoreRef
from pricing.selectors.listings import list_listing_views
from pricing.types import Tier


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    tolerance: Decimal = decimal(
        "A price so far below the floor is borne, as a share.", "0", low=0, high="0.5"
    )
    clear_share: Decimal = decimal(
        "Right again with the price so far above the floor.", "0.005", low=0, high="0.5"
    )
    with_clearance: bool = flag("Also tell of listings on clearance.", False)
    skus: tuple[str, ...] = words("Only these SKUs; all if empty.")


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing's live price, its floor and its margin at that price; `missing` why they are not known."""

    store_id: int
    sku: str
    currency: str
    price: Decimal | None
    floor: Decimal | None
    margin: Decimal | None
    is_clearance: bool
    missing: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """The listings of all stores."""

    at: datetime
    listings: tuple[Listing, ...]


class BelowFloor(Detector[Parameters, Inputs]):
    """See the module."""

    key = "below_floor"
    title = gettext_noop("Price below its floor")
    meaning = gettext_noop("A live price no longer keeps the margin below which nothing may be sold.")
    parameters = Parameters
    severity = Severity.CRITICAL
    listens = frozenset({"pricing.price_moved", "connectors.costs_changed"})
    why_not_back = gettext_noop("Floors are worked out for the present only.")

    def gather(self, scope: Scope[Parameters]) -> Inputs:
        """A fixed number of statements per store."""
        found: list[Listing] = []
        for store in scope.stores:
            found += scope.reads.once(
                ("floors", store.id, scope.parameters.skus, scope.at),
                lambda store=store: _read(store, scope.parameters),  # type: ignore[misc]
            )
        return Inputs(scope.at, tuple(found))

    def decide(self, inputs: Inputs, parameters: Parameters) -> list[Check]:
        """Hold each price against its floor."""
        return [_check(each, inputs.at, parameters) for each in inputs.listings]


def _read(store: StoreRef, asked: Parameters) -> list[Listing]:
    skus = list(asked.skus) or list(list_skus(store.id))
    views = list_listing_views(store_id=store.id, skus=skus)
    found = []
    for sku, view in sorted(views.items()):
        # Of what blocks a suggestion only unknown costs and old inputs make a floor untrue.
        reasons = [each for each in view.blocked_by if each.code in ("missing", "stale", "no_price")]
        found.append(
            Listing(
                store.id,
                sku,
                store.currency,
                view.price,
                view.floor,
                view.margin,
                view.tier is Tier.CLEARANCE,
                " ".join(each.text for each in reasons),
            )
        )
    return found


def _check(each: Listing, at: datetime, asked: Parameters) -> Check:
    limit = None if each.floor is None else each.floor * (1 - asked.tolerance)
    if each.price is None or limit is None or each.floor is None or each.missing:
        verdict = Verdict.NO_DATA
        basis, evidence = say(
            gettext_noop("The floor of {sku} is not known for certain. {reason}"),
            sku=each.sku,
            reason=each.missing,
        )
    else:
        verdict = Verdict.BREACH if each.price < limit else Verdict.NO_DATA
        if each.price >= each.floor * (1 + asked.clear_share):
            verdict = Verdict.CLEAR
        if each.is_clearance and not asked.with_clearance:
            verdict = Verdict.CLEAR
        basis, evidence = say(
            gettext_noop("{sku} costs {price} {currency}; its floor is {floor}, its margin now {margin}."),
            sku=each.sku,
            price=plain(each.price),
            currency=each.currency,
            floor=plain(each.floor, 4),
            margin=percent(each.margin),
        )
        evidence |= {"held": HELD} if verdict is Verdict.NO_DATA else {}
    return Check(
        subject=f"sku:{each.sku}",
        verdict=verdict,
        store_id=each.store_id,
        observed=each.price,
        limit=limit,
        unit=each.currency,
        basis=basis.strip(),
        as_of=at,
        evidence=evidence,
    )


DETECTOR = BelowFloor()
