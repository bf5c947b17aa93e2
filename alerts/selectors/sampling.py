"""Automated results waiting for a person's check, and how often people agreed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from alerts.engine.proportions import Share, wilson
from alerts.engine.sampling import DEFAULT_SHARES, Answer, SampleKind
from alerts.models import Alert, SampledItem, SamplingSetting
from config.lib import clock
from config.lib.errors import NotFound
from config.lib.money import Money
from connectors.types import StoreRef
from pricing.selectors.competitors import findings_of
from pricing.selectors.price_bands import own_products
from pricing.selectors.recommendations import recommendations_query
from tenants.context import require_client

Row = dict[str, Any]
ITEM = (
    "id", "kind", "reference", "store_id", "result", "seed", "share", "drawn_at", "answer", "note",
    "answered_at", "answered_by", "version",
)  # fmt: skip
SETTING = ("kind", "share", "seed", "drawn_through", "version", "changed_at", "changed_by")

#: A result that can be drawn: its store, its reference, and what the automation found.
Candidate = tuple[str, Row]


def items_query(
    *, kind: str | None = None, store_id: int | None = None, is_answered: bool | None = None
) -> QuerySet[Any, Any]:
    """Drawn results, for paging."""
    asked = {"kind": kind, "store_id": store_id}
    rows = SampledItem.objects.filter(**{name: value for name, value in asked.items() if value is not None})
    if is_answered is not None:
        rows = rows.filter(answered_at__isnull=not is_answered)
    shown: QuerySet[Any, Any] = rows.values(*ITEM)
    return shown


def get_item(item_id: int) -> Row:
    """Return one drawn result; `NotFound`."""
    row = SampledItem.objects.filter(pk=item_id).values(*ITEM).first()
    if row is None:
        raise NotFound(f"There is no sampled item {item_id}.")
    return dict(row)


def list_settings() -> list[Row]:
    """Return the share of every kind; version 0 is the default that nobody has changed."""
    return [get_setting(kind) for kind in SampleKind]


def get_setting(kind: SampleKind) -> Row:
    """Return the share and seed of a kind."""
    row = SamplingSetting.objects.filter(kind=kind.value).values(*SETTING).first()
    if row is not None:
        return dict(row)
    return {
        "kind": kind.value,
        "share": DEFAULT_SHARES[kind],
        "seed": default_seed(),
        "drawn_through": None,
        "version": 0,
        "changed_at": None,
        "changed_by": "",
    }


def default_seed() -> str:
    """The seed of a client that has chosen none."""
    return f"client-{require_client().id}"


def list_rates(*, days: int, store_id: int | None = None) -> list[tuple[SampleKind, Share, int]]:
    """Return per kind how often people agreed in the last days, and how many results wait for an answer."""
    since = clock.now() - timedelta(days=days)
    rows = SampledItem.objects.all() if store_id is None else SampledItem.objects.filter(store_id=store_id)
    answered = Q(answered_at__gte=since)
    counted = {
        row["kind"]: row
        for row in rows.values("kind").annotate(
            n=Count("id", filter=answered),
            hits=Count("id", filter=answered & Q(answer=Answer.AGREE.value)),
            waiting=Count("id", filter=Q(answered_at__isnull=True)),
        )
    }
    nothing = {"n": 0, "hits": 0, "waiting": 0}
    found = [(kind, counted.get(kind.value, nothing)) for kind in SampleKind]
    return [(kind, wilson(row["hits"], row["n"]), row["waiting"]) for kind, row in found]


def list_candidates(kind: SampleKind, store: StoreRef, since: datetime, until: datetime) -> list[Candidate]:
    """Return the results of a kind that a store got after `since`, up to `until`.

    A competitor match stands for as long as the offer does; it is a new candidate every month.
    """
    makers = {
        SampleKind.COMPETITOR_MATCH: _matches,
        SampleKind.PRICE_SUGGESTION: _suggestions,
        SampleKind.ABNORMAL_CLICKS: _clicks,
    }
    return list(makers[kind](store, since, until))


def _matches(store: StoreRef, since: datetime, until: datetime) -> Iterator[Candidate]:
    products, packs, conditions = own_products(store)
    found = findings_of(store=store, product_ids=products, at=until, packs=packs, conditions=conditions)
    for product_id, findings in sorted(found.items()):
        for judged in findings.offers:
            offer = judged.offer
            if offer.is_own:
                continue
            seen = "|".join((product_id, offer.seller_id, offer.condition, offer.channel))
            price = Money(offer.landed, offer.currency).to_json()
            yield (
                f"{store.id}|{seen}|{until:%Y-%m}"[:200],
                {
                    "product_id": product_id,
                    "seller_id": offer.seller_id,
                    "condition": offer.condition,
                    "channel": offer.channel,
                    "landed_price": f"{price['amount']} {price['currency']}",
                    "observed_at": offer.observed_at.isoformat(),
                    "verdict": "rival" if judged.drop is None else f"dropped: {judged.drop}",
                },
            )


def _suggestions(store: StoreRef, since: datetime, until: datetime) -> Iterator[Candidate]:
    rows = recommendations_query(store_id=store.id).filter(opened_at__gt=since, opened_at__lte=until)
    for row in rows.order_by("id"):
        yield (
            f"recommendation:{row['id']}",
            {
                "recommendation_id": str(row["id"]),
                "sku": row["sku"],
                "current": f"{row['current_amount']} {row['currency']}",
                "suggested": f"{row['suggested_amount']} {row['currency']}",
                "verdict": row["headline"],
            },
        )


def _clicks(store: StoreRef, since: datetime, until: datetime) -> Iterator[Candidate]:
    rows = Alert.objects.filter(
        detector="abnormal_clicks", store_id=store.id, fired_at__gt=since, fired_at__lte=until
    )
    for row in rows.order_by("id"):
        yield (
            f"alert:{row.pk}",
            {
                "alert_id": str(row.pk),
                "subject": row.subject,
                "observed": str(row.observed),
                "limit": str(row.limit),
                "verdict": row.basis,
            },
        )
