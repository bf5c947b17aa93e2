"""Fees that will change, and fees that are charged otherwise than the tables say (L12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from alerts.detectors.base import Detector, Scope
from alerts.engine.parameters import decimal, flag, integer
from alerts.engine.saying import percent, plain, say
from alerts.types import Check, Verdict
from config.lib.calendars import business_day
from config.lib.errors import gettext_noop
from connectors.types import StoreRef
from pricing.selectors.divergence import find_divergences
from pricing.selectors.fee_parameters import list_parameters

# Fee parameters name platforms without their interface: "amazon" is amazon_sp's.
_ALL = "all"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    days_before: int = integer("So many days before a fee changes it is told.", 30, low=1, high=365)
    days_after: int = integer("So many days after it began it is still told.", 7, low=0, high=90)
    with_divergence: bool = flag("Also tell of fees charged otherwise than the tables say.", True)
    least_exposure: Decimal = decimal(
        "Differences worth less than this a month, in the store's currency, are not told.", 50, low=0
    )


@dataclass(frozen=True, slots=True)
class Coming:
    """A parameter of a store's market and platform that changes, or has just changed."""

    store_id: int
    key: str
    description: str
    value: str | None
    next_value: str | None
    changes_on: date
    days: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A line of a SKU on which two sources do not agree; `exposure` per month in `currency`."""

    store_id: int
    sku: str
    line: str
    currency: str
    stronger: str
    weaker: str
    amount: Decimal
    expected: Decimal
    exposure: Decimal
    margin_move: Decimal


@dataclass(frozen=True, slots=True)
class Inputs:
    """What comes and what differs."""

    coming: tuple[Coming, ...]
    differences: tuple[Difference, ...]


class FeeChange(Detector[Parameters, Inputs]):
    """See the module."""

    key = "fee_change"
    title = gettext_noop("Fees change")
    meaning = gettext_noop(
        "A fee or tax of the store's market changes soon, or is charged otherwise than stated."
    )
    parameters = Parameters
    cadence = timedelta(hours=12)
    why_not_back = gettext_noop("Which fees were charged otherwise is worked out for the present only.")

    def gather(self, scope: Scope[Parameters]) -> Inputs:
        """The dated parameters from memory, the charged fees by a fixed number of statements per store."""
        asked = scope.parameters
        coming: list[Coming] = []
        differences: list[Difference] = []
        for store in scope.stores:
            on = business_day(scope.at, store.time_zone)
            coming += scope.reads.once(
                ("fees", store.id, on, asked.days_before, asked.days_after),
                lambda store=store, on=on: _coming(store, on, asked),  # type: ignore[misc]
            )
            if asked.with_divergence:
                differences += scope.reads.once(
                    ("divergence", store.id, on),
                    lambda store=store, on=on: _differences(store, on),  # type: ignore[misc]
                )
        return Inputs(tuple(coming), tuple(differences))

    def decide(self, inputs: Inputs, parameters: Parameters) -> list[Check]:
        """Every coming change is told; of differences those that cost enough."""
        return [
            *(_change(each, parameters) for each in inputs.coming),
            *(_difference(each, parameters) for each in inputs.differences),
        ]


def _coming(store: StoreRef, on: date, asked: Parameters) -> list[Coming]:
    platform = store.platform.partition("_")[0]
    found = []
    # Seen from the first day of the span, a change inside it is the next one.
    start = on - timedelta(days=asked.days_after + 1)
    for view in list_parameters(start, market=store.market, platform=platform):
        if view.next_on is None or (view.next_on - on).days > asked.days_before:
            continue
        found.append(
            Coming(
                store.id,
                view.parameter.key,
                view.parameter.description,
                view.value,
                view.next_value,
                view.next_on,
                (view.next_on - on).days,
            )
        )
    return found


def _differences(store: StoreRef, on: date) -> list[Difference]:
    return [
        Difference(
            store.id,
            each.sku,
            each.line,
            store.currency,
            each.stronger.value,
            each.weaker.value,
            each.amount,
            each.expected,
            each.exposure,
            each.margin_move,
        )
        for each in find_divergences(store.id, on)
    ]


def _change(each: Coming, asked: Parameters) -> Check:
    basis, evidence = say(
        gettext_noop("{description} ({key}) changes from {value} to {next_value} on {changes_on}."),
        description=each.description,
        key=each.key,
        value=each.value,
        next_value=each.next_value,
        changes_on=each.changes_on,
    )
    return Check(
        subject=f"fee:{each.key}:{each.changes_on.isoformat()}",
        verdict=Verdict.BREACH,
        store_id=each.store_id,
        observed=Decimal(each.days),
        limit=Decimal(asked.days_before),
        unit="days",
        basis=basis,
        as_of=None,
        evidence=evidence,
    )


def _difference(each: Difference, asked: Parameters) -> Check:
    basis, evidence = say(
        gettext_noop(
            "{sku}: {line} is {amount} {currency} by {stronger} and {expected} by {weaker}: {exposure} a "
            "month, margin {margin}."
        ),
        sku=each.sku,
        line=each.line,
        amount=plain(each.amount, 4),
        currency=each.currency,
        stronger=each.stronger,
        expected=plain(each.expected, 4),
        weaker=each.weaker,
        exposure=plain(each.exposure, 2),
        margin=percent(each.margin_move),
    )
    return Check(
        subject=f"fee:{each.sku}:{each.line}:{each.weaker}",
        verdict=Verdict.BREACH if abs(each.exposure) > asked.least_exposure else Verdict.CLEAR,
        store_id=each.store_id,
        observed=abs(each.exposure),
        limit=asked.least_exposure,
        unit=each.currency,
        basis=basis,
        as_of=None,
        evidence=evidence,
    )


DETECTOR = FeeChange()
