"""Rule sets: what there is, what each version said, and which one counts for a listing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Case, CharField, Exists, F, Max, OuterRef, QuerySet, Value, When

from config.lib.errors import NotFound
from connectors.selectors.stores import list_stores
from pricing.models import PriceHalt, PriceRuleSet, PriceRuleSetActivation, PriceRuleSetVersion
from pricing.rules.floors import floor_of
from pricing.rules.parse import parse_rule_set
from pricing.rules.scope import Scope, parse_scope
from pricing.rules.syntax import RuleSet
from pricing.selectors.halts import HaltView, find_halt
from pricing.types import PricingContext

Row = dict[str, Any]


class RuleSetState(StrEnum):
    """Where a rule set stands; HALTED: it is in force, but a halt of its own stops it."""

    DRAFT = "draft"
    ACTIVE = "active"
    HALTED = "halted"
    RETIRED = "retired"


COLUMNS = (
    *("id", "key", "name", "state", "active_version", "latest_version", "version"),
    *("created_at", "created_by", "retired_at"),
)
VERSION_COLUMNS = ("id", "version", "document", "scope", "note", "saved_at", "saved_by")
ACTIVATION_COLUMNS = ("version", "verification", "activated_at", "activated_by")


@dataclass(frozen=True, slots=True)
class ActiveRules:
    """A rule set in force; `halt` is the standing halt that stops it, if there is one."""

    id: int
    key: str
    version: int
    rule_set: RuleSet
    scope: Scope
    activation: int
    halt: HaltView | None

    def floor_margin(self, context: PricingContext) -> Decimal:
        """Return the margin that no price of a listing may miss under it."""
        return floor_of(context, self.rule_set).margin


@dataclass(frozen=True, slots=True)
class ActiveRuleSets:
    """Every rule set in force, to choose from without asking the database again."""

    all: tuple[ActiveRules, ...]

    def find(self, *, store_id: int, market: str, tier: str, sku: str) -> ActiveRules | None:
        """Return the one that counts: the narrowest scope, of several equally narrow the activated last."""
        covering = (
            each
            for each in self.all
            if each.scope.covers(store_id=store_id, market=market, tier=tier, sku=sku)
        )
        return max(covering, key=lambda each: (each.scope.weight, each.activation), default=None)

    def of(self, context: PricingContext) -> ActiveRules | None:
        """Return the one that counts for a listing."""
        return self.find(
            store_id=context.store_id, market=context.market, tier=context.tier.value, sku=context.sku
        )


def load_active(store_id: int) -> ActiveRuleSets:
    """Return the rule sets in force that can cover listings of a store."""
    return ActiveRuleSets(
        tuple(
            _active(row, store_id)
            for row in _active_rows()
            if _may_cover(parse_scope(row["scope"]), store_id)
        )
    )


def find_active(store_id: int, market: str, tier: str, sku: str) -> ActiveRules | None:
    """Return the rule set that counts for a listing; None where none covers it.

    The narrowest scope counts (a named SKU before a store, that before a tier, that before a market), and of
    several equally narrow the one activated last.
    """
    return load_active(store_id).find(store_id=store_id, market=market, tier=tier, sku=sku)


def list_stores_with_rules() -> list[int]:
    """Return the ids of the stores for which a rule set is in force, ascending."""
    scopes = [parse_scope(row["scope"]) for row in _active_rows()]
    stores = list_stores()
    return sorted(
        store.id
        for store in stores
        if any(
            _may_cover(scope, store.id) and store.market in (scope.markets or (store.market,))
            for scope in scopes
        )
    )


def rule_sets_query(*, state: str | None = None) -> QuerySet[Any, Row]:
    """Return rows of rule sets, of one state if named."""
    halts = PriceHalt.objects.filter(scope="rule_set", rule_set_id=OuterRef("id"), resumed_at__isnull=True)
    rows = PriceRuleSet.objects.annotate(
        state=Case(
            When(Exists(halts), active_version__gt=0, then=Value(RuleSetState.HALTED.value)),
            When(active_version__gt=0, then=Value(RuleSetState.ACTIVE.value)),
            When(retired_at__isnull=False, then=Value(RuleSetState.RETIRED.value)),
            default=Value(RuleSetState.DRAFT.value),
            output_field=CharField(),
        )
    )
    found: QuerySet[Any, Row] = (rows.filter(state=state) if state else rows).values(*COLUMNS)
    return found


def get_rule_set(key: str) -> Row:
    """Return a rule set's row; `NotFound` for an unknown key."""
    row = rule_sets_query().filter(key=key).first()
    if row is None:
        raise NotFound(f"there is no rule set {key!r}")
    return dict(row)


def get_version(key: str, version: int) -> Row:
    """Return what a version said; `NotFound` for an unknown rule set or version."""
    row = (
        PriceRuleSetVersion.objects.filter(rule_set_id=get_rule_set(key)["id"], version=version)
        .values(*VERSION_COLUMNS)
        .first()
    )
    if row is None:
        raise NotFound(f"rule set {key!r} has no version {version}")
    return dict(row)


def versions_query(key: str) -> QuerySet[Any, Row]:
    """Return rows of a rule set's versions; `NotFound` for an unknown key."""
    rows = PriceRuleSetVersion.objects.filter(rule_set_id=get_rule_set(key)["id"])
    found: QuerySet[Any, Row] = rows.values(*VERSION_COLUMNS)
    return found


def find_activation(key: str) -> Row | None:
    """Return the last activation of a rule set; None if it was never activated."""
    row = (
        PriceRuleSetActivation.objects.filter(rule_set_id=get_rule_set(key)["id"])
        .order_by("-id")
        .values(*ACTIVATION_COLUMNS)
        .first()
    )
    return None if row is None else dict(row)


def _active_rows() -> QuerySet[Any, Any]:
    return (
        PriceRuleSetVersion.objects.filter(
            rule_set__active_version__gt=0, version=F("rule_set__active_version")
        )
        .annotate(activation=Max("rule_set__activations__id"))
        .order_by("rule_set_id")
        .values("rule_set_id", "rule_set__key", "version", "document", "scope", "activation")
    )


def _active(row: Row, store_id: int) -> ActiveRules:
    return ActiveRules(
        id=row["rule_set_id"],
        key=row["rule_set__key"],
        version=row["version"],
        rule_set=parse_rule_set(row["document"]),
        scope=parse_scope(row["scope"]),
        activation=row["activation"],
        halt=find_halt(store_id, row["rule_set_id"]),
    )


def _may_cover(scope: Scope, store_id: int) -> bool:
    return not scope.stores or store_id in scope.stores
