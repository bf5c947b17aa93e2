"""What tests put into a shop: orders with what they were charged, estimates, costs, rates, profiles."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors import models as c
from connectors.facts.charges import Charge
from connectors.facts.fees import FeeEstimate
from connectors.facts.orders import OrderLine
from pricing.models import ListingProfile
from tenants.context import use_public
from tenants.models import FXRate
from tests.pricing.promotions.shops import NOW, PROVENANCE

TODAY = date(2026, 10, 1)


def sell(
    store_id: int,
    sku: str,
    order: str,
    *,
    price: str,
    referral: str,
    fulfilment: str,
    quantity: int = 1,
    on: date = TODAY,
    tax: str = "0",
    collector: str = "platform",
    currency: str = "USD",
) -> None:
    """An order of some units at a price (tax on top of it unless the seller collects), and its fees."""
    at = datetime(on.year, on.month, on.day, 18, tzinfo=UTC)
    gross = Decimal(price) * quantity + (Decimal(tax) if collector == "platform" else 0)
    OrderLine.objects.create(
        store_id=store_id,
        platform_order_id=order,
        line_no="1",
        sku=sku,
        product_id=f"B0{sku}",
        ordered_at=at,
        business_on=on,
        status="shipped",
        channel="platform",
        quantity=quantity,
        currency=currency,
        gross_amount=gross,
        tax_amount=Decimal(tax),
        tax_collector=collector,
        shipping_amount=0,
        shipping_tax_amount=0,
        discount_amount=0,
        points_amount=0,
        is_replacement=False,
        is_business=False,
        buyer_hash="",
        **PROVENANCE,
    )
    for kind, amount in (("referral_fee", referral), ("fulfilment_fee", fulfilment)):
        charge(store_id, sku, order, kind, f"-{amount}", on, currency)


def charge(
    store_id: int, sku: str, order: str, kind: str, amount: str, on: date, currency: str = "USD"
) -> None:
    """A leaf of a transaction."""
    Charge.objects.create(
        store_id=store_id,
        transaction_id=f"{order}-{kind}-{amount}",
        line_no="1",
        kind=kind,
        status="released",
        platform_order_id=order,
        sku=sku,
        posted_at=datetime(on.year, on.month, on.day, 20, tzinfo=UTC),
        business_on=on,
        cohort_on=on,
        quantity=1,
        currency=currency,
        amount=Decimal(amount),
        description=kind,
        **PROVENANCE,
    )


def estimate(
    store_id: int, sku: str, *, price: str, referral: str, fulfilment: str, on: date = TODAY
) -> None:
    """The platform's estimate of a unit."""
    FeeEstimate.objects.create(
        store_id=store_id,
        sku=sku,
        product_id=f"B0{sku}",
        estimated_on=on,
        currency="USD",
        price_amount=Decimal(price),
        referral_amount=Decimal(referral),
        fulfilment_amount=Decimal(fulfilment),
        closing_amount=0,
        other_amount=0,
        total_amount=Decimal(referral) + Decimal(fulfilment),
        **PROVENANCE,
    )


def profile(store_id: int, sku: str, **values: Any) -> None:
    """What was stated of a listing: home and kitchen, a small box of a pound, unless told."""
    stated: dict[str, Any] = {
        "fee_category": "home_kitchen",
        "length_cm": Decimal("20.32"),
        "width_cm": Decimal("12.7"),
        "height_cm": Decimal("7.62"),
        "weight_grams": Decimal("453.59237"),
        **values,
    }
    ListingProfile.objects.create(store_id=store_id, sku=sku, updated_at=NOW, updated_by="test", **stated)


def cost(sku: str, **lines: tuple[str, str]) -> None:
    """A cost sheet in force since January: line=(amount, currency)."""
    sheet = c.CostSheet.objects.create(
        sku=sku,
        market="",
        channel="",
        effective_on=date(2026, 1, 1),
        version=1,
        source="api",
        recorded_at=NOW,
    )
    for line, (amount, currency) in lines.items():
        c.CostSheetLine.objects.create(sheet=sheet, line=line, amount=Decimal(amount), currency=currency)


def days_back(count: int) -> list[date]:
    """The last days, today among them, oldest first."""
    return [TODAY - timedelta(days=back) for back in range(count - 1, -1, -1)]


def yuan(first: str, last: str) -> None:
    """One dollar is `first` yuan until ten days ago and `last` yuan since; a euro is 1.10 dollars."""
    rows = []
    for on in days_back(100):
        rate = Decimal(last if (TODAY - on).days < 10 else first)
        rows.append(FXRate(currency="CNY", rate_on=on, per_eur=rate * Decimal("1.1")))
        rows.append(FXRate(currency="USD", rate_on=on, per_eur=Decimal("1.1")))
    with use_public():
        FXRate.objects.bulk_create(rows)
