"""Pilots, which listings a rule set may move while one runs, and what a stage brought against its control."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from config.lib.errors import NotFound
from connectors.selectors.freshness import list_freshness
from connectors.types import FreshnessState, StoreRef
from pricing.engine.contribution import evaluate, keeps
from pricing.engine.pilot import Guardrails, Observed, PilotState, members
from pricing.models import PricePilot, PriceRuleSet
from pricing.selectors.context import load_contexts
from pricing.selectors.listing_state import list_listing_rows
from pricing.selectors.outcomes import list_figures
from pricing.selectors.price_histories import load_histories
from pricing.types import PricingContext

Row = dict[str, Any]
COLUMNS = (
    *("id", "store_id", "rule_set_id", "rule_set_key", "rule_set_version", "skus", "seed", "stage"),
    *("stage_on", "started_on", "guardrails", "state", "reasons", "observed", "note", "version"),
    *("started_at", "started_by", "checked_at", "closed_at"),
)
RUNNING, FINISHED, STOPPED = (state.value for state in PilotState)
BEFORE_DAYS = 14
"""Two whole weeks before the pilot are what each side is compared with."""
MOST_CONTROLS = 200
_STREAMS = ("orders", "orders_report", "listings", "offers")
_STEP = Decimal("0.0001")

_BUY_BOX = """
select sum(buy_box_share * page_views) / nullif(sum(page_views), 0) from fact_traffic_day
where store_id = %(store)s and sku = any(%(skus)s) and business_on between %(first)s and %(last)s
  and buy_box_share is not null
"""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a stage brought, and which listings it was compared with."""

    observed: Observed
    members: tuple[str, ...]
    controls: tuple[str, ...]


def allows(store_id: int, rule_set_id: int, skus: Collection[str]) -> set[str]:
    """Return those of the SKUs of a store that a rule set may move now.

    While a pilot of it runs there: the members of its present stage. After one was stopped: none, until
    another version is in force or another pilot begins. Else all of them.
    """
    row = (
        PricePilot.objects.filter(store_id=store_id, rule_set_id=rule_set_id)
        .order_by("-id")
        .values(*COLUMNS)
        .first()
    )
    if row is None or row["state"] == FINISHED:
        return set(skus)
    if row["state"] == RUNNING:
        return set(skus) & set(members_of(row))
    in_force = PriceRuleSet.objects.filter(pk=rule_set_id).values_list("active_version", flat=True).first()
    return set() if in_force == row["rule_set_version"] else set(skus)


def members_of(row: Mapping[str, Any]) -> list[str]:
    """The SKUs that take part in a pilot's present stage."""
    sizes = [(sku, Decimal(units)) for sku, units in row["skus"]]
    return members(sizes, row["stage"], seed=row["seed"], least=guardrails_of(row).least_skus)


def guardrails_of(row: Mapping[str, Any]) -> Guardrails:
    """The guardrails of a pilot."""
    given = row["guardrails"]
    return Guardrails(
        days_per_stage=given["days_per_stage"],
        least_skus=given["least_skus"],
        least_contribution_change=Decimal(given["least_contribution_change"]),
        least_buy_box_change=Decimal(given["least_buy_box_change"]),
    )


def pilots_query(*, store_id: int | None = None, state: str | None = None) -> QuerySet[Any, Row]:
    """Return pilots as a query for a page."""
    asked = {"store_id": store_id, "state": state}
    rows = PricePilot.objects.filter(**{name: value for name, value in asked.items() if value is not None})
    found: QuerySet[Any, Row] = rows.values(*COLUMNS)
    return found


def get_pilot(pilot_id: int) -> Row:
    """Return one pilot; `NotFound` if there is none of this id."""
    row = pilots_query().filter(pk=pilot_id).first()
    if row is None:
        raise NotFound(f"there is no price pilot {pilot_id}")
    return dict(row)


