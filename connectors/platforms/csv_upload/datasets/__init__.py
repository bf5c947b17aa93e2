"""Every dataset that can be handed in, by its key: the one table."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.platforms.csv_upload.datasets import deliveries, master, proofs, reach, sales, service, stock
from connectors.platforms.csv_upload.fields import Dataset

DATASETS: Mapping[str, Dataset] = {
    dataset.key: dataset
    for dataset in (
        sales.ORDERS,
        sales.CHARGES,
        sales.SETTLEMENTS,
        sales.RETURNS,
        stock.INVENTORY,
        stock.INVENTORY_AGE,
        stock.LISTINGS,
        stock.OFFERS,
        stock.FEE_ESTIMATES,
        reach.TRAFFIC,
        reach.ADS,
        reach.RANKS,
        reach.FUNNEL,
        deliveries.SHIPMENTS,
        deliveries.INBOUND,
        deliveries.CUSTOMS,
        service.CONVERSATIONS,
        service.REVIEWS,
        service.SURVEYS,
        service.CLAIMS,
        service.FEEDBACK,
        service.PERFORMANCE,
        proofs.CERTIFICATES,
        proofs.EVIDENCE,
        proofs.EVENTS,
        proofs.EXPENSES,
        proofs.PAYOUTS,
        proofs.WORK,
        master.COST_SHEETS,
        master.PRODUCTS,
    )
}


def streams_of(dataset: str) -> tuple[str, ...]:
    """The streams a dataset fills in for, by the keys that KPIs need; a key of no dataset is one itself."""
    known = DATASETS.get(dataset)
    return known.streams if known is not None and known.streams else (dataset,)


def dataset_of(stream: str) -> Dataset | None:
    """The dataset that feeds a stream, None if no upload does."""
    return next((each for each in DATASETS.values() if stream in each.streams), None)
