"""A platform's demand that is new or comes soon, and which stores it hits (L12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from alerts.detectors.base import Detector, Scope
from alerts.engine.parameters import integer
from alerts.engine.saying import say
from alerts.types import Check, Severity, Verdict
from config.lib.calendars import business_day
from config.lib.errors import gettext_noop
from connectors.types import StoreRef
from kpis.selectors.policies import list_store_policies


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    days_before: int = integer("So many days before a demand begins it is told.", 60, low=1, high=365)
    days_after: int = integer("So many days after it began it is still told.", 30, low=0, high=365)


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand that begins on `valid_from`; `before` is the limit it takes the place of, None if it is new.

    `is_met` None: the store's own figure is not known.
    """

    store_id: int
    platform: str
    metric: str
    comparator: str
    limit: str
    before: str | None
    valid_from: date
    days: int
    is_met: bool | None
    value: str | None
    consequence: str
    source: str


class PolicyChange(Detector[Parameters, tuple[Demand, ...]]):
    """See the module."""

    key = "policy_change"
    title = gettext_noop("Platform policy changes")
    meaning = gettext_noop("A demand of the platform is new or comes soon; stores that miss it come first.")
    parameters = Parameters
    severity = Severity.INFO
    cadence = timedelta(days=1)
    why_not_back = gettext_noop("What a platform demanded is looked up for the present only.")

    def gather(self, scope: Scope[Parameters]) -> tuple[Demand, ...]:
        """Two statements per store: demands with the store's own figures."""
        asked = scope.parameters
        return tuple(
            demand
            for store in scope.stores
            for demand in _read(store, business_day(scope.at, store.time_zone), asked)
        )

    def decide(self, inputs: tuple[Demand, ...], parameters: Parameters) -> list[Check]:
        """Every new demand is told, and as a warning where the store does not meet it."""
        return [_check(demand, parameters) for demand in inputs]


def _read(store: StoreRef, on: date, asked: Parameters) -> list[Demand]:
    first, last = on - timedelta(days=asked.days_after), on + timedelta(days=asked.days_before)
    later = list_store_policies(store, last)
    new = [row for row in later if row["valid_from"] is not None and row["valid_from"] >= first]
    if not new:
        return []
    earlier = {
        (row["kpi"], row["metric"]): row["limit"]
        for row in list_store_policies(store, first - timedelta(days=1))
    }
    return [_demand(store, row, earlier, on) for row in new]


def _demand(
    store: StoreRef, row: Mapping[str, Any], earlier: Mapping[tuple[Any, Any], str], on: date
) -> Demand:
    windows = [window for window in row["windows"] if window["is_met"] is not None]
    missed = next((window for window in windows if not window["is_met"]), None)
    shown = missed or (windows[0] if windows else None)
    return Demand(
        store_id=store.id,
        platform=row["platform"],
        metric=row["metric"],
        comparator=row["comparator"],
        limit=row["limit"],
        before=earlier.get((row["kpi"], row["metric"])),
        valid_from=row["valid_from"],
        days=(row["valid_from"] - on).days,
        is_met=None if shown is None else missed is None,
        value=None if shown is None else shown["value"],
        consequence=row["consequence"],
        source=row["source"],
    )


def _check(demand: Demand, asked: Parameters) -> Check:
    basis, evidence = say(
        gettext_noop(
            "{platform} demands {metric} {comparator} {limit} from {valid_from} (before: {before}); the "
            "store's figure is {value}. {consequence}"
        ),
        platform=demand.platform,
        metric=demand.metric,
        comparator=demand.comparator,
        limit=demand.limit,
        valid_from=demand.valid_from,
        before=demand.before,
        value=demand.value,
        consequence=demand.consequence,
    )
    evidence["source"] = demand.source
    evidence["is_affected"] = {None: "unknown", True: "no", False: "yes"}[demand.is_met]
    return Check(
        subject=f"policy:{demand.metric}:{demand.valid_from.isoformat()}",
        verdict=Verdict.BREACH,
        store_id=demand.store_id,
        observed=Decimal(demand.days),
        limit=Decimal(asked.days_before),
        unit="days",
        basis=basis.strip(),
        as_of=None,
        severity=Severity.WARNING if demand.is_met is False else None,
        evidence=evidence,
    )


DETECTOR = PolicyChange()
