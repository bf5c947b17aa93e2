"""Backtests: a rule set replayed over the last days of listings, at once for one, else by a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from config.lib import clock
from config.lib.calendars import business_day
from config.lib.errors import AppError, FieldError, Invalid
from connectors.selectors.stores import get_store
from pricing.models import PriceBacktest, PriceBacktestItem
from pricing.rules.backtest import Backtest, ReplayedDay, replay
from pricing.rules.checks import check_price
from pricing.rules.parse import dump_rule_set, parse_rule_set
from pricing.rules.syntax import RuleSet
from pricing.selectors.backtests import (
    ElasticitySource,
    Past,
    Row,
    best_sellers,
    get_backtest,
    load_past,
    require_listings,
)
from pricing.selectors.rule_sets import get_rule_set, get_version
from tenants import audit
from tenants.context import current_actor
from tenants.services.jobs import start_job

JOB = "pricing.run_backtest"
MOST_SKUS, MOST_DAYS, BEST_SELLERS = 50, 90, 20
_STEP = 10


@dataclass(frozen=True, slots=True)
class BacktestDraft:
    """What is to be replayed: a `document`, or a saved rule set by key (and version, else its latest).

    No `skus`: the store's 20 best sellers of the days. `elasticity` replaces each listing's own.
    """

    store_id: int
    document: Mapping[str, Any] | None = None
    key: str = ""
    version: int | None = None
    skus: Sequence[str] = ()
    days: int = MOST_DAYS
    elasticity: Decimal | None = None


class BacktestGone(AppError):
    """The backtest's row is not there: whoever asked for it took it back."""

    code = "backtest_gone"
    title = "The backtest is not there"
    permanent = True


def start_backtest(draft: BacktestDraft) -> Row:
    """Note a backtest up to yesterday; one listing is replayed at once, more of them by a job.

    `NotFound` for an unknown store, listing, rule set or version, `Invalid` with the faults of a document, of
    limits, or where the store sold nothing.
    """
    store = get_store(draft.store_id)
    key, version, document = _document(draft)
    last = business_day(clock.now(), store.time_zone) - timedelta(days=1)
    if not 1 <= draft.days <= MOST_DAYS or len(draft.skus) > MOST_SKUS:
        detail = f"A backtest has 1 to {MOST_DAYS} days and at most {MOST_SKUS} listings."
        raise Invalid(errors=[FieldError("/days", detail, "range")])
    skus = list(dict.fromkeys(draft.skus)) or best_sellers(store.id, last, draft.days, BEST_SELLERS)
    require_listings(store, skus)
    if not skus:
        raise Invalid(errors=[FieldError("/skus", "The store sold nothing; name listings.", "required")])
    with transaction.atomic():
        row = PriceBacktest.objects.create(
            store_id=store.id,
            rule_set_key=key,
            rule_set_version=version,
            document=document,
            skus=skus,
            days=draft.days,
            last_on=last,
            elasticity=draft.elasticity,
            requested_at=clock.now(),
            requested_by=current_actor().label,
        )
        if len(skus) > 1:
            row.job_id = start_job(JOB, key=f"backtest:{row.pk}", payload={"backtest_id": row.pk}).id
            row.save(update_fields=["job_id"])
        audit.record(
            "price_backtest.requested",
            target=("price_backtest", row.pk),
            after={
                "store_id": store.id,
                "rule_set": key,
                "version": version,
                "skus": skus,
                "days": draft.days,
            },
        )
        if len(skus) == 1:
            work_off(row.pk)
    return get_backtest(row.pk)


def work_off(backtest_id: int, beat: Callable[[Mapping[str, Any]], None] | None = None) -> Row:
    """Replay the listings that are left, ten at a time, each ten in a transaction. `beat` is told how far it
    is inside of it, and may raise to stop: then the step did not happen."""
    while True:
        with transaction.atomic():
            row = PriceBacktest.objects.select_for_update().filter(pk=backtest_id).first()
            if row is None:
                raise BacktestGone(f"There is no price backtest {backtest_id}.")
            done = set(row.items.values_list("sku", flat=True))
            if beat is not None:
                beat({"backtest_id": backtest_id, "total": len(row.skus), "done": len(done)})
            left = [sku for sku in row.skus if sku not in done]
            if not left:
                if row.finished_at is None:
                    row.finished_at = clock.now()
                    row.save(update_fields=["finished_at"])
                return get_backtest(backtest_id)
            _replay(row, left[:_STEP])


def _replay(row: PriceBacktest, skus: Sequence[str]) -> None:
    rules = parse_rule_set(row.document)
    past = load_past(store_id=row.store_id, skus=skus, last=row.last_on, days=row.days)
    PriceBacktestItem.objects.bulk_create([_item(row, sku, past.get(sku), rules) for sku in skus])


def _item(row: PriceBacktest, sku: str, past: Past | None, rules: RuleSet) -> PriceBacktestItem:
    if past is None:
        return PriceBacktestItem(backtest=row, sku=sku, problem="The store does not list it any more.")
    if past.context.missing:
        names = ", ".join(past.context.missing)
        return PriceBacktestItem(backtest=row, sku=sku, problem=f"Nobody knows {names}."[:300])
    if not past.days:
        return PriceBacktestItem(backtest=row, sku=sku, problem="No day has a known price.")
    given = row.elasticity is not None
    elasticity = row.elasticity if given else past.elasticity
    found = replay(rules, past.days, elasticity=elasticity, checks=check_price)
    summary = _summary(found, past, ElasticitySource.GIVEN if given else past.elasticity_source)
    return PriceBacktestItem(backtest=row, sku=sku, summary=summary, days=[_day(each) for each in found.days])


def _summary(found: Backtest, past: Past, source: ElasticitySource) -> dict[str, Any]:
    return {
        "currency": past.context.currency,
        "days": len(found.days),
        "unpriced_days": past.unpriced,
        "price_sources": dict(past.sources),
        "changes": found.changes,
        "lowest": _text(found.lowest),
        "highest": _text(found.highest),
        "contribution": _text(found.contribution),
        "actual_contribution": _text(found.actual_contribution),
        "clamps": dict(found.clamps),
        "silent": dict(found.silent),
        "elasticity": _text(found.elasticity),
        "elasticity_source": source.value,
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def _day(day: ReplayedDay) -> dict[str, Any]:
    return {
        "on": day.on,
        "actual_price": f"{day.actual_price:f}",
        "price": f"{day.price:f}",
        "units": f"{day.units:f}",
        "contribution": f"{day.contribution:f}",
        "actual_contribution": f"{day.actual_contribution:f}",
        "outcome": day.outcome.value,
        "reason": day.reason,
    }


def _document(draft: BacktestDraft) -> tuple[str, int | None, dict[str, Any]]:
    """Key, version and document of what is to be replayed; exactly one of document and key is given."""
    if (draft.document is None) == (not draft.key):
        detail = "Give either a document or the key of a rule set."
        raise Invalid(errors=[FieldError("/document", detail, "either")])
    if draft.document is not None:
        try:
            return "", None, dump_rule_set(parse_rule_set(draft.document))
        except Invalid as error:
            faults = [FieldError(f"/document{each.pointer}", each.detail, each.code) for each in error.errors]
            raise Invalid(errors=faults) from error
    saved = get_version(draft.key, draft.version or get_rule_set(draft.key)["latest_version"])
    return draft.key, saved["version"], saved["document"]
