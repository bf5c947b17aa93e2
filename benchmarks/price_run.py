"""How long does a pricing run over a whole store take (P23)? 10,000 listings, a fifth get a suggestion.

The run is the product's own: contexts, rules, checks, families, suggestions with snapshots, an item each.
Beside it stands what no run could do without: reading the same contexts and writing a plain row per listing.
Told are seconds per 10,000 listings as a share of the 60 s that are allowed. The control looks at 100
listings one by one, a transaction each, and must miss the goal.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from django.db import transaction

from benchmarks import database, measure
from config.lib import clock
from pricing.models import PricingRunItem, Recommendation
from pricing.selectors.context import load_contexts
from pricing.selectors.runs import list_listed_skus
from pricing.services import recommend
from pricing.services.recommend import refresh
from tenants.context import use_tenant
from tests.pricing.recommendations.shop import NOW, make_shop, put_in_force

LISTINGS = int(os.environ.get("LISTINGS", "10000"))
SINGLY = 100
ALLOWED_SECONDS, WHOLE = 60, 10_000


def main() -> None:
    """Fill a database of its own and run."""
    with database.throwaway(), clock.frozen(NOW), use_tenant(database.make_client("bench")):
        store_id = make_shop(LISTINGS)
        put_in_force()
        # Fee tables are read from their files once per process, which a worker has behind it.
        load_contexts(store_id=store_id, skus=list_listed_skus(store_id)[:1])
        bare = _seconds(lambda: _load_and_save(store_id))
        first = _seconds(lambda: _require(refresh(store_id=store_id).opened, -(-LISTINGS // 5)))
        again = _seconds(lambda: _require(refresh(store_id=store_id).confirmed, -(-LISTINGS // 5)))
        skus = list_listed_skus(store_id)[:SINGLY]
        Recommendation.objects.all().delete()
        step, recommend.STEP = recommend.STEP, 1
        control = _seconds(lambda: refresh(store_id=store_id, skus=skus)) / SINGLY * WHOLE
        recommend.STEP = step
        scale = WHOLE / LISTINGS
        measure.report(
            "P23",
            ratio=first * scale / ALLOWED_SECONDS,
            goal=1.0,
            at="most",
            n=1,
            control_fails=control > ALLOWED_SECONDS,
            detail={
                "what": "a run over 10,000 listings with an item each / 60 s",
                "listings": LISTINGS,
                "first_s": round(first, 2),
                "again_s": round(again, 2),
                "load_and_save_alone_s": round(bare, 2),
                "run_to_load_and_save": round(first / bare, 2),
                "one_by_one_s": round(control, 1),
            },
        )


def _load_and_save(store_id: int) -> None:
    """Contexts by the same steps, and a row for each: the least that a run has to do."""
    skus = list_listed_skus(store_id)
    for n in range(0, len(skus), recommend.STEP):
        with transaction.atomic():
            found = load_contexts(store_id=store_id, skus=skus[n : n + recommend.STEP])
            PricingRunItem.objects.bulk_create(
                [PricingRunItem(run_id=0, sku=each.sku, outcome="hold", headline="") for each in found]
            )


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _require(found: int, wanted: int) -> None:
    if found != wanted:
        raise AssertionError(f"{found} suggestions instead of {wanted}")


if __name__ == "__main__":
    main()
