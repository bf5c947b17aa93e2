"""The platform's own figures near or beyond what it demands: where shops are lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from alerts.detectors.base import Detector, Scope
from alerts.detectors.known import Known, known_of
from alerts.engine.parameters import decimal, words
from alerts.engine.saying import percent, plain, say
from alerts.engine.threshold import HELD
from alerts.types import Check, Severity, Verdict
from config.lib.calendars import business_day
from config.lib.errors import gettext_noop
from connectors.types import StoreRef
from kpis.selectors.definitions import get_definition
from kpis.selectors.policies import list_store_policies


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    near_share: Decimal = decimal(
        "Warn when what is left to the limit is less than this share of it.", "0.2", low=0, high=1
    )
    clear_share: Decimal = decimal("Right again with this share left.", "0.3", low=0, high=1)
    metrics: tuple[str, ...] = words("Only these metrics of the platform or KPIs; all if empty.")

    def faults(self) -> list[tuple[str, str]]:
        """What only several parameters together show."""
        if self.clear_share < self.near_share:
            return [("clear_share", "Must not be less than near_share.")]
        return []


@dataclass(frozen=True, slots=True)
class Demand:
    """One demand over one window. `left` is how far the value may still move (negative: beyond)."""

    store_id: int
    metric: str
    kpi: str
    comparator: str
    limit: Decimal
    days: int
    value: Decimal | None
    left: Decimal | None
    is_met: bool | None
    is_below_sample: bool
    consequence: str
    source: str
    problem: str
    known: Known

    @property
    def room(self) -> Decimal:
        """All the room there is: from nothing to a ceiling, from a floor to everything."""
        is_share_floor = self.comparator.startswith(">") and 0 < self.limit < 1
        return 1 - self.limit if is_share_floor else abs(self.limit)


class AccountPerformance(Detector[Parameters, tuple[Demand, ...]]):
    """See the module."""

    key = "account_performance"
    title = gettext_noop("Account performance near or beyond a limit")
    meaning = gettext_noop("A figure by which the platform judges the account is near or beyond its limit.")
    parameters = Parameters
    severity = Severity.WARNING
    cadence = timedelta(hours=3)
    listens = frozenset({"kpis.measures_changed"})
    why_not_back = gettext_noop("What a platform demanded is looked up for the present only.")

    def gather(self, scope: Scope[Parameters]) -> tuple[Demand, ...]:
        """One statement per store, one for the freshness of each group of streams."""
        asked = scope.parameters
        return tuple(
            demand
            for store in scope.stores
            for demand in scope.reads.once(
                ("demands", store.id, scope.at),
                lambda store=store: _read(store, scope),  # type: ignore[misc]
            )
            if not asked.metrics or {demand.metric, demand.kpi} & set(asked.metrics)
        )

    def decide(self, inputs: tuple[Demand, ...], parameters: Parameters) -> list[Check]:
        """Judge every demand; beyond the limit it is critical."""
        return [_check(demand, parameters) for demand in inputs]


def _read(store: StoreRef, scope: Scope[Any]) -> list[Demand]:
    rows = list_store_policies(store, business_day(scope.at, store.time_zone))
    return [
        _demand(store, row, window, known_of(scope, *get_definition(row["kpi"]).needs)[store.id])
        for row in rows
        if row["kpi"]
        for window in row["windows"]
    ]


def _demand(store: StoreRef, row: Mapping[str, Any], window: Mapping[str, Any], known: Known) -> Demand:
    value, left = window["value"], window["distance"]
    return Demand(
        store_id=store.id,
        metric=row["metric"],
        kpi=row["kpi"],
        comparator=row["comparator"],
        limit=Decimal(row["limit"]),
        days=window["days"],
        value=None if value is None else Decimal(value),
        left=None if left is None else Decimal(left),
        is_met=window["is_met"],
        is_below_sample=window["is_below_sample"],
        consequence=row["consequence"],
        source=row["source"],
        problem=known.problem or (window["why_missing"] or ""),
        known=known,
    )


def _check(demand: Demand, asked: Parameters) -> Check:
    severity = None
    if demand.problem or demand.value is None or demand.left is None:
        verdict = Verdict.NO_DATA
    elif demand.is_below_sample:
        # The platform does not judge so few; neither do we.
        verdict = Verdict.NO_DATA
    elif not demand.is_met:
        verdict, severity = Verdict.BREACH, Severity.CRITICAL
    elif demand.left < demand.room * asked.near_share:
        verdict = Verdict.BREACH
    else:
        is_clear = demand.left >= demand.room * asked.clear_share
        verdict = Verdict.CLEAR if is_clear else Verdict.NO_DATA
    basis, evidence = say(
        gettext_noop(
            "{metric} over {days} days is {value}; the platform demands {comparator} {limit}, {left} of the "
            "room is left. {consequence}"
        ),
        metric=demand.metric,
        days=demand.days,
        value=None if demand.value is None else plain(demand.value),
        comparator=demand.comparator,
        limit=plain(demand.limit),
        left=percent(demand.left / demand.room) if demand.left is not None and demand.room else None,
        consequence=demand.consequence,
    )
    evidence |= {"source": demand.source, "kpi": demand.kpi}
    if verdict is Verdict.NO_DATA:
        small = {"reason": "below_minimum_sample"} if demand.is_below_sample else {"held": HELD}
        evidence |= {"reason": demand.problem} if demand.problem else small
    return Check(
        subject=f"metric:{demand.metric}:{demand.days}",
        verdict=verdict,
        store_id=demand.store_id,
        observed=demand.value,
        limit=demand.limit,
        unit="fraction",
        basis=basis.strip(),
        as_of=demand.known.as_of,
        severity=severity,
        evidence=evidence,
    )


DETECTOR = AccountPerformance()