def compare_stage(store: StoreRef, row: Mapping[str, Any], today: date) -> Compared:
    """What the complete days of a pilot's stage brought its members, less what they brought its control.

    Both against the same two weeks before the pilot began; contribution is units × what a unit keeps at the
    price of its day, with today's cost structure (listings without known costs left out). The control are the
    pilot's listings that are not in yet (the best sellers, at most 200), in the last stage the store's other
    listings; without any, nothing is taken off.
    """
    chosen = members_of(row)
    controls = _controls(store, row, set(chosen))
    before = (row["started_on"] - timedelta(days=BEFORE_DAYS), row["started_on"] - timedelta(days=1))
    after = (row["stage_on"], today - timedelta(days=1))
    complete = max(0, (today - row["stage_on"]).days)
    contexts = {each.sku: each for each in load_contexts(store_id=store.id, skus=[*chosen, *controls])}
    contribution = buy_box = None
    if complete:
        ours, theirs = _Side(store, contexts, chosen), _Side(store, contexts, controls)
        fell = theirs.contribution_change(before, after)
        if fell is None:
            controls = []
        contribution = _less(ours.contribution_change(before, after), fell)
        buy_box = _less(ours.buy_box_change(before, after), theirs.buy_box_change(before, after))
    observed = Observed(
        complete_days=complete,
        contribution_change=contribution,
        buy_box_change=buy_box,
        below_floor=tuple(_below_floor(contexts[sku] for sku in chosen if sku in contexts)),
        stale=tuple(_stale(store)),
    )
    return Compared(observed, tuple(chosen), tuple(controls))


def _controls(store: StoreRef, row: Mapping[str, Any], chosen: set[str]) -> list[str]:
    waiting = sorted(
        ((Decimal(units), sku) for sku, units in row["skus"] if sku not in chosen),
        key=lambda one: (-one[0], one[1]),
    )
    if waiting:
        return [sku for _, sku in waiting][:MOST_CONTROLS]
    named = {sku for sku, _ in row["skus"]}
    return [each.sku for each in list_listing_rows(store, None) if each.sku not in named][:MOST_CONTROLS]


@dataclass(frozen=True, slots=True)
class _Side:
    """The members, or their control."""

    store: StoreRef
    contexts: Mapping[str, PricingContext]
    skus: Sequence[str]

    def contribution_change(self, before: tuple[date, date], after: tuple[date, date]) -> Decimal | None:
        """By which share contribution a day changed; None where there was none before."""
        then, now = self._per_day(*before), self._per_day(*after)
        return None if then <= 0 else now / then - 1

    def buy_box_change(self, before: tuple[date, date], after: tuple[date, date]) -> Decimal | None:
        """By how much the share of the Buy Box changed; None where it was not seen."""
        then, now = (self._buy_box(*span) for span in (before, after))
        return None if then is None or now is None else now - then

    def _per_day(self, first: date, last: date) -> Decimal:
        days = (last - first).days + 1
        figures = list_figures(self.store.id, self.skus, first, last)
        shown = load_histories(
            store_id=self.store.id, skus=list(self.skus), on=last + timedelta(days=1), days=days
        )
        total, kept = Decimal(0), dict[tuple[str, Decimal], Decimal]()
        for sku, figure in figures.items():
            context = self.contexts.get(sku)
            prices = {each.day: each.price for each in shown[sku].prices}
            for day, units in figure.units.items():
                price = prices.get(day) or (context.price if context else None)
                if context is None or context.missing or price is None:
                    continue
                if (sku, price) not in kept:
                    kept[sku, price] = evaluate(context.structure, price).contribution
                total += units * kept[sku, price]
        return total / days

    def _buy_box(self, first: date, last: date) -> Decimal | None:
        with connection.cursor() as cursor:
            cursor.execute(
                _BUY_BOX,
                {"store": self.store.id, "skus": list(self.skus), "first": first, "last": last},
            )
            found: Decimal | None = cursor.fetchone()[0]
        return found


def _less(ours: Decimal | None, theirs: Decimal | None) -> Decimal | None:
    """Our change less the control's; all of ours where the control tells nothing."""
    return None if ours is None else (ours - (theirs or Decimal(0))).quantize(_STEP)


def _below_floor(contexts: Iterable[PricingContext]) -> Iterable[str]:
    for context in contexts:
        if context.price is None or context.missing:
            continue
        if not keeps(context.structure, context.price, context.floor_margin):
            yield context.sku


def _stale(store: StoreRef) -> Iterable[str]:
    """Streams that had come and stopped coming: without them nobody would see a pilot go wrong."""
    for state in list_freshness([store.id], _STREAMS):
        if state.state in (FreshnessState.STALE, FreshnessState.SUSPECT_EMPTY):
            yield state.stream
