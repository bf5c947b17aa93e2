"""Does each kind of record go into its own table whole, and a second time without a trace?"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest
from django.db import connection

from connectors.facts.settlements import SettlementLine
from connectors.models import DirtyDay
from connectors.services.ingest import store_page
from connectors.services.runs import RunRef
from connectors.services.tables import TABLES, TableSpec
from connectors.types import (
    ChargeKind,
    FeeEstimateRecord,
    OfferRecord,
    OrderStatus,
    Record,
    SettlementLineRecord,
)
from tests.connectors.fakes import DAY, at, charge, order_line, page_of

SPECS = pytest.mark.parametrize("spec", TABLES.values(), ids=lambda spec: spec.table)


def sample(record: type[Record], number: int = 1, *, nothing: bool = False) -> Any:
    """A record with a telling value in every field, or None wherever None is allowed."""
    return record(
        **{name: _value(name, hint, number, nothing) for name, hint in get_type_hints(record).items()}
    )


def _value(name: str, hint: Any, number: int, nothing: bool) -> Any:
    kinds = get_args(hint) or (hint,)
    if NoneType in kinds and nothing:
        return None
    kind = next(k for k in kinds if k is not NoneType)
    if issubclass(kind, StrEnum):
        return next(iter(kind))
    if name == "currency":
        return "USD"
    if name == "cancelled_by":
        return "seller"
    known = {
        bool: number % 2 == 0,
        int: number,
        str: f"{name[:12]}-{number}",
        Decimal: Decimal("0.1234") + number,
        date: DAY + timedelta(days=number),
        datetime: at(DAY) + timedelta(hours=number, microseconds=number),
    }
    return known[kind]


@SPECS
@pytest.mark.parametrize("nothing", [False, True], ids=["full", "empty"])
def test_a_record_comes_back_as_it_went_in(run: RunRef, spec: TableSpec, nothing: bool) -> None:
    """Every column, nulls included; delivered again it changes nothing; changed it is rewritten."""
    first, second = sample(spec.record, 1, nothing=nothing), sample(spec.record, 2, nothing=nothing)
    outcome = store_page(run=run, page=page_of(first, second))
    assert (outcome.rows_read, outcome.rows_written) == (2, 2)
    assert outcome.dirty_days >= 1
    stored = list(spec.model.objects.order_by("id"))
    for record, row in zip((first, second), stored, strict=True):
        for field in fields(record):
            assert getattr(row, field.name) == getattr(record, field.name), field.name
    assert store_page(run=run, page=page_of(second, first)).rows_written == 0
    newer = replace(first, source_updated_at=first.source_updated_at + timedelta(days=9))
    written = store_page(run=run, page=page_of(newer, second)).rows_written
    assert written == (0 if spec.is_observed else 1)


def test_settlement_lines_are_replaced_by_settlement(run: RunRef) -> None:
    """The lines of a settlement are a set like those of an order, numbered by integers."""
    one, two, ten = (
        replace(sample(SettlementLineRecord, 1), settlement_id="S", line_no=number, source_updated_at=at(DAY))
        for number in (1, 2, 10)
    )
    store_page(run=run, page=page_of(one, two, ten, replaces=("S",)))
    later = [replace(line, source_updated_at=at(DAY, 20)) for line in (one, two)]
    store_page(run=run, page=page_of(*later, replaces=("S",)))
    assert list(SettlementLine.objects.order_by("line_no").values_list("line_no", flat=True)) == [1, 2]


def test_fee_estimates_touch_the_days_whose_fees_are_estimated(run: RunRef) -> None:
    """Days with live orders of the SKU that no referral fee was charged for yet, and no others."""
    days = [DAY + timedelta(days=n) for n in range(3)]
    store_page(
        run=run,
        page=page_of(
            order_line("O-0", day=days[0]),
            order_line("O-1", day=days[1]),
            order_line("O-2", day=days[2], status=OrderStatus.CANCELLED),
            charge("T", order="O-1", kind=ChargeKind.REFERRAL_FEE, day=days[2]),
        ),
    )
    DirtyDay.objects.all().delete()
    estimate = replace(sample(FeeEstimateRecord), sku="SKU-1", estimated_on=days[2])
    store_page(run=run, page=page_of(estimate))
    marked = set(DirtyDay.objects.values_list("family", "business_on"))
    assert marked == {("fees", days[0]), ("fees", days[2])}


def test_changed_offers_are_told_with_their_products(run: RunRef) -> None:
    """Once per page, in the transaction of the page; an unchanged page tells nothing."""
    page = page_of(sample(OfferRecord, 1), sample(OfferRecord, 2))
    store_page(run=run, page=page)
    store_page(run=run, page=page)
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM ledger_outboxevent WHERE type = 'connectors.offers_changed'")
        payloads = [payload for (payload,) in cursor.fetchall()]
    assert len(payloads) == 1
    assert "product_id-1" in str(payloads[0])
    assert "product_id-2" in str(payloads[0])
